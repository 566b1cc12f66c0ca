import type { BatchItem } from '../contract/task.js'
import type { BatchLine } from '../contract/work.js'
import { ControlError } from '../core/errors.js'
import { lost, toControlError } from './failure.js'
import type { CallOptions, ConnectionOptions } from './rest.js'

/** Items, or lines that are sent as they are. */
export type Lines = AsyncIterable<BatchItem | string> | Iterable<BatchItem | string>

/**
 * Sends items as they come and gives a result each as it is committed, in the order of the commits. The leader takes
 * so many ahead of what is read here, so neither side gathers them. Leaving the loop ends the sending. Rejects with
 * ControlError; what was given before is done. Needs a platform whose fetch sends streams (Node does).
 */
export async function* submitLines(
  { url, token, userAgent, fetch: given }: ConnectionOptions,
  items: Lines,
  { signal }: CallOptions = {},
): AsyncGenerator<BatchLine> {
  const leaving = new AbortController()
  const ended = signal === undefined ? leaving.signal : AbortSignal.any([signal, leaving.signal])
  try {
    const response = await (given ?? fetch)(`${url}/api/batches`, {
      method: 'POST',
      signal: ended,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/x-ndjson',
        ...(userAgent === undefined ? {} : { 'user-agent': userAgent }),
      },
      body: linesOf(items, ended),
      // What fetch asks of a body that is a stream; not in the platform's types.
      ...{ duplex: 'half' },
    })
    if (!response.ok) throw toControlError(await response.json().catch(() => null), response.status)
    yield* resultsIn(response)
  } catch (thrown) {
    if (signal?.aborted === true) throw signal.reason
    if (thrown instanceof ControlError) throw thrown
    throw lost({ url, mayHaveActed: true, isLate: false, cause: thrown })
  } finally {
    leaving.abort()
  }
}

/** Items after which everything else gets its turn: a source that never waits would let nothing else run. */
const itemsPerTick = 64

/** Ends by itself when the call has: a fetch that is aborted goes on reading its body. */
function linesOf(items: Lines, ended: AbortSignal): ReadableStream<Uint8Array> {
  const source = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]()
  const encoder = new TextEncoder()
  let sent = 0
  return new ReadableStream({
    async pull(controller) {
      sent += 1
      if (sent % itemsPerTick === 0) await new Promise((resolve) => setTimeout(resolve, 0))
      if (ended.aborted) {
        await source.return?.()
        controller.close()
        return
      }
      const next = await source.next()
      if (next.done === true) controller.close()
      else controller.enqueue(encoder.encode(`${lineOf(next.value)}\n`))
    },
    async cancel() {
      await source.return?.()
    },
  })
}

const lineOf = (item: BatchItem | string): string => (typeof item === 'string' ? item : JSON.stringify(item))

async function* resultsIn(response: Response): AsyncGenerator<BatchLine> {
  const reader = response.body?.getReader()
  const decoder = new TextDecoder()
  let rest = ''
  while (reader !== undefined) {
    const { done, value } = await reader.read()
    if (done) return
    const lines = (rest + decoder.decode(value, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) yield JSON.parse(line) as BatchLine
  }
}
