import { nowMs } from './clock.js'
import type { Payload, QueueAdapter, Submitted, SubmitterRequest } from './queue-side.js'

/** The process that submits: as many at a time as asked for, each acknowledged by itself. */
const [adapter = '', address = ''] = process.argv.slice(2)
const { openSubmitter } = (await import(adapter)) as QueueAdapter
const submitter = await openSubmitter(address)
const text = 'x'.repeat(100)
let n = 0

async function submit(count: number, inFlight: number): Promise<Submitted> {
  let left = count
  const startedAtMs = nowMs()
  const lane = async () => {
    while (left > 0) {
      left -= 1
      n += 1
      await submitter.submit({ n, text } satisfies Payload)
    }
  }
  await Promise.all(Array.from({ length: Math.min(count, inFlight) }, lane))
  return { startedAtMs, ackedAtMs: nowMs() }
}

function answer(request: SubmitterRequest): Promise<unknown> {
  switch (request.do) {
    case 'settings':
      return submitter.settings()
    case 'stored':
      return submitter.stored()
    case 'submit':
      return submit(request.count, request.inFlight)
  }
}

process.on('message', async (request: SubmitterRequest) => process.send?.(await answer(request)))
