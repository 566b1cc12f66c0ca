import type { RunEnd } from '../../core/runs/run.js'
import type { Clock } from '../../ports/clock.js'
import type { NumberedUpdate } from '../../ports/node-link.js'
import type { Outbox } from '../../ports/outbox.js'
import type { Seeded } from './seeded.js'

interface Entry {
  readonly update: NumberedUpdate
  isSynced: boolean
  /** Acked, and the mark of it is not on disk yet: after a crash it comes again. */
  isAcked: boolean
}

/** The file behind a master's outbox. */
export class OutboxDisk {
  entries: Entry[] = []
  /** Ends that were put here and cannot be lost any more, by fence: what checkers compare the log with. */
  readonly told = new Map<number, RunEnd>()

  /** A killed master loses nothing that it wrote; what was acked since the last sync may come again. */
  killed(random: Seeded): void {
    this.entries = this.entries.filter((entry) => !entry.isAcked || random.chance(0.5))
    for (const entry of this.entries) entry.isAcked = false
  }

  /** A power cut loses a tail of what is not synced. */
  powerCut(random: Seeded): void {
    this.killed(random)
    const firstUnsynced = this.entries.findIndex((entry) => !entry.isSynced)
    if (firstUnsynced === -1) return
    for (const { update } of this.entries.splice(random.int(firstUnsynced, this.entries.length))) {
      if (update.update.kind === 'ended') this.told.delete(update.update.fence)
    }
  }
}

/** Outbox on an OutboxDisk; a flush takes `syncMs()`. */
export class SimOutbox implements Outbox {
  readonly #disk: OutboxDisk
  readonly #clock: Clock
  readonly #syncMs: () => number
  readonly #backlog: readonly NumberedUpdate[]

  constructor(disk: OutboxDisk, clock: Clock, syncMs: () => number) {
    this.#disk = disk
    this.#clock = clock
    this.#syncMs = syncMs
    this.#backlog = disk.entries.map((entry) => entry.update)
  }

  backlog(): readonly NumberedUpdate[] {
    return this.#backlog
  }

  put(update: NumberedUpdate): void {
    const told = update.update
    if (told.kind === 'ended' && !this.#disk.told.has(told.fence)) this.#disk.told.set(told.fence, told.end)
    this.#disk.entries.push({ update, isSynced: false, isAcked: false })
  }

  flush(): Promise<void> {
    const written = [...this.#disk.entries]
    return new Promise((resolve) => {
      this.#clock.after(this.#syncMs(), () => {
        for (const entry of written) entry.isSynced = true
        this.#disk.entries = this.#disk.entries.filter((entry) => !entry.isAcked)
        resolve()
      })
    })
  }

  acked(incarnation: number, uplinkSeq: number): void {
    for (const entry of this.#disk.entries) {
      const { update } = entry
      if (update.incarnation === incarnation && update.uplinkSeq <= uplinkSeq) entry.isAcked = true
    }
  }

  async close(): Promise<void> {
    await this.flush()
  }
}
