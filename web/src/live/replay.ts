import type { NextFailure, ReplayEvents, ReplayLine, ReplaySample } from '../../../src/contract/replay.js'
import { bounds } from './bounds.js'
import type { Receipt, ReplayState } from './protocol.js'
import { ReplayBook } from './replay-book.js'
import { RestError } from './rest.js'

/** What a replay needs from outside. */
export interface ReplayPorts {
  /** GET of the leader's REST; rejects with RestError. */
  get(path: string): Promise<unknown>
  /** The same of an answer that is lines of JSON. */
  lines(path: string): Promise<readonly unknown[]>
  nowMs(): number
  /** Runs once after `ms`; the answer cancels it. */
  after(ms: number, run: () => void): () => void
}

type Pictures = ReturnType<ReplayBook['take']>
export interface ReplayListener {
  changed(state: ReplayState): void
  /** The cursor stands elsewhere. `samples`: of another instant, they take the place of all; null = as they were. */
  moved(pictures: Pictures, samples: readonly ReplaySample[] | null): void
}

const notes = { note: null, failure: null, refusal: null } as const

/**
 * Shows an instant of the past and moves on from it: by the book as far as it reaches, by a new picture beyond. One thing
 * is asked of the leader at a time; of several moves that come meanwhile the newest counts.
 */
export class Replay {
  readonly #ports: ReplayPorts
  readonly #listener: ReplayListener
  readonly #book = new ReplayBook()
  #state: ReplayState
  #wanted: (() => Promise<void>) | null = null
  #isBusy = false
  #isStopped = false
  #hasPicture = false
  #cancelTick: (() => void) | null = null

  constructor(ports: ReplayPorts, listener: ReplayListener, atMs: number) {
    this.#ports = ports
    this.#listener = listener
    this.#state = { phase: 'loading', atMs, speed: null, range: null, ...notes }
  }

  seek(atMs: number): void {
    this.#pause()
    this.#tell({ atMs, ...(this.#isAt(atMs) ? {} : { phase: 'loading' }), ...notes })
    this.#do(() => this.#goTo(atMs))
  }

  /** To the next event that a person sees, or the one before. */
  step(by: 1 | -1): void {
    this.#pause()
    this.#do(() => (by === 1 ? this.#stepOn() : this.#stepBack()))
  }

  /** `speed` × the time that passed; null = stands still. */
  play(speed: number | null): void {
    this.#pause()
    if (speed === null || this.#state.phase !== 'shown') return
    this.#tell({ speed, ...notes })
    this.#tick()
  }

  nextFailure(): void {
    this.#pause()
    this.#do(async () => {
      const { failure } = (await this.#ports.get(
        `/api/replay/next-failure?at=${this.#state.atMs}`,
      )) as NextFailure
      if (failure === null) {
        this.#tell({ note: 'no_failure', failure: null, refusal: null })
        return
      }
      await this.#goTo(failure.atMs)
      this.#tell({ note: null, failure: { kind: failure.kind, id: failure.id }, refusal: null })
    })
  }

  /** Nothing is told any more. */
  stop(): void {
    this.#isStopped = true
    this.#cancelTick?.()
  }

  receipts(taskId: string): readonly Receipt[] {
    return this.#book.receipts(taskId)
  }

  #isAt(atMs: number): boolean {
    return this.#hasPicture && this.#book.lacksFor(atMs) === 'nothing'
  }

  #do(move: () => Promise<void>): void {
    this.#wanted = move
    if (!this.#isBusy) void this.#work()
  }

  async #work(): Promise<void> {
    this.#isBusy = true
    while (this.#wanted !== null && !this.#isStopped) {
      const move = this.#wanted
      this.#wanted = null
      try {
        await move()
      } catch (cause) {
        this.#refused(cause)
      }
    }
    this.#isBusy = false
  }

  #refused(cause: unknown): void {
    const error = cause instanceof RestError ? cause : new RestError('internal', String(cause))
    const { nearestMs } = error.details
    this.#pause()
    const askedMs = this.#state.atMs
    this.#tell({
      // What was shown before is still on screen.
      ...(this.#hasPicture ? { phase: 'shown', atMs: this.#book.cursorMs } : { phase: 'refused' }),
      note: null,
      failure: null,
      refusal: {
        code: error.code,
        message: error.message,
        askedMs,
        nearestMs: typeof nearestMs === 'number' ? nearestMs : null,
      },
    })
  }

  async #goTo(atMs: number): Promise<void> {
    if (this.#isAt(atMs)) {
      this.#book.moveTo(atMs)
      this.#moved(null)
      return
    }
    const lines = await this.#picture(Math.floor(atMs))
    if (this.#isStopped) return
    if (lines.at(-1) === undefined || !('end' in (lines.at(-1) ?? {})))
      throw new RestError('unavailable', 'The picture did not come whole.')
    this.#book.begin(lines)
    this.#hasPicture = true
    const [first] = lines
    const head = first !== undefined && 'head' in first ? first.head : null
    if (head !== null) this.#tell({ range: { fromMs: head.range.fromMs ?? atMs, toMs: head.range.nowMs } })
    this.#moved(head?.samples ?? [])
  }

  /** This machine's clock may be ahead of the leader's: what is now here is still to come there. */
  async #picture(atMs: number): Promise<readonly ReplayLine[]> {
    const ask = (ms: number) => this.#ports.lines(`/api/replay?at=${ms}`)
    try {
      return (await ask(atMs)) as readonly ReplayLine[]
    } catch (cause) {
      const nearestMs = cause instanceof RestError ? cause.details.nearestMs : null
      if (typeof nearestMs !== 'number' || nearestMs > atMs || atMs > this.#ports.nowMs()) throw cause
      return (await ask(nearestMs)) as readonly ReplayLine[]
    }
  }

  /** A move may come before the first picture. */
  async #begun(): Promise<void> {
    if (!this.#hasPicture) await this.#goTo(this.#state.atMs)
  }

  async #stepOn(): Promise<void> {
    await this.#begun()
    for (;;) {
      const nextMs = this.#book.nextMs()
      if (nextMs !== null && this.#book.lacksFor(nextMs) === 'nothing') return this.#goTo(nextMs)
      // The log may have grown since its end was told.
      if (!(await this.#readOn())) {
        if (nextMs !== null) return this.#goTo(nextMs)
        this.#tell({ note: 'last', failure: null, refusal: null })
        return
      }
    }
  }

  async #stepBack(): Promise<void> {
    await this.#begun()
    let previousMs = this.#book.previousMs()
    if (previousMs === null && this.#book.hasEarlier) {
      const cursorMs = this.#book.cursorMs
      await this.#goBefore(this.#book.fromMs)
      previousMs = this.#book.previousMs()
      if (previousMs === null) await this.#goTo(cursorMs)
    }
    if (previousMs === null) this.#tell({ note: 'first', failure: null, refusal: null })
    else await this.#goTo(previousMs)
  }

  /** A picture of the same instant has the events that lead up to it. */
  async #goBefore(atMs: number): Promise<void> {
    this.#hasPicture = false
    await this.#goTo(atMs)
  }

  /** False: nothing came. */
  async #readOn(): Promise<boolean> {
    const path = `/api/replay/events?afterSeq=${this.#book.throughSeq}`
    const before = this.#book.throughSeq
    this.#book.append((await this.#ports.get(path)) as ReplayEvents)
    return this.#book.throughSeq > before
  }

  #tick(): void {
    this.#cancelTick = this.#ports.after(bounds.replayTickMs, () => {
      const { speed } = this.#state
      if (speed === null) return
      this.#do(async () => {
        await this.#playOn(speed)
        if (this.#state.speed !== null && !this.#isStopped) this.#tick()
      })
    })
  }

  async #playOn(speed: number): Promise<void> {
    const nowMs = this.#ports.nowMs()
    const atMs = Math.min(nowMs, this.#book.cursorMs + bounds.replayTickMs * speed)
    while (this.#book.lacksFor(atMs) === 'later' || this.#book.ahead < bounds.replayAheadMin) {
      if (!(await this.#readOn())) break
    }
    if (this.#isStopped || this.#state.speed === null) return
    this.#book.moveTo(atMs)
    if (atMs >= nowMs) this.#tell({ speed: null, note: 'last' })
    this.#moved(null)
  }

  #pause(): void {
    this.#cancelTick?.()
    this.#cancelTick = null
    if (this.#state.speed === null) return
    this.#tell({ speed: null })
    this.#moved(null)
  }

  #moved(samples: readonly ReplaySample[] | null): void {
    if (this.#isStopped) return
    if (this.#state.speed === null) this.#book.explain()
    else this.#book.explainNothing()
    this.#listener.moved(this.#book.take(), this.#book.hasSamples ? samples : [])
    this.#tell({ phase: 'shown', atMs: this.#book.cursorMs })
  }

  #tell(change: Partial<ReplayState>): void {
    this.#state = { ...this.#state, ...change }
    if (!this.#isStopped) this.#listener.changed(this.#state)
  }
}
