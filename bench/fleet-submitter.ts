import { setTimeout as wait } from 'node:timers/promises'

// The package as it is built, like the leader beside it.
const built = new URL('../../../dist/compose/worker.js', import.meta.url)
const { createSubmitter }: typeof import('../src/compose/worker.js') = await import(built.href)

/** Submits at a pace, as long as asked; answered when every one is acknowledged. */
export interface PaceRequest {
  readonly leader: string
  readonly token: string
  readonly tasksPerS: number
  readonly forMs: number
}

const tickMs = 10
const submitters = new Map<string, ReturnType<typeof createSubmitter>>()

async function submit({ leader, token, tasksPerS, forMs }: PaceRequest): Promise<number> {
  const submitter = submitters.get(leader) ?? createSubmitter({ leader, token, caPem: null })
  submitters.set(leader, submitter)
  const acknowledged: Promise<unknown>[] = []
  const startedAt = performance.now()
  for (let elapsedMs = 0; elapsedMs < forMs; elapsedMs = performance.now() - startedAt) {
    // What a late tick owes is made up for.
    while (acknowledged.length < (elapsedMs * tasksPerS) / 1_000)
      acknowledged.push(submitter.submit({ type: 'command', payload: { command: ['true'] } }))
    await wait(tickMs)
  }
  await Promise.all(acknowledged)
  return acknowledged.length
}

process.on('message', async (request: PaceRequest) => process.send?.({ tasks: await submit(request) }))
