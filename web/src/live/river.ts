import { bounds } from './bounds.js'
import type { Pace, River, RiverMinute, Task } from './protocol.js'

const minuteMs = 60_000
const minuteOf = (atMs: number): number => Math.floor(atMs / minuteMs) * minuteMs

type Ended = { completed: number; failed: number; cancelled: number }

/** What ended when: counts by minute over the last hour, and by master over the last minutes. */
export class RiverBook {
  readonly #minutes = new Map<number, Ended>()
  readonly #ofWorker = new Map<string, Map<number, number>>()
  #knownFromMs: number | null = null

  /** A newer version of a task: it counts when it ended just now. */
  note(before: Task | undefined, after: Task): void {
    if (after.completedAt === null || before?.completedAt === after.completedAt) return
    if (after.status === 'pending' || after.status === 'running') return
    const minute = minuteOf(after.completedAt)
    const counts = this.#minutes.get(minute) ?? { completed: 0, failed: 0, cancelled: 0 }
    counts[after.status] += 1
    this.#minutes.set(minute, counts)
    // What a person cancelled says nothing of how fast a master works.
    if (after.workerId !== null && after.status !== 'cancelled') this.#count(after.workerId, minute)
    this.#trim()
  }

  /** Counts anew, from a picture. `cut`: the picture lacks older tasks, so that nothing is known before its oldest. */
  rebuild(tasks: Iterable<Task>, cut: boolean): void {
    this.clear()
    let oldest = Number.POSITIVE_INFINITY
    for (const task of tasks) {
      if (task.completedAt !== null) oldest = Math.min(oldest, task.completedAt)
      this.note(undefined, task)
    }
    if (cut) this.#knownFromMs = Number.isFinite(oldest) ? oldest : null
  }

  clear(): void {
    this.#minutes.clear()
    this.#ofWorker.clear()
    this.#knownFromMs = null
  }

  river(): River {
    const minutes = [...this.#minutes]
      .sort(([a], [b]) => a - b)
      .map(([atMs, counts]): RiverMinute => ({ atMs, ...counts }))
    return { minutes, knownFromMs: this.#knownFromMs }
  }

  /** How much each master ended of late. */
  paces(): Readonly<Record<string, Pace>> {
    const paces: Record<string, Pace> = {}
    for (const [workerId, minutes] of this.#ofWorker) {
      let ended = 0
      for (const count of minutes.values()) ended += count
      paces[workerId] = { ended, fromMs: Math.min(...minutes.keys()) }
    }
    return paces
  }

  #count(workerId: string, minute: number): void {
    const minutes = this.#ofWorker.get(workerId) ?? new Map<number, number>()
    this.#ofWorker.set(workerId, minutes)
    minutes.set(minute, (minutes.get(minute) ?? 0) + 1)
    forgetBefore(minutes, Math.max(...minutes.keys()) - (bounds.paceMinutes - 1) * minuteMs)
  }

  /** Invariant: at most bounds.riverMinutes minutes are held. */
  #trim(): void {
    if (this.#minutes.size <= bounds.riverMinutes) return
    const from = Math.max(...this.#minutes.keys()) - (bounds.riverMinutes - 1) * minuteMs
    forgetBefore(this.#minutes, from)
    for (const [workerId, minutes] of this.#ofWorker) {
      if (Math.max(...minutes.keys()) < from) this.#ofWorker.delete(workerId)
    }
  }
}

function forgetBefore(minutes: Map<number, unknown>, fromMs: number): void {
  for (const minute of minutes.keys()) if (minute < fromMs) minutes.delete(minute)
}

/** How many failed in the last `lateMs`. */
export function failedSince(river: River, fromMs: number): number {
  return river.minutes.reduce((sum, minute) => sum + (minute.atMs >= fromMs ? minute.failed : 0), 0)
}

/** The fleet's pace over the last bounds.paceMinutes. */
export function paceOf(river: River, nowMs: number): Pace {
  const fromMs = minuteOf(nowMs) - (bounds.paceMinutes - 1) * minuteMs
  const late = river.minutes.filter((minute) => minute.atMs >= fromMs)
  const ended = late.reduce((sum, minute) => sum + minute.completed + minute.failed, 0)
  return { ended, fromMs: late[0]?.atMs ?? fromMs }
}

/** How long what waits takes at this pace, in ms; null: nothing ended of late, so nobody can tell. */
export function emptyInMs(waiting: number, pace: Pace | undefined, nowMs: number): number | null {
  if (waiting === 0) return 0
  if (pace === undefined || pace.ended === 0) return null
  // A pace that is minutes old is none any more.
  const spanMs = Math.max(1_000, nowMs - pace.fromMs)
  return spanMs > bounds.paceMinutes * 3 * minuteMs ? null : Math.round((waiting * spanMs) / pace.ended)
}
