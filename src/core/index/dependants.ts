import { bornAt } from '../ids.js'

/** A task that waits, and the one of its dependencies that is over. */
export interface Owed {
  readonly taskId: string
  readonly dependencyId: string
}

/**
 * Who waits for whom, and whom the end of a dependency has not reached yet. A dependency that ended is worked off in the
 * order of birth of those that wait for it, over as many turns as that takes.
 */
export class Dependants {
  readonly #waiting = new Map<string, Set<string>>()
  /** Dependencies that are over, oldest end first; each once. */
  readonly #over = new Set<string>()
  #current: { readonly dependencyId: string; readonly taskIds: readonly string[]; next: number } | null = null

  /** True while an end has not reached everyone: until then what ended must stay in memory. */
  get isOwing(): boolean {
    return this.#current !== null || this.#over.size > 0
  }

  /** Tasks that wait for this one, in no particular order. */
  of(dependencyId: string): ReadonlySet<string> {
    return this.#waiting.get(dependencyId) ?? new Set()
  }

  wait(taskId: string, dependencyId: string): void {
    const waiting = this.#waiting.get(dependencyId)
    if (waiting === undefined) this.#waiting.set(dependencyId, new Set([taskId]))
    else waiting.add(taskId)
  }

  forget(taskId: string, dependencyId: string): void {
    const waiting = this.#waiting.get(dependencyId)
    if (waiting?.delete(taskId) !== true || waiting.size > 0) return
    this.#waiting.delete(dependencyId)
    this.#over.delete(dependencyId)
  }

  over(dependencyId: string): void {
    if (this.#waiting.has(dependencyId)) this.#over.add(dependencyId)
  }

  /** The next task that the end of a dependency has to reach; null when none is left. */
  take(): Owed | null {
    for (;;) {
      const current = this.#current ?? this.#begin()
      if (current === null) return null
      const taskId = current.taskIds[current.next]
      current.next += 1
      if (current.next >= current.taskIds.length) this.#current = null
      if (taskId !== undefined && this.of(current.dependencyId).has(taskId))
        return { taskId, dependencyId: current.dependencyId }
    }
  }

  #begin() {
    for (const dependencyId of this.#over) {
      this.#over.delete(dependencyId)
      const taskIds = [...this.of(dependencyId)].sort((a, b) => bornAt(a) - bornAt(b))
      if (taskIds.length === 0) continue
      this.#current = { dependencyId, taskIds, next: 0 }
      return this.#current
    }
    return null
  }
}
