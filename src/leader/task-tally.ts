import { assert } from '../core/assert.js'
import type { LogEvent } from '../core/event.js'
import type { State } from '../core/state.js'
import type { FinalPhase } from '../core/tasks/task.js'
import { type DurationCounts, durationBoundsS, type Ending, type Measures } from '../ports/measures.js'

/** Counts what metrics count: tasks that came and ended since this process leads. Fixed size, nothing per task. */
export class TaskTally {
  #submitted = 0
  readonly #ended = { completed: 0, failed: 0, cancelled: 0 }
  readonly #durations = { completed: noDurations(), failed: noDurations(), cancelled: noDurations() }

  /** The events of one turn, with the state right after it. */
  take(state: State, events: readonly LogEvent[]): void {
    for (const event of events) {
      if (event.type === 'TaskSubmitted') this.#submitted += 1
      else if (event.type === 'TaskFinished') this.#end(state, event.entity.id, event.body.outcome)
    }
  }

  view(): Pick<Measures, 'submitted' | 'ended' | 'durations'> {
    return {
      submitted: this.#submitted,
      ended: { ...this.#ended },
      durations: {
        completed: copyOf(this.#durations.completed),
        failed: copyOf(this.#durations.failed),
        cancelled: copyOf(this.#durations.cancelled),
      },
    }
  }

  #end(state: State, taskId: string, outcome: FinalPhase): void {
    const ending = endingOf(outcome)
    this.#ended[ending] += 1
    const run = state.task(taskId)?.past.at(-1)
    // One that ended before it ran took no time.
    if (run === undefined || run.startedAtMs === null) return
    const seconds = Math.max(0, run.endedAtMs - run.startedAtMs) / 1000
    const class_ = durationBoundsS.findIndex((bound) => seconds <= bound)
    const durations = this.#durations[ending]
    const at = class_ === -1 ? durationBoundsS.length : class_
    assert(at < durations.counts.length, 'a duration has a class')
    durations.counts[at] = (durations.counts[at] ?? 0) + 1
    durations.sumS += seconds
  }
}

const endingOf = (outcome: FinalPhase): Ending =>
  outcome === 'succeeded' ? 'completed' : outcome === 'cancelled' ? 'cancelled' : 'failed'

const noDurations = (): { counts: number[]; sumS: number } => ({
  counts: Array<number>(durationBoundsS.length + 1).fill(0),
  sumS: 0,
})

const copyOf = ({ counts, sumS }: DurationCounts): DurationCounts => ({ counts: [...counts], sumS })
