import type { Line } from '../contract/line.js'
import { limits } from '../core/limits.js'
import type { State } from '../core/state.js'
import type { HubMessage } from '../hub/message.js'
import type { Log } from '../ports/log.js'
import type { LineOffset, LinesUpdate } from '../ports/node-link.js'
import type { LineHead, LineRecord, Streams } from '../ports/streams.js'

interface Arrival {
  readonly nodeId: string
  readonly update: LinesUpdate
  /** Called once the lines are stored (or known, or nobody's). */
  readonly ack: (offset: LineOffset) => void
  /** Called exactly once, when nothing of it is held here any more. */
  readonly handled: () => void
  /** Its stream has ended: the master says it again on the next one. */
  readonly isOver: () => boolean
}

/** Where one run's lines stand: everything before was taken, and is stored or on its way there. */
interface RunLines {
  readonly offsets: { out: number; err: number }
}

const streamKey = (fence: number, stream: 'out' | 'err'): string => `${fence}.${stream}`

/**
 * Takes lines of live and past runs, numbers them per task, stores them by byte offset and tells the walls. A repeat
 * is dropped by its offset, a hole becomes a gap record. One batch is on its way to the store, the next one gathers;
 * the links' credit, which is given back when they are handled, bounds it.
 */
export class LineIntake {
  readonly #state: State
  readonly #streams: Streams
  readonly #log: Log
  readonly #publish: (messages: readonly HubMessage[]) => void
  readonly #wallMs: () => number
  readonly #onFatal: (reason: string, cause: unknown) => void
  readonly #runs = new Map<number, RunLines>()
  readonly #counters = new Map<string, number>()
  /** Arrivals that wait until their run's position is read from the store. */
  readonly #parked = new Map<number, Arrival[]>()
  readonly #unparking = new Set<Promise<void>>()
  #lines: LineRecord[] = []
  #heads = new Map<string, LineHead>()
  #acks: (() => void)[] = []
  #writing = false

  constructor(options: {
    state: State
    streams: Streams
    log: Log
    publish: (messages: readonly HubMessage[]) => void
    wallMs: () => number
    onFatal: (reason: string, cause: unknown) => void
  }) {
    this.#state = options.state
    this.#streams = options.streams
    this.#log = options.log
    this.#publish = options.publish
    this.#wallMs = options.wallMs
    this.#onFatal = options.onFatal
  }

  /** Where these runs stand, all of it stored; a master's welcome tells it to send on from there. */
  async positions(fences: readonly number[]): Promise<readonly LineOffset[]> {
    const unknown = fences.filter((fence) => !this.#runs.has(fence))
    await this.#load(unknown)
    await new Promise<void>((resolve) => this.#whenStored(resolve))
    return fences.flatMap((fence) => {
      const run = this.#runs.get(fence)
      if (run === undefined) return []
      return [
        { fence, stream: 'out' as const, offset: run.offsets.out },
        { fence, stream: 'err' as const, offset: run.offsets.err },
      ]
    })
  }

  take(arrival: Arrival): void {
    const { update } = arrival
    const parked = this.#parked.get(update.fence)
    if (parked !== undefined) {
      parked.push(arrival)
      return
    }
    if (this.#runs.has(update.fence) && this.#counters.has(update.taskId)) {
      this.#accept(arrival)
      return
    }
    this.#parked.set(update.fence, [arrival])
    const unparking = this.#unpark(update.fence, update.taskId).finally(() =>
      this.#unparking.delete(unparking),
    )
    this.#unparking.add(unparking)
  }

  /**
   * Resolves when every line taken so far is stored. A master sends a run's lines before its end: who has seen the end
   * and waits for this reads them all.
   */
  async settled(): Promise<void> {
    await Promise.all(this.#unparking)
    await new Promise<void>((resolve) => this.#whenStored(resolve))
  }

  async #unpark(fence: number, taskId: string): Promise<void> {
    try {
      await this.#load(this.#runs.has(fence) ? [] : [fence])
      if (!this.#counters.has(taskId)) {
        const last = await this.#streams.lastLineNumber(taskId)
        if (!this.#counters.has(taskId)) this.#counters.set(taskId, last)
      }
    } catch (failure) {
      this.#onFatal('the lines cannot be read', failure)
      return
    }
    const parked = this.#parked.get(fence) ?? []
    this.#parked.delete(fence)
    for (const arrival of parked) {
      if (arrival.isOver()) arrival.handled()
      else this.#accept(arrival)
    }
  }

  async #load(fences: readonly number[]): Promise<void> {
    if (fences.length === 0) return
    const heads = await this.#streams.lineHeads(fences)
    for (const fence of fences) {
      if (this.#runs.has(fence)) continue
      const of = (stream: 'out' | 'err') =>
        heads.find((head) => head.fence === fence && head.stream === stream)?.offset ?? 0
      this.#runs.set(fence, { offsets: { out: of('out'), err: of('err') } })
    }
    this.#bound()
  }

  /** Oldest first; a run that speaks again is read from the store again, so never while lines are on their way there. */
  #bound(): void {
    if (this.#writing) return
    for (const fence of this.#runs.keys()) {
      if (this.#runs.size <= limits.lineRunsKept) break
      this.#runs.delete(fence)
    }
    for (const taskId of this.#counters.keys()) {
      if (this.#counters.size <= limits.lineRunsKept) break
      this.#counters.delete(taskId)
    }
  }

  #accept({ nodeId, update, ack, handled }: Arrival): void {
    const run = this.#runs.get(update.fence)
    const { fence, stream, nextOffset } = update
    const done = (offset: number) => (): void => {
      ack({ fence, stream, offset })
      handled()
    }
    if (run === undefined || !this.#isHolders(nodeId, update)) {
      done(nextOffset)()
      return
    }
    const expected = run.offsets[stream]
    if (nextOffset <= expected) {
      this.#whenStored(done(expected))
      return
    }
    if (update.offset < expected) {
      // A batch that begins before what is stored cannot be cut at a line: the sender begins again from here.
      this.#log.debug('lines overlap what is stored', { fence, offset: update.offset, expected })
      handled()
      return
    }
    if (update.offset > expected) this.#addGap(nodeId, update, expected, update.offset, 'not received')
    if (update.gapReason !== null) this.#addGap(nodeId, update, update.offset, nextOffset, update.gapReason)
    for (const line of update.lines) {
      const { atMs, level, text } = line
      this.#lines.push({ ...this.#position(nodeId, update, atMs), level, text })
    }
    run.offsets[stream] = nextOffset
    const n = this.#counters.get(update.taskId) ?? 0
    this.#heads.set(streamKey(fence, stream), { taskId: update.taskId, fence, stream, offset: nextOffset, n })
    this.#acks.push(done(nextOffset))
    if (!this.#writing) void this.#write()
  }

  /** Runs it when everything taken so far is stored; at once when it is. */
  #whenStored(fn: () => void): void {
    if (this.#writing) this.#acks.push(fn)
    else fn()
  }

  #isHolders(nodeId: string, update: LinesUpdate): boolean {
    const task = this.#state.task(update.taskId)
    if (task === undefined) return false
    if (task.state.phase === 'live' && task.state.run.fence === update.fence)
      return task.state.run.nodeId === nodeId
    return task.past.some((run) => run.fence === update.fence && run.nodeId === nodeId)
  }

  #position(nodeId: string, update: LinesUpdate, atMs: number) {
    const { taskId, attempt, fence, stream } = update
    const n = (this.#counters.get(taskId) ?? 0) + 1
    this.#counters.set(taskId, n)
    return { taskId, attempt, fence, n, atMs, nodeId, stream }
  }

  #addGap(nodeId: string, update: LinesUpdate, from: number, to: number, reason: string): void {
    this.#lines.push({ ...this.#position(nodeId, update, this.#wallMs()), gap: { from, to, reason } })
  }

  async #write(): Promise<void> {
    this.#writing = true
    try {
      while (this.#heads.size > 0 || this.#acks.length > 0) {
        const lines = this.#lines
        const heads = [...this.#heads.values()]
        const acks = this.#acks
        this.#lines = []
        this.#heads = new Map()
        this.#acks = []
        if (heads.length > 0) await this.#streams.appendLines({ lines, heads })
        this.#publish(messagesOf(lines))
        for (const ack of acks) ack()
      }
    } catch (failure) {
      this.#onFatal('the lines cannot be written', failure)
    }
    this.#writing = false
  }
}

/** One LOG message per task, in order. */
function messagesOf(records: readonly LineRecord[]): HubMessage[] {
  const byTask = new Map<string, Line[]>()
  for (const record of records) {
    const lines = byTask.get(record.taskId) ?? []
    lines.push(lineView(record))
    byTask.set(record.taskId, lines)
  }
  return [...byTask].flatMap(([taskId, lines]) => {
    const first = lines[0]
    const last = lines.at(-1)
    if (first === undefined || last === undefined) return []
    const json = JSON.stringify({ type: 'LOG', lines })
    return [{ topics: ['logs', `logs:${taskId}`], key: null, json, lines: { first, last } }]
  })
}

/** A stored line in the interface's shape. */
export function lineView(record: LineRecord): Line {
  const { taskId, attempt, fence, n, nodeId, stream } = record
  const position = { taskId, attempt, fence, n, at: record.atMs, nodeId, stream }
  return 'gap' in record
    ? { ...position, gap: record.gap }
    : { ...position, level: record.level, text: record.text }
}
