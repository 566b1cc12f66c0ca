import type { Queue } from '../contract/queue.js'
import { taskView } from '../contract/views.js'
import { limits } from '../core/limits.js'
import type { State } from '../core/state.js'
import { statusOf } from '../core/tasks/status.js'
import type { Task } from '../core/tasks/task.js'
import { Reasons } from '../core/why/reasons.js'
import { highest } from './highest.js'
import type { Samples } from './samples.js'

const bandOf = (priority: number): keyof Queue['bands'] =>
  priority >= 8 ? 'high' : priority >= 4 ? 'normal' : 'low'

/** Higher priority first, then the older; a seq is always below the step. */
const turnRank = (task: Task): number => task.spec.priority * 2 ** 40 - task.seq

/** All that waits, in one pass over the tasks in memory. */
export function queuePicture(state: State, samples: Samples): Queue {
  const reasons = new Reasons(state)
  const bands = { high: 0, normal: 0, low: 0 }
  const byCode = new Map<string, { tasks: number; text: string }>()
  const named = new Map<string, number>()
  const pending = [...state.tables.task.values()].filter((task) => statusOf(task) === 'pending')
  for (const task of pending) {
    bands[bandOf(task.spec.priority)] += 1
    const reason = reasons.of(task)
    const code = reason?.code ?? 'none'
    const known = byCode.get(code)
    if (known === undefined)
      byCode.set(code, { tasks: 1, text: reason?.text ?? 'Handed to a master, and about to start.' })
    else known.tasks += 1
    const { workerId } = task.spec.requirements
    if (workerId !== null) named.set(workerId, (named.get(workerId) ?? 0) + 1)
  }
  const queued = pending.filter((task) => task.state.phase === 'queued')
  const masters = [...state.tables.node.values()].map((node) => {
    const { workerId, status, schedulable, busyAgents, maxAgents } = samples.worker(state, node)
    return { workerId, status, schedulable, busyAgents, maxAgents, waiting: named.get(workerId) ?? 0 }
  })
  return {
    waiting: pending.length,
    bands,
    reasons: [...byCode]
      .map(([code, { tasks, text }]) => ({ code, tasks, text }))
      .sort((a, b) => b.tasks - a.tasks || (a.code < b.code ? -1 : 1)),
    next: highest(queued, limits.queueNextMax, turnRank).map((task) =>
      taskView(task, { samples: samples.ofRun(task), waitReason: reasons.of(task) }, true),
    ),
    masters: masters.sort((a, b) => (a.workerId < b.workerId ? -1 : 1)),
  }
}
