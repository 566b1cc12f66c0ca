import { setTimeout as wait } from 'node:timers/promises'
import { type Child, startChild } from './child.js'
import { nowMs } from './clock.js'

export interface Payload {
  readonly n: number
  readonly text: string
}

/** What a queue's adapter gives the submitter's process. */
export interface Submitter {
  /** Resolves when the queue has acknowledged the task. */
  submit(payload: Payload): Promise<void>
  /** Tasks whose completion is stored, of all that were ever submitted. */
  stored(): Promise<number>
  /** How the server keeps what it acknowledges, as read back from it. */
  settings(): Promise<string>
}

/** What every adapter exports: our own (queue-adapter.ts) and those of bench/peers. */
export interface QueueAdapter {
  openSubmitter(address: string): Promise<Submitter>
  startWorker(
    address: string,
    concurrency: number,
    ran: (payload: Payload) => void,
  ): Promise<{ stop(): Promise<void> }>
}

export type SubmitterRequest =
  | { readonly do: 'settings' }
  | { readonly do: 'stored' }
  | { readonly do: 'submit'; readonly count: number; readonly inFlight: number }

export interface Submitted {
  readonly startedAtMs: number
  readonly ackedAtMs: number
}

/** `ran`: answered when the function was called `count` times in all, with the time of that call. */
export type WorkerRequest = { readonly do: 'start' | 'stop' } | { readonly do: 'ran'; readonly count: number }

export interface Ran {
  readonly atMs: number
}

export interface Latency {
  readonly startMs: readonly number[]
  readonly submitMs: readonly number[]
}

const inFlight = 100
/** Between two looks whether everything is stored. */
const lookMs = 5
const lostAfterMs = 60_000

/** One queue: its server, a process that submits, and one that works. All queues run the same code, but for the adapter. */
export class QueueSide {
  readonly name: string
  readonly #submitter: Child
  readonly #worker: Child
  /** Submitted, and therefore also what has to run and be stored in the end. */
  #count = 0

  constructor(name: string, adapter: string, address: string) {
    this.name = name
    this.#submitter = startChild('queue-submitter.js', [adapter, address])
    this.#worker = startChild('queue-worker.js', [adapter, address])
  }

  get submitted(): number {
    return this.#count
  }

  settings(): Promise<string> {
    return this.#ask<string>({ do: 'settings' })
  }

  startWorker(): Promise<unknown> {
    return this.#tell({ do: 'start' })
  }

  stopWorker(): Promise<unknown> {
    return this.#tell({ do: 'stop' })
  }

  /** Tasks a second, from the first submit to the last stored completion. The worker runs. */
  async live(tasks: number): Promise<number> {
    const ran = this.#tell({ do: 'ran', count: this.#count + tasks })
    const { startedAtMs } = await this.submit(tasks)
    await ran
    return (tasks * 1000) / ((await this.#stored()) - startedAtMs)
  }

  /** Tasks a second, from the worker's start to the last stored completion. The worker is stopped before and after. */
  async drain(tasks: number): Promise<number> {
    await this.submit(tasks)
    const startedAtMs = nowMs()
    await this.startWorker()
    await this.#tell({ do: 'ran', count: this.#count })
    const doneAtMs = await this.#stored()
    await this.stopWorker()
    return (tasks * 1000) / (doneAtMs - startedAtMs)
  }

  /** One in flight: the next submit follows the stored completion of the one before. */
  async latency(tasks: number): Promise<Latency> {
    const startMs: number[] = []
    const submitMs: number[] = []
    for (let n = 0; n < tasks; n += 1) {
      const ran = this.#tell<Ran>({ do: 'ran', count: this.#count + 1 })
      const { startedAtMs, ackedAtMs } = await this.submit(1)
      const { atMs } = await ran
      startMs.push(atMs - startedAtMs)
      submitMs.push(ackedAtMs - startedAtMs)
      await this.#stored()
    }
    return { startMs, submitMs }
  }

  async submit(tasks: number): Promise<Submitted> {
    const submitted = await this.#ask<Submitted>({ do: 'submit', count: tasks, inFlight })
    this.#count += tasks
    return submitted
  }

  end(): void {
    this.#submitter.end()
    this.#worker.end()
  }

  /** When every completion was stored, as a look at the store tells. */
  async #stored(): Promise<number> {
    const givenUpAtMs = nowMs() + lostAfterMs
    for (;;) {
      const stored = await this.#ask<number>({ do: 'stored' })
      const atMs = nowMs()
      if (stored === this.#count) return atMs
      if (stored > this.#count || atMs > givenUpAtMs)
        throw new Error(`${this.name}: ${stored} of ${this.#count} tasks are stored as completed`)
      await wait(lookMs)
    }
  }

  #ask<T>(request: SubmitterRequest): Promise<T> {
    return this.#submitter.ask<T>(request)
  }

  #tell<T>(request: WorkerRequest): Promise<T> {
    return this.#worker.ask<T>(request)
  }
}
