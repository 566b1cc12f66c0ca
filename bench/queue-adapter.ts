import type { Payload, QueueAdapter } from './queue-side.js'

// The packages as they are built, like the leader beside them.
const built = new URL('../../../dist/', import.meta.url)
const client: typeof import('../src/client/index.js') = await import(new URL('client/index.js', built).href)
const worker: typeof import('../src/compose/worker.js') = await import(
  new URL('compose/worker.js', built).href
)

/** What the processes of our side need to know of the leader. */
export interface LeaderAddress {
  readonly api: string
  readonly token: string
  readonly grpc: string
  readonly joinFile: string
}

const addressOf = (address: string): LeaderAddress => JSON.parse(address)

/** Ours, through the packages that programs use. */
export const openSubmitter: QueueAdapter['openSubmitter'] = async (address) => {
  const { api: url, token, grpc } = addressOf(address)
  const leader = client.createClient({ url, token })
  const submitter = worker.createSubmitter({ leader: grpc, token, caPem: null })
  return {
    submit: async (payload) => void (await submitter.submit({ type: 'bench', payload: { ...payload } })),
    stored: async () => (await leader.stats()).tasks.completed,
    settings: async () => {
      const { durability, version } = await leader.stats()
      if (durability !== 'each-commit') throw new Error(`the leader says that its log is ${durability}`)
      return `AgentFlow ${version}: durability=${durability}: WAL, one fdatasync a commit before anybody is told`
    },
  }
}

export const startWorker: QueueAdapter['startWorker'] = async (address, concurrency, ran) => {
  const { grpc: leader, joinFile } = addressOf(address)
  const running = worker.createWorker<{ bench: Payload }>({
    ...{ leader, joinFile, name: 'bench', concurrency },
    handlers: { bench: async ({ task }) => ran(task.payload) },
  })
  await running.ready
  return { stop: () => running.close() }
}
