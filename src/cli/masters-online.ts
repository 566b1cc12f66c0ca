import type { Client } from '../client/index.js'
import { ControlError } from '../core/errors.js'
import { limits } from '../core/limits.js'

/** Resolves when the leader says that all these masters are online; rejects after limits.childReadyMs. */
export async function mastersOnline(client: Client, names: readonly string[]): Promise<void> {
  if (names.length === 0) return
  const awaited = new Set(names)
  await new Promise<void>((resolve, reject) => {
    const finish = (settle: () => void): void => {
      clearTimeout(deadline)
      live.close()
      settle()
    }
    const deadline = setTimeout(
      () =>
        finish(() =>
          reject(
            new ControlError('unavailable', `${[...awaited].join(' and ')} did not join the leader in time.`),
          ),
        ),
      limits.childReadyMs,
    )
    const seen = (node: object): void => {
      if (!('workerId' in node) || !('status' in node) || node.status !== 'online') return
      if (awaited.delete(String(node.workerId)) && awaited.size === 0) finish(resolve)
    }
    const live = client.live({
      topics: ['nodes'],
      onMessage: (message) => {
        if (message.type === 'NODE_STATUS') seen(message.node)
        else if (message.type === 'SNAPSHOT' && message.topic === 'nodes')
          for (const node of message.items) seen(node)
      },
    })
  })
}
