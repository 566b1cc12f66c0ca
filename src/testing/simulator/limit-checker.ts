import type { LogEvent } from '../../core/event.js'
import { everyKey, limitIdOf } from '../../core/ids.js'
import type { Fail } from './log-checker.js'

interface Rule {
  readonly runsMax: number | null
  readonly isPaused: boolean
}

/** Counts runs by key and capacity through the log, and holds every start to the limits of its moment. */
export class LimitChecker {
  readonly #fail: Fail
  readonly #rules = new Map<string, Rule>()
  /** Ids of the limits that a task's runs count for, by task. */
  readonly #namesOf = new Map<string, readonly string[]>()
  readonly #live = new Set<string>()

  constructor(fail: Fail) {
    this.#fail = fail
  }

  /** Something may be kept waiting. */
  get isLimited(): boolean {
    return [...this.#rules.values()].some(({ runsMax, isPaused }) => runsMax !== null || isPaused)
  }

  take(event: LogEvent): void {
    const { id } = event.entity
    switch (event.type) {
      case 'LimitSet':
        this.#rules.set(id, {
          runsMax: event.body.runsMax,
          isPaused: this.#rules.get(id)?.isPaused ?? false,
        })
        return
      case 'LimitPaused':
      case 'LimitResumed':
        this.#rules.set(id, {
          runsMax: this.#rules.get(id)?.runsMax ?? null,
          isPaused: event.type === 'LimitPaused',
        })
        return
      case 'LimitRemoved':
        this.#rules.delete(id)
        return
      case 'TaskSubmitted': {
        const { concurrencyKey = null, capacity = null } = event.body.spec.queue ?? {}
        const key = concurrencyKey === null ? [] : [limitIdOf('key', concurrencyKey)]
        this.#namesOf.set(id, [...key, ...(capacity === null ? [] : [limitIdOf('capacity', capacity)])])
        return
      }
      case 'TaskAssigned':
        for (const name of this.#namesOf.get(id) ?? []) this.#starts(id, name)
        this.#live.add(id)
        return
      case 'RunEnded':
      case 'RunDeclined':
        this.#live.delete(id)
        return
      default:
        return
    }
  }

  #starts(taskId: string, name: string): void {
    const rule =
      this.#rules.get(name) ?? (name.startsWith('key:') ? this.#rules.get(`key:${everyKey}`) : undefined)
    if (rule === undefined) {
      if (name.startsWith('capacity:')) this.#fail('LM5', `${taskId} starts in ${name}, which nobody defined`)
      return
    }
    if (rule.isPaused) this.#fail('LM6', `${taskId} starts in ${name}, which is paused`)
    const runs = [...this.#live].filter((other) => this.#namesOf.get(other)?.includes(name)).length
    if (rule.runsMax !== null && runs >= rule.runsMax)
      this.#fail('LM2', `${taskId} starts beside ${runs} runs of ${name}, of at most ${rule.runsMax}`)
  }
}
