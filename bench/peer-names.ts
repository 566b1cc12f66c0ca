/** The queues that `queue` is measured beside, in the order of its rows. */
export const peerNames: readonly string[] = ['bullmq-everysec', 'bullmq-always', 'pg-boss', 'graphile-worker']
