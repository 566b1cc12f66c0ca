import type { Task } from './protocol.js'

/** Which tasks wait for which, both ways, so that what hangs together is found without a look at every task. */
export class RelationBook {
  readonly #dependants = new Map<string, Set<string>>()

  /** A task's dependencies never change: noting it again changes nothing. */
  note({ taskId, dependsOn }: Task): void {
    for (const source of dependsOn) {
      const fed = this.#dependants.get(source) ?? new Set()
      this.#dependants.set(source, fed.add(taskId))
    }
  }

  forget({ taskId, dependsOn }: Task): void {
    for (const source of dependsOn) {
      const fed = this.#dependants.get(source)
      fed?.delete(taskId)
      if (fed?.size === 0) this.#dependants.delete(source)
    }
  }

  clear(): void {
    this.#dependants.clear()
  }

  /** Whether anything feeds it or is fed by it. */
  isConnected({ taskId, dependsOn }: Task): boolean {
    return dependsOn.length > 0 || this.#dependants.has(taskId)
  }

  /** Everything that hangs together with a task, itself too, nearest first; at most `max`. */
  related(taskId: string, max: number, dependsOn: (taskId: string) => readonly string[]): readonly string[] {
    const found = new Set([taskId])
    for (const id of found) {
      for (const next of [...dependsOn(id), ...(this.#dependants.get(id) ?? [])]) {
        if (found.size >= max) return [...found]
        found.add(next)
      }
    }
    return [...found]
  }
}
