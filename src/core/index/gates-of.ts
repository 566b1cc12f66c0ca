import type { Task } from '../tasks/task.js'
import { termsOf } from '../tasks/terms.js'
import type { GateScope } from './gate.js'
import type { PastStart } from './limit-book.js'

interface GateRef {
  readonly scope: GateScope
  readonly value: string
}

/** The gates that a task passes before it is known where it goes, in the order in which it passes them. */
export function gatesOf({ spec, projectId }: Task): readonly GateRef[] {
  const project: GateRef = { scope: 'project', value: projectId }
  if (spec.queue === undefined) return [project]
  const { capacity, concurrencyKey } = termsOf(spec)
  const gates = [project]
  if (capacity !== null) gates.push({ scope: 'capacity', value: capacity })
  if (concurrencyKey !== null) gates.push({ scope: 'key', value: concurrencyKey })
  return gates
}

/** Every start of the runs that these tasks remember, once for each gate that it passed. */
export function startsOf(
  tasks: Iterable<Task>,
  kindOf: (nodeId: string, agentId: string) => string,
): readonly PastStart[] {
  const starts: PastStart[] = []
  for (const task of tasks) {
    const runs = task.state.phase === 'live' ? [...task.past, task.state.run] : task.past
    const gates = gatesOf(task)
    for (const { assignedAtMs, nodeId, agentId } of runs) {
      for (const { scope, value } of gates) starts.push({ atMs: assignedAtMs, scope, value })
      starts.push({ atMs: assignedAtMs, scope: 'agentKind', value: kindOf(nodeId, agentId) })
    }
  }
  return starts
}
