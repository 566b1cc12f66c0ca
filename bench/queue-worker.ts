import { EventEmitter, once } from 'node:events'
import { nowMs } from './clock.js'
import type { QueueAdapter, Ran, WorkerRequest } from './queue-side.js'

/** The process that works: a function that only notes that it was called. */
const concurrency = 100
const lostAfterMs = 300_000

const [adapter = '', address = ''] = process.argv.slice(2)
const { startWorker } = (await import(adapter)) as QueueAdapter
const calls = new EventEmitter()
let worker: Awaited<ReturnType<typeof startWorker>> | null = null
let count = 0
let awaited = 0
let atMs = 0

function ran(): void {
  count += 1
  atMs = nowMs()
  if (count === awaited) calls.emit('reached')
}

async function reached(target: number): Promise<Ran> {
  awaited = target
  if (count < target) await once(calls, 'reached', { signal: AbortSignal.timeout(lostAfterMs) })
  return { atMs }
}

async function answer(request: WorkerRequest): Promise<unknown> {
  switch (request.do) {
    case 'start':
      worker = await startWorker(address, concurrency, ran)
      return true
    case 'stop':
      await worker?.stop()
      return true
    case 'ran':
      return reached(request.count)
  }
}

process.on('message', async (request: WorkerRequest) => process.send?.(await answer(request)))
