import type { Line, Seen } from '../history.js'
import { callsOf } from './calls.js'

/** RN1: fences of a task only grow: from run to run, from answer to answer, and on the wall. */
export function fencesGrow(lines: readonly Line[]): readonly string[] {
  const found: string[] = []
  const [ran, watched] = [new Newest(found, 'ran under'), new Newest(found, 'was pushed with')]
  for (const line of lines) {
    if (line.type === 'run' && line.step !== 'end') ran.next(line.taskId, line)
    if (line.type === 'watched') watched.next(line.task.taskId, line.task)
  }
  const answers = callsOf(lines).flatMap(({ call, from, end, to }) =>
    call.type === 'read' && end?.type === 'answered' ? [{ from, to, task: end.task }] : [],
  )
  const byEnd = answers.toSorted((one, other) => one.to - other.to)
  // Only what was answered before a call began binds its answer.
  const known = new Newest(found, 'was answered with')
  let next = 0
  for (const { from, task } of answers) {
    for (let ended = byEnd[next]; ended !== undefined && ended.to < from; ended = byEnd[next]) {
      known.keep(ended.task)
      next += 1
    }
    known.compare(task.taskId, task)
  }
  return found
}

interface Place {
  readonly fence: number | null
  readonly attempt: number
}

/** The highest fence and attempt of each task so far. */
class Newest {
  readonly #found: string[]
  readonly #what: string
  readonly #highest = new Map<string, Place>()

  constructor(found: string[], what: string) {
    this.#found = found
    this.#what = what
  }

  next(taskId: string, place: Place): void {
    this.compare(taskId, place)
    this.#highest.set(taskId, this.#higher(taskId, place))
  }

  keep(task: Seen): void {
    this.#highest.set(task.taskId, this.#higher(task.taskId, task))
  }

  compare(taskId: string, { fence, attempt }: Place): void {
    const highest = this.#highest.get(taskId)
    if (highest === undefined || fence === null) return
    if (fence < (highest.fence ?? 0) || attempt < highest.attempt)
      this.#found.push(
        `${taskId} ${this.#what} fence ${fence}, attempt ${attempt} after ${highest.fence}, attempt ${highest.attempt}`,
      )
  }

  /** A task that waits has no fence. */
  #higher(taskId: string, place: Place): Place {
    const highest = this.#highest.get(taskId)
    if (highest === undefined) return place
    return (place.fence ?? 0) > (highest.fence ?? 0) ? place : highest
  }
}
