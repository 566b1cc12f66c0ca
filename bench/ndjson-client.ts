import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'

/** Sends items as lines as fast as they are taken, and reads their results at a pace of its own. */
export interface LinesRequest {
  readonly api: string
  readonly token: string
  readonly items: number
  /** What it reads in a second; the rest waits at the server. */
  readonly bytesPerS: number
}

export interface LinesAnswer {
  readonly results: number
  readonly refused: number
  readonly error: string | null
}

const linesPerWrite = 500
const item = { type: 'command', payload: { command: ['true'] }, name: 'x'.repeat(40), idempotencyKey: 'one' }
const text = Buffer.from(`${JSON.stringify(item)}\n`.repeat(linesPerWrite))

async function sendLines({ api, token, items, bytesPerS }: LinesRequest): Promise<LinesAnswer> {
  const outgoing = request(`${api}/api/batches`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson' },
  })
  const failed = once(outgoing, 'error').then(([error]: Error[]) => Promise.reject(error))
  outgoing.flushHeaders()
  const [incoming] = (await Promise.race([once(outgoing, 'response'), failed])) as [IncomingMessage]
  const read = readSlowly(incoming, bytesPerS)
  const write = async (): Promise<void> => {
    for (let sent = 0; sent < items; sent += linesPerWrite)
      if (!outgoing.write(text)) await once(outgoing, 'drain')
    outgoing.end()
  }
  const [counted] = await Promise.race([Promise.all([read, write()]), failed])
  return { ...counted, error: null }
}

/** Takes what is there and then nothing until that much would have come at its pace. */
async function readSlowly(
  incoming: IncomingMessage,
  bytesPerS: number,
): Promise<{ readonly results: number; readonly refused: number }> {
  let results = 0
  let refused = 0
  let bytes = 0
  const startedAt = performance.now()
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length
    for (const byte of chunk) if (byte === 0x0a) results += 1
    refused += occurrences(chunk, '"error"')
    const aheadMs = (bytes / bytesPerS) * 1_000 - (performance.now() - startedAt)
    if (aheadMs > 1) await wait(aheadMs)
  }
  return { results, refused }
}

function occurrences(chunk: Buffer, word: string): number {
  let count = 0
  for (let at = chunk.indexOf(word); at !== -1; at = chunk.indexOf(word, at + 1)) count += 1
  return count
}

process.on('message', (lines: LinesRequest) => {
  sendLines(lines).then(
    (answer) => process.send?.(answer),
    (thrown: unknown) => process.send?.({ results: 0, refused: 0, error: String(thrown) }),
  )
})
