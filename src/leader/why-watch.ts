import { limits } from '../core/limits.js'
import type { State } from '../core/state.js'
import type { Task } from '../core/tasks/task.js'
import { Reasons } from '../core/why/reasons.js'
import { sameReason, type WaitReason } from '../core/why/wait-reason.js'
import type { Clock, Timer } from '../ports/clock.js'

interface Told {
  readonly reason: WaitReason | null
  readonly atMs: number
}

/**
 * [WY3] Why the tasks wait that walls were told of. A reason may change without its task: another master joins, a slot is
 * taken. So what was told is looked at again after turns, at most every limits.whyLookMs, and told anew where it is not
 * true any more: another code at once, other words of it at most every limits.whyWordsMs. Nothing is looked at while
 * nothing happens.
 */
export class WhyWatch {
  readonly #state: State
  readonly #clock: Clock
  readonly #tell: (tasks: readonly Task[]) => void
  /** By task, the longest told first; at most limits.whyTasksWatched. */
  readonly #told = new Map<string, Told>()
  /** Kept between two looks: what it says is at most so old. */
  #reasons: Reasons
  #timer: Timer | null = null

  /** `tell` pushes the tasks as they stand, by way of `reasonOf`. */
  constructor(options: { state: State; clock: Clock; tell: (tasks: readonly Task[]) => void }) {
    this.#state = options.state
    this.#clock = options.clock
    this.#tell = options.tell
    this.#reasons = new Reasons(options.state)
  }

  /** For a push: from now on it is held to be true on the walls. */
  reasonOf(task: Task): WaitReason | null {
    const reason = this.#reasons.of(task)
    this.#told.delete(task.taskId)
    if (task.state.phase !== 'queued') return reason
    this.#told.set(task.taskId, { reason, atMs: this.#clock.monotonicMs() })
    if (this.#told.size > limits.whyTasksWatched) {
      const [oldest] = this.#told.keys()
      if (oldest !== undefined) this.#told.delete(oldest)
    }
    return reason
  }

  /** A turn changed the state. */
  turned({ nodesChanged }: { readonly nodesChanged: boolean }): void {
    if (nodesChanged) this.#reasons = new Reasons(this.#state)
    if (this.#timer !== null || this.#told.size === 0) return
    this.#timer = this.#clock.after(limits.whyLookMs, () => {
      this.#timer = null
      this.#look()
    })
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = null
  }

  #look(): void {
    this.#reasons = new Reasons(this.#state)
    const untrue: Task[] = []
    let isMore = false
    for (const [taskId, told] of this.#told) {
      const task = this.#state.task(taskId)
      if (task?.state.phase !== 'queued') {
        this.#told.delete(taskId)
        continue
      }
      const isDue = this.#isUntrue(told, this.#reasons.of(task))
      if (isDue === 'no') continue
      isMore ||= isDue === 'later' || untrue.length === limits.whyToldPerLook
      if (untrue.length === limits.whyToldPerLook) break
      if (isDue === 'now') untrue.push(task)
    }
    if (untrue.length > 0) this.#tell(untrue)
    if (isMore) this.turned({ nodesChanged: false })
  }

  #isUntrue({ reason: told, atMs }: Told, reason: WaitReason | null): 'no' | 'now' | 'later' {
    if (told?.code !== reason?.code) return 'now'
    if (sameReason(told, reason)) return 'no'
    return this.#clock.monotonicMs() - atMs >= limits.whyWordsMs ? 'now' : 'later'
  }
}
