import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { ControlError } from '../../core/errors.js'
import { limits } from '../../core/limits.js'
import { fromThreadError, type ThreadData, type ThreadReply, type ThreadRequest } from './thread-protocol.js'

interface Pending {
  resolve(result: unknown): void
  reject(reason: Error): void
}

/** Something that does these calls, in order: a thread, or in tests the same code on the spot. */
export interface Caller<Calls extends CallsOf<Calls>> {
  call<Name extends keyof Calls & string>(
    name: Name,
    args: Parameters<Calls[Name]>[0],
  ): Promise<Awaited<ReturnType<Calls[Name]>>>
  close(): Promise<void>
}
type CallsOf<Calls> = { [Name in keyof Calls]: (args: never) => unknown }

/**
 * The calling side of a store thread: calls are done in order, one at a time. `Calls` lists what the thread can do.
 * A call rejects with `resource_exhausted` past limits.storeCallsMax waiting ones, and with the thread's error.
 */
export class StoreThread<Calls extends CallsOf<Calls>> implements Caller<Calls> {
  readonly #worker: Worker
  readonly #pending = new Map<number, Pending>()
  #lastId = 0
  #dead: Error | null = null
  #closing: Promise<void> | null = null

  private constructor(worker: Worker) {
    this.#worker = worker
    worker.on('error', (error) => this.#die(error))
    worker.on('exit', () => this.#die(new ControlError('unavailable', 'The store is closed.')))
  }

  /** Resolves when the thread has opened its file; rejects when it cannot. */
  static async start<Calls extends CallsOf<Calls>>(data: ThreadData): Promise<StoreThread<Calls>> {
    const worker = startWorker(data)
    const thread = new StoreThread<Calls>(worker)
    await new Promise<void>((resolve, reject) => {
      thread.#pending.set(0, { resolve: () => resolve(), reject })
      worker.on('message', (reply: ThreadReply) => thread.#receive(reply))
    })
    return thread
  }

  call<Name extends keyof Calls & string>(
    name: Name,
    args: Parameters<Calls[Name]>[0],
  ): Promise<Awaited<ReturnType<Calls[Name]>>> {
    if (this.#pending.size >= limits.storeCallsMax) {
      return Promise.reject(new ControlError('resource_exhausted', 'Too many calls wait for the store.'))
    }
    return this.#request(name, args) as Promise<Awaited<ReturnType<Calls[Name]>>>
  }

  /** Finishes what was asked, closes the file and ends the thread. */
  close(): Promise<void> {
    this.#closing ??= (async () => {
      if (this.#dead !== null) return
      await this.#request('close', {})
      await this.#worker.terminate()
    })()
    return this.#closing
  }

  #request(name: string, args: unknown): Promise<unknown> {
    if (this.#dead !== null) return Promise.reject(this.#dead)
    this.#lastId += 1
    const id = this.#lastId
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject })
      this.#worker.postMessage({ id, name, args } satisfies ThreadRequest)
    })
  }

  #receive(reply: ThreadReply): void {
    const id = reply.kind === 'ready' ? 0 : (reply.id ?? 0)
    const pending = this.#pending.get(id)
    this.#pending.delete(id)
    if (reply.kind === 'error') pending?.reject(fromThreadError(reply.error))
    else pending?.resolve(reply.kind === 'result' ? reply.result : undefined)
  }

  #die(reason: Error): void {
    this.#dead ??= reason
    for (const pending of this.#pending.values()) pending.reject(this.#dead)
    this.#pending.clear()
  }
}

/** Built, the thread is plain JavaScript; from source (in tests) a line of code loads the TypeScript loader before it. */
function startWorker(workerData: ThreadData): Worker {
  if (!import.meta.url.endsWith('.ts')) {
    return new Worker(new URL('./thread-entry.js', import.meta.url), { workerData })
  }
  const loader = new URL(
    'dist/esm/api/index.mjs',
    pathToFileURL(createRequire(import.meta.url).resolve('tsx/package.json')),
  )
  const entry = new URL('./thread-entry.ts', import.meta.url)
  const source = `import('${loader}').then(({ register }) => { register(); return import('${entry}') })`
  return new Worker(source, { eval: true, workerData })
}
