import { parentPort, workerData } from 'node:worker_threads'
import { assert } from '../../core/assert.js'
import { type ThreadData, type ThreadReply, type ThreadRequest, toThreadError } from './thread-protocol.js'

type AnyCalls = Readonly<Record<string, ((args: unknown) => unknown) | undefined>>

const port = parentPort
assert(port !== null, 'this file is the entry of a thread')
const reply = (message: ThreadReply): void => port.postMessage(message)

/** Each thread loads only what its own file needs. */
async function open(data: ThreadData): Promise<AnyCalls> {
  switch (data.store) {
    case 'journal': {
      const { openJournalThread } = await import('./journal-thread.js')
      return openJournalThread(data.path) as unknown as AnyCalls
    }
    case 'views': {
      const { openViewsThread } = await import('./views-thread.js')
      return (await openViewsThread(data)) as unknown as AnyCalls
    }
    case 'streams': {
      const { openStreamsThread } = await import('./streams-thread.js')
      return (await openStreamsThread(data.path)) as unknown as AnyCalls
    }
    case 'replay': {
      const { openReplayThread } = await import('./replay-thread.js')
      return openReplayThread(data) as unknown as AnyCalls
    }
  }
}

async function answer(calls: AnyCalls, { id, name, args }: ThreadRequest): Promise<void> {
  try {
    const call = calls[name]
    assert(call !== undefined, `the store has no call ${name}`)
    reply({ kind: 'result', id, result: await call(args) })
  } catch (thrown) {
    reply({ kind: 'error', id, error: toThreadError(thrown) })
  }
}

open(workerData as ThreadData).then(
  (calls) => {
    let previous = Promise.resolve()
    port.on('message', (request: ThreadRequest) => {
      previous = previous.then(() => answer(calls, request))
    })
    reply({ kind: 'ready' })
  },
  (thrown: unknown) => {
    reply({ kind: 'error', id: null, error: toThreadError(thrown) })
  },
)
