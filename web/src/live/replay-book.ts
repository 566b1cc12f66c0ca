import type { ReplayLine } from '../../../src/contract/replay.js'
import type { ServerMessage } from '../../../src/contract/socket.js'
import type { LogEvent } from '../../../src/core/event.js'
import { limits } from '../../../src/core/limits.js'
import { type Change, ReplayFold } from '../../../src/core/replay/fold.js'
import { isStep } from '../../../src/core/replay/scope.js'
import { bounds } from './bounds.js'
import type { Receipt } from './protocol.js'
import { reasonsAt } from './replay-reasons.js'
import { ReplayViews, type TopicKind, topicKinds, topicOfKind } from './replay-views.js'

type Head = Extract<ReplayLine, { readonly head: unknown }>['head']
type Snapshot = Extract<ServerMessage, { readonly type: 'SNAPSHOT' }>

/** What an instant needs that the book does not have. */
export type Lack = 'nothing' | 'earlier' | 'later'

/**
 * One stretch of the past: what was there at its start, and the events from there on. Its cursor stands after `#place` of
 * them; moving it forwards folds events, moving it back undoes them. No I/O.
 * Invariant: the fold ≡ the base + events [0, #place); #undo has one entry for each of these.
 */
export class ReplayBook {
  readonly #views = new ReplayViews()
  #fold = new ReplayFold()
  #logId = ''
  #events: LogEvent[] = []
  #undo: (readonly Change[])[] = []
  #place = 0
  #cursorMs = 0
  /** What is before this event is not in the book. */
  #baseSeq = 0
  /** Everything up to this seq is in the book. */
  #throughSeq = 0
  /** The end of the log, as far as it is known … */
  #lastSeq = 0
  /** … and when that was so. */
  #knownMs = 0
  /** From this instant on the base stands. */
  #fromMs = 0
  /** Tasks that were there at the base and are not in the book. */
  #unseen = 0
  #dirty = new Set<TopicKind>()
  /** Of the instant that the samples are of; null = there are none. */
  #samplesAtMs: number | null = null

  get cursorMs(): number {
    return this.#cursorMs
  }

  /** From this instant on the book can show. */
  get fromMs(): number {
    return this.#fromMs
  }

  /** True: something happened before what the book has. */
  get hasEarlier(): boolean {
    return this.#baseSeq > 0
  }

  /** False: those that were told hold no more. */
  get hasSamples(): boolean {
    return this.#samplesAtMs !== null
  }

  get throughSeq(): number {
    return this.#throughSeq
  }

  /** Events that lie ahead of the cursor. */
  get ahead(): number {
    return this.#events.length - this.#place
  }

  /** True: nothing follows what is in the book. */
  get isWhole(): boolean {
    return this.#throughSeq >= this.#lastSeq
  }

  /** Begins anew at `head.atMs`. Throws when the lines are not a picture. */
  begin(lines: readonly ReplayLine[]): void {
    const [first] = lines
    if (first === undefined || !('head' in first)) throw new Error('a picture begins with its head')
    const { head } = first
    this.#fold = new ReplayFold(lines.flatMap((line) => ('entities' in line ? line.entities : [])))
    this.#views.takeSamples(head.samples)
    this.#samplesAtMs = head.samples.length > 0 ? head.atMs : null
    this.#logId = head.logId
    this.#events = []
    this.#undo = []
    this.#place = 0
    this.#baseSeq = head.baseSeq
    this.#throughSeq = head.baseSeq
    this.#lastSeq = head.range.lastSeq
    this.#knownMs = head.range.nowMs
    this.#unseen = Math.max(0, head.tasks - this.#fold.count('task'))
    for (const line of lines) if ('events' in line) this.#add(line.events, line.throughSeq)
    this.#fromMs = this.#reachOf(head)
    this.#dirty = new Set(topicKinds)
    this.moveTo(head.atMs)
  }

  /** A page of what follows. */
  append(page: {
    readonly events: readonly unknown[]
    readonly throughSeq: number
    readonly lastSeq: number
    readonly nowMs: number
  }): void {
    this.#add(page.events, page.throughSeq)
    this.#lastSeq = Math.max(this.#lastSeq, page.lastSeq)
    this.#knownMs = Math.max(this.#knownMs, page.nowMs)
    this.#trim()
  }

  lacksFor(atMs: number): Lack {
    if (atMs < this.#fromMs) return 'earlier'
    const last = this.#events.at(-1)
    if (last !== undefined && last.atMs > atMs) return 'nothing'
    return this.isWhole && atMs <= this.#knownMs ? 'nothing' : 'later'
  }

  /** Goes to an instant for which it lacks nothing. */
  moveTo(atMs: number): void {
    this.#cursorMs = atMs
    this.#forgetSamples()
    for (let event = this.#events[this.#place]; event !== undefined && event.atMs <= atMs; ) {
      this.#forward(event)
      event = this.#events[this.#place]
    }
    for (let event = this.#events[this.#place - 1]; event !== undefined && event.atMs > atMs; ) {
      this.#back()
      event = this.#events[this.#place - 1]
    }
  }

  /** The instant of the next event that a person sees; null: none is in the book. */
  nextMs(): number | null {
    for (let place = this.#place; place < this.#events.length; place += 1) {
      const event = this.#events[place]
      if (event !== undefined && isStep(event)) return event.atMs
    }
    return null
  }

  /** The instant of the newest event before the cursor's own; null: it is not in the book. */
  previousMs(): number | null {
    for (let place = this.#place - 1; place >= 0; place -= 1) {
      const event = this.#events[place]
      if (event !== undefined && isStep(event) && event.atMs < this.#cursorMs) return event.atMs
    }
    return null
  }

  /** Finds out why tasks waited: worth it where the cursor rests. */
  explain(): void {
    const seq = this.#events[this.#place - 1]?.seq ?? this.#baseSeq
    this.#views.takeReasons(reasonsAt(this.#fold, { seq, atMs: this.#cursorMs }))
    this.#dirty.add('task')
  }

  /** While the cursor moves by itself reasons of a moment ago would be wrong. */
  explainNothing(): void {
    this.#views.takeReasons(new Map())
  }

  receipts(taskId: string): readonly Receipt[] {
    return this.#views.receipts(this.#fold, taskId)
  }

  /** What changed since the last call, as the live wall would be told it. */
  take(): readonly Snapshot[] {
    const kinds = [...this.#dirty]
    this.#dirty.clear()
    return kinds.map((kind) => this.#picture(kind))
  }

  /** Everything that is there, of one kind. */
  items(kind: TopicKind): readonly object[] {
    return this.#views.items(this.#fold, kind)
  }

  #picture(kind: TopicKind): Snapshot {
    const items = this.items(kind)
    const total = items.length + (kind === 'task' ? this.#unseen : 0)
    // Seq 0: the newest picture counts, whichever instant it shows, and any version of the live wall is newer.
    return {
      type: 'SNAPSHOT',
      topic: topicOfKind[kind],
      logId: this.#logId,
      term: 0,
      seq: 0,
      items: items as Snapshot['items'],
      total,
    }
  }

  #forward(event: LogEvent): void {
    const changes = this.#fold.apply(event)
    this.#undo.push(changes)
    this.#place += 1
    this.#touch(changes)
  }

  #back(): void {
    const changes = this.#undo.pop() ?? []
    this.#fold.undo(changes)
    this.#place -= 1
    this.#touch(changes)
  }

  /** Samples of another minute say nothing of this one: no data is told instead. */
  #forgetSamples(): void {
    if (this.#samplesAtMs === null) return
    if (Math.abs(this.#cursorMs - this.#samplesAtMs) <= limits.replaySampleMs) return
    this.#samplesAtMs = null
    this.#views.takeSamples([])
    this.#dirty.add('node')
  }

  /** What runs on an agent is part of its master's picture. */
  #touch(changes: readonly Change[]): void {
    for (const { kind, before, after } of changes) {
      if (kind !== 'cluster' && kind !== 'receipt') this.#dirty.add(kind)
      if (kind === 'task' && runOf(before) !== runOf(after)) this.#dirty.add('node')
    }
  }

  #add(events: readonly unknown[], throughSeq: number): void {
    this.#events.push(...(events as readonly LogEvent[]))
    this.#throughSeq = Math.max(this.#throughSeq, throughSeq)
  }

  /** How far back the base stands: to its first event, or to the beginning of the log. */
  #reachOf(head: Head): number {
    if (head.baseSeq === 0) return head.range.fromMs ?? 0
    return Math.min(head.atMs, this.#events[0]?.atMs ?? head.atMs)
  }

  /** Drops the oldest events that lie behind: a step further back is a new picture. */
  #trim(): void {
    const excess = Math.min(this.#place, this.#events.length - bounds.replayEventsHeld)
    if (excess <= 0) return
    const dropped = this.#events.splice(0, excess)
    this.#baseSeq = dropped.at(-1)?.seq ?? this.#baseSeq
    this.#undo.splice(0, excess)
    this.#place -= excess
    this.#fromMs = this.#events[0]?.atMs ?? this.#cursorMs
  }
}

const runOf = (entity: Change['after']): string =>
  entity?.kind === 'task' && entity.state.phase === 'live'
    ? `${entity.state.run.nodeId}\n${entity.state.run.agentId}\n${entity.state.run.fence}`
    : ''
