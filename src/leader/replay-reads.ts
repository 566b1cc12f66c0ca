import { ControlError } from '../core/errors.js'
import { limits } from '../core/limits.js'
import type { Clock } from '../ports/clock.js'
import type { ControlPlane, JsonBytes } from '../ports/control-plane.js'
import type { ReplayPicture, Replays } from '../ports/replays.js'
import type { SampleRow } from '../ports/store.js'
import type { Gate } from './gate.js'

interface ReplayReadsOptions {
  /** Absent: this store keeps no past. */
  readonly replays?: Replays
  readonly gate: Gate
  readonly clock: Clock
  readonly logId: string
}

/** The past as HTTP hands it out. Nothing here reads the working state: all is read behind the commit, in another thread. */
export class ReplayReads {
  readonly #options: ReplayReadsOptions

  constructor(options: ReplayReadsOptions) {
    this.#options = options
  }

  reads(): Pick<ControlPlane, 'replayRange' | 'replay' | 'replayEvents' | 'nextFailure'> {
    return {
      replayRange: async () => JSON.stringify(await this.#range()),
      replay: (_caller, atMs) => this.#picture(atMs),
      replayEvents: (_caller, afterSeq, limit) => this.#events(afterSeq, limit),
      nextFailure: (_caller, atMs) => this.#nextFailure(atMs),
    }
  }

  /** Lines of JSON (contract's ReplayLine). Rejects `not_retained` before the first of them. */
  async #picture(atMs: number): Promise<AsyncIterable<JsonBytes>> {
    const range = await this.#range()
    const nearestMs = Math.min(range.nowMs, Math.max(range.fromMs ?? range.nowMs, atMs))
    if (range.fromMs === null || nearestMs !== atMs) {
      const isLate = range.fromMs !== null && atMs > range.nowMs
      const message = isLate
        ? 'This instant is still to come.'
        : 'The log does not reach back to this instant.'
      throw new ControlError('not_retained', message, {
        details: { fromMs: range.fromMs, toMs: range.toMs, nearestMs },
      })
    }
    const headSeq = this.#options.gate.committedSeq
    const picture = await this.#replays().picture({ atMs, headSeq })
    return this.#lines({ picture, atMs, headSeq, range })
  }

  async #events(afterSeq: number, limit: number): Promise<JsonBytes> {
    const { gate, clock } = this.#options
    const [headSeq, nowMs] = [gate.committedSeq, clock.wallMs()]
    if (afterSeq >= headSeq)
      return JSON.stringify({ events: [], throughSeq: afterSeq, lastSeq: headSeq, nowMs })
    const { events, throughSeq } = await this.#replays().events({ afterSeq, limit, headSeq })
    return `{"events":[${events.join(',')}],"throughSeq":${throughSeq},"lastSeq":${headSeq},"nowMs":${nowMs}}`
  }

  /** Page by page, so that a long look holds the thread from nobody. */
  async #nextFailure(atMs: number): Promise<JsonBytes> {
    const headSeq = this.#options.gate.committedSeq
    let afterSeq = await this.#replays().seqAt({ atMs, headSeq })
    while (afterSeq < headSeq) {
      const { failure, throughSeq } = await this.#replays().nextFailure({ afterSeq, headSeq })
      if (failure !== null) return JSON.stringify({ failure })
      afterSeq = throughSeq
    }
    return JSON.stringify({ failure: null })
  }

  async *#lines(about: {
    readonly picture: ReplayPicture
    readonly atMs: number
    readonly headSeq: number
    readonly range: object
  }): AsyncGenerator<JsonBytes> {
    const { picture, atMs, headSeq, range } = about
    const { id, baseSeq, seq, tasks, samples, pages } = picture
    const { logId } = this.#options
    const head = { logId, atMs, baseSeq, seq, tasks, range, samples: samples.map(sampleView) }
    yield `${JSON.stringify({ head })}\n`
    for (let page = 0; page < pages; page += 1) {
      const entities = await this.#replays().page({ id, page })
      yield `{"entities":[${entities.join(',')}]}\n`
    }
    let afterSeq = baseSeq
    const wantedSeq = Math.min(headSeq, seq + limits.replayAheadEvents)
    while (afterSeq < wantedSeq) {
      const limit = limits.replayEventsPage
      const page = await this.#replays().events({ afterSeq, limit, headSeq: wantedSeq })
      yield `{"events":[${page.events.join(',')}],"throughSeq":${page.throughSeq}}\n`
      afterSeq = page.throughSeq
    }
    yield '{"end":true}\n'
  }

  async #range() {
    const { gate, clock, logId } = this.#options
    const range = await this.#replays().range({ headSeq: gate.committedSeq })
    return { logId, ...range, nowMs: Math.max(range.toMs, clock.wallMs()) }
  }

  #replays(): Replays {
    const { replays } = this.#options
    if (replays === undefined) throw new ControlError('unavailable', 'This leader keeps no past to show.')
    return replays
  }
}

const sampleView = (row: SampleRow) => ({
  workerId: row.nodeId,
  at: row.atMs,
  cpu: row.cpu,
  memory: row.memory,
  disk: row.disk,
  networkRxBytesPerS: row.rxBytesPerS,
  networkTxBytesPerS: row.txBytesPerS,
})
