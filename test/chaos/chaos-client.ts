import { setTimeout as pause } from 'node:timers/promises'
import { type Client, ControlError, type SubmitTask } from '../../src/client/index.js'
import type { Seeded } from '../../src/testing/simulator/seeded.js'
import type { Entry, History } from './history.js'
import { seen } from './seen.js'
import { drawTask, type WorkPlace } from './work.js'

const quietMsMax = 150
/** Before a call without an answer is made again. */
const againMs = 250
const againMax = 400
/** How long a cancel waits for its receipt to be final. */
const receiptWaitMs = 2_000

/** Outcomes that leave it open whether something was done. */
const open: readonly string[] = ['outcome_unknown', 'unavailable', 'deadline_exceeded']

interface Known {
  readonly key: string
  readonly body: SubmitTask
  readonly taskId: string
}

export interface ChaosClientOptions {
  readonly name: string
  readonly client: Client
  readonly random: Seeded
  readonly history: History
  readonly place: WorkPlace
  /** Numbers calls over all clients. */
  readonly nextOp: () => number
}

/** Submits, cancels, retries and asks, one call after the other, and writes down each call and its answer. */
export class ChaosClient {
  readonly #options: ChaosClientOptions
  readonly #tasks: Known[] = []
  #keys = 0

  constructor(options: ChaosClientOptions) {
    this.#options = options
  }

  /** Goes on until the signal; then only what is open is brought to an answer. */
  async run(signal: AbortSignal): Promise<void> {
    const { random } = this.#options
    while (!signal.aborted) {
      await this.#step()
      await pause(random.int(0, quietMsMax))
    }
  }

  async #step(): Promise<void> {
    const { random } = this.#options
    const draw = random.fraction()
    const one = this.#tasks.at(-random.int(1, Math.min(this.#tasks.length, 12)))
    if (one === undefined || draw < 0.45) return this.#submitNew()
    if (draw < 0.7) return this.#read(one.taskId)
    if (draw < 0.8) return this.#control('cancel', one.taskId)
    if (draw < 0.87) return this.#control('retry', one.taskId)
    if (draw < 0.96) await this.#submit(one.key, one.body)
    else await this.#submit(one.key, { ...one.body, name: 'another body' })
  }

  async #submitNew(): Promise<void> {
    const { name, random, place } = this.#options
    this.#keys += 1
    const key = `${name}-${this.#keys}`
    const body = drawTask(
      random,
      key,
      place,
      this.#tasks.map(({ taskId }) => taskId),
    )
    const taskId = await this.#submit(key, body)
    if (taskId !== null) this.#tasks.push({ key, body, taskId })
  }

  /** Again under its key until there is an answer; null when it was refused. */
  async #submit(key: string, body: SubmitTask): Promise<string | null> {
    const { client } = this.#options
    for (let again = 0; again < againMax; again += 1) {
      const op = this.#begin({ type: 'submit', key, body: JSON.stringify(body) })
      const answer = await this.#end(op, async () => {
        const { task, created } = await client.submit(body, { idempotencyKey: key })
        return { type: 'submitted', op, taskId: task.taskId, created }
      })
      if (answer.type === 'submitted') return answer.taskId
      if (answer.type === 'refused') return null
      await pause(againMs)
    }
    return null
  }

  async #control(act: 'cancel' | 'retry', taskId: string): Promise<void> {
    const { client } = this.#options
    const op = this.#begin({ type: 'control', act, taskId })
    await this.#end(op, async () => {
      const receipt = await client.control(taskId, act, { waitMs: receiptWaitMs })
      return { type: 'controlled', op, state: receipt?.state ?? null }
    })
  }

  async #read(taskId: string): Promise<void> {
    const { client } = this.#options
    const op = this.#begin({ type: 'read', taskId })
    await this.#end(op, async () => ({ type: 'answered', op, task: seen(await client.task(taskId)) }))
  }

  #begin(entry: WithoutOp<Extract<Entry, { type: 'submit' | 'control' | 'read' }>>): number {
    const op = this.#options.nextOp()
    this.#options.history.write({ ...entry, op })
    return op
  }

  async #end(op: number, call: () => Promise<Entry>): Promise<Entry> {
    const entry = await call().catch((thrown: unknown): Entry => {
      if (!(thrown instanceof ControlError)) throw thrown
      return { type: open.includes(thrown.code) ? 'unknown' : 'refused', op, code: thrown.code }
    })
    this.#options.history.write(entry)
    return entry
  }
}

type WithoutOp<Each> = Each extends unknown ? Omit<Each, 'op'> : never
