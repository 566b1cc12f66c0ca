import type { Band, Task, WaitingCounts } from './protocol.js'

export const bands = ['high', 'normal', 'low'] as const satisfies readonly Band[]

export const bandOf = (priority: number): Band => (priority >= 8 ? 'high' : priority >= 4 ? 'normal' : 'low')

/** Who is next: a higher band, a higher priority, an older task. Ids rise with time. */
export function compareTurn(a: Task, b: Task): number {
  return (
    b.priority - a.priority ||
    a.createdAt - b.createdAt ||
    a.taskId.length - b.taskId.length ||
    (a.taskId < b.taskId ? -1 : 1)
  )
}

/** Tasks that wait, counted as they come and go. */
export class WaitingTally {
  readonly #bands = { high: 0, normal: 0, low: 0 }
  readonly #reasons = new Map<string, number>()

  count(task: Task, by: 1 | -1): void {
    if (task.status !== 'pending') return
    this.#bands[bandOf(task.priority)] += by
    const code = task.waitReason?.code ?? ''
    const left = (this.#reasons.get(code) ?? 0) + by
    if (left > 0) this.#reasons.set(code, left)
    else this.#reasons.delete(code)
  }

  clear(): void {
    Object.assign(this.#bands, { high: 0, normal: 0, low: 0 })
    this.#reasons.clear()
  }

  /** Reasons in the order of their codes, so that chips keep their places. */
  counts(): WaitingCounts {
    const reasons = [...this.#reasons].sort(([a], [b]) => (a < b ? -1 : 1))
    return { bands: { ...this.#bands }, reasons: Object.fromEntries(reasons) }
  }
}
