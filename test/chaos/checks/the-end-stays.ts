import { isDeepStrictEqual } from 'node:util'
import type { Line, Seen } from '../history.js'
import { callsOf, mayHaveRetried, retriesOf } from './calls.js'
import { isFinal } from './phases.js'

interface Ended {
  readonly task: Seen
  /** Since when, at the latest, it was so: the place where the call that saw it began. */
  readonly since: number
}

/**
 * RN3: a final phase that was seen, with its result, never changes, unless somebody retried the task meanwhile. What
 * was pushed may have been on its way for long: there any retry before excuses a change.
 */
export function theEndStays(lines: readonly Line[]): readonly string[] {
  const found: string[] = []
  const calls = callsOf(lines)
  const retries = retriesOf(calls)
  const compare = (before: Ended | undefined, task: Seen, at: number): void => {
    if (before === undefined || isSame(before.task, task)) return
    if (mayHaveRetried(retries.get(task.taskId), before.since, at)) return
    found.push(`${task.taskId} was over as ${words(before.task)}, and then ${words(task)}`)
  }

  const answers = calls.flatMap(({ call, from, end, to }) =>
    call.type === 'read' && end?.type === 'answered' ? [{ from, to, task: end.task }] : [],
  )
  const byEnd = answers.toSorted((one, other) => one.to - other.to)
  const known = new Map<string, Ended>()
  let next = 0
  const learnUntil = (place: number): void => {
    for (let answer = byEnd[next]; answer !== undefined && answer.to < place; answer = byEnd[next]) {
      next += 1
      const { task, from } = answer
      if (isFinal(task) && from >= (known.get(task.taskId)?.since ?? 0))
        known.set(task.taskId, { task, since: from })
    }
  }
  for (const { from, to, task } of answers) {
    learnUntil(from)
    compare(known.get(task.taskId), task, to)
  }

  learnUntil(Number.POSITIVE_INFINITY)
  const pushed = new Map<string, Ended>()
  for (const [index, line] of lines.entries()) {
    if (line.type === 'listed') compare(known.get(line.task.taskId), line.task, index)
    if (line.type !== 'watched') continue
    compare(pushed.get(line.task.taskId), line.task, index)
    if (isFinal(line.task)) pushed.set(line.task.taskId, { task: line.task, since: 0 })
  }
  return found
}

const isSame = (one: Seen, other: Seen): boolean =>
  one.phase === other.phase &&
  one.attempt === other.attempt &&
  one.fence === other.fence &&
  one.exitCode === other.exitCode &&
  isDeepStrictEqual(one.value, other.value)

const words = ({ phase, attempt, fence, value }: Seen): string =>
  `${phase} (attempt ${attempt}, fence ${fence}, result ${JSON.stringify(value)})`
