import { assert } from '../core/assert.js'
import { limits } from '../core/limits.js'
import type { Clock } from '../ports/clock.js'
import type { AppendOutcome, EncodedEvent, Group, Head, Journal } from '../ports/store.js'

/** What the disk does to the next append. Times are ms of the clock; 0 = at once. */
export interface JournalFate {
  /** From the call until the group is written: visible to other connections, lost in a crash. */
  readonly writeMs: number
  /** From there until it is synced: survives a crash. */
  readonly syncMs: number
  /** From there until the caller knows. */
  readonly replyMs: number
  /**
   * `full`: no space, nothing written. `unknown`: written and synced, but the call rejects. `failed`: not written, and
   * the call rejects.
   */
  readonly outcome: 'ok' | 'full' | 'unknown' | 'failed'
}

const atOnce: JournalFate = { writeMs: 0, syncMs: 0, replyMs: 0, outcome: 'ok' }

interface HeadBefore {
  readonly term: number
  readonly lastSeq: number
}

/** What survives the process: hand it to the next MemoryJournal. Several journals on one disk compete by compare-and-set. */
export class JournalDisk {
  term = 0
  firstSeq = 1
  /** Written events from firstSeq; the last `unsynced` groups of them may be lost. */
  readonly events: EncodedEvent[] = []
  /** Heads before each group that is written but not synced, oldest first. */
  readonly unsynced: HeadBefore[] = []
  readonly clusterId: string
  readonly logId: string

  constructor(ids: { readonly clusterId: string; readonly logId: string }) {
    this.clusterId = ids.clusterId
    this.logId = ids.logId
  }

  get lastSeq(): number {
    return this.firstSeq + this.events.length - 1
  }

  /** A power cut: of the groups that are not synced the first `kept` survive. */
  crash(kept: number): void {
    const lost = this.unsynced[kept]
    this.unsynced.length = 0
    if (lost === undefined) return
    this.term = lost.term
    this.events.length = lost.lastSeq - this.firstSeq + 1
  }
}

/** Journal on a JournalDisk with injectable delays and failures. Without a clock everything happens at once. */
export class MemoryJournal implements Journal {
  readonly durability = { mode: 'each-commit', fsyncMs: 0 } as const
  spaceLow = false
  readonly #disk: JournalDisk
  readonly #clock: Clock | null
  readonly #fate: () => JournalFate
  #open = true

  constructor(
    disk: JournalDisk,
    faults: { readonly clock: Clock; readonly fate: () => JournalFate } | null = null,
  ) {
    this.#disk = disk
    this.#clock = faults?.clock ?? null
    this.#fate = faults?.fate ?? (() => atOnce)
  }

  /** The process dies: no call of this journal has an effect or an answer any more. */
  kill(): void {
    this.#open = false
  }

  async head(): Promise<Head> {
    const { clusterId, logId, term, lastSeq } = this.#disk
    return { clusterId, logId, term, lastSeq }
  }

  takeOver(group: Group, previousTerm: number): Promise<AppendOutcome> {
    assert(group.term > previousTerm, `take-over from term ${previousTerm} to ${group.term}`)
    return this.#write(group, previousTerm)
  }

  append(group: Group): Promise<AppendOutcome> {
    return this.#write(group, group.term)
  }

  async read(afterSeq: number, limit: number): Promise<readonly EncodedEvent[]> {
    const start = Math.max(0, afterSeq + 1 - this.#disk.firstSeq)
    return this.#disk.events.slice(start, start + limit)
  }

  async firstSeq(): Promise<number> {
    return this.#disk.firstSeq
  }

  async retain(options: { beforeSeq: number; olderThanMs: number; bytesMax: number }): Promise<boolean> {
    const { events, firstSeq } = this.#disk
    let bytes = events.reduce((sum, event) => sum + event.json.length, 0)
    let count = 0
    for (const event of events) {
      if (count === limits.retentionRowsPerStep || event.seq >= options.beforeSeq) break
      if (event.atMs >= options.olderThanMs && bytes <= options.bytesMax) break
      bytes -= event.json.length
      count += 1
    }
    events.splice(0, count)
    this.#disk.firstSeq = firstSeq + count
    return count === limits.retentionRowsPerStep
  }

  async close(): Promise<void> {
    this.kill()
  }

  #write(group: Group, expectedTerm: number): Promise<AppendOutcome> {
    const fate = this.#fate()
    return new Promise((resolve, reject) => {
      this.#after(fate.writeMs, () => {
        const { outcome, written } = this.#attempt(group, expectedTerm, fate)
        this.spaceLow = outcome.kind === 'full'
        this.#after(fate.syncMs, () => {
          if (written !== null) this.#sync(written)
          this.#after(fate.replyMs, () => {
            if (fate.outcome === 'unknown' || fate.outcome === 'failed') reject(new Error('the disk failed'))
            else resolve(outcome)
          })
        })
      })
    })
  }

  #attempt(
    group: Group,
    expectedTerm: number,
    fate: JournalFate,
  ): { outcome: AppendOutcome; written: HeadBefore | null } {
    const disk = this.#disk
    const before: HeadBefore = { term: disk.term, lastSeq: disk.lastSeq }
    if (before.term !== expectedTerm || before.lastSeq !== group.firstSeq - 1) {
      return { outcome: { kind: 'deposed' }, written: null }
    }
    if (fate.outcome === 'full') return { outcome: { kind: 'full' }, written: null }
    const outcome: AppendOutcome = { kind: 'committed', seq: group.firstSeq + group.events.length - 1 }
    if (fate.outcome === 'failed') return { outcome, written: null }
    disk.events.push(...group.events)
    disk.term = group.term
    assert(disk.lastSeq === outcome.seq && group.events.length > 0, 'a group is gapless and not empty')
    disk.unsynced.push(before)
    return { outcome, written: before }
  }

  /** Groups become durable in the order in which they were written. */
  #sync(group: HeadBefore): void {
    const position = this.#disk.unsynced.indexOf(group)
    this.#disk.unsynced.splice(0, position + 1)
  }

  #after(delayMs: number, fn: () => void): void {
    const step = (): void => {
      if (this.#open) fn()
    }
    if (delayMs === 0 || this.#clock === null) step()
    else this.#clock.after(delayMs, step)
  }
}
