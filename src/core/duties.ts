import { isFinal, nodeSubject, type Receipt } from './receipts/receipt.js'
import type { Run } from './runs/run.js'
import type { State } from './state.js'
import type { Task } from './tasks/task.js'

/** What a node is owed: runs it has not accepted, commands without a final receipt. */
export interface NodeDuties {
  readonly assignments: readonly { readonly task: Task; readonly run: Run }[]
  readonly commands: readonly Receipt[]
}

/** Read off the state, never off a callback: a new leader owes the same. Ordered by fence and command. */
export function nodeDuties(state: State, nodeId: string): NodeDuties {
  const assignments: { task: Task; run: Run }[] = []
  const commands: Receipt[] = []
  const owe = (subject: string): void => {
    for (const commandId of state.index.openReceipts.get(subject) ?? []) {
      const receipt = state.receipt(commandId)
      if (receipt !== undefined && !isFinal(receipt) && receipt.nodeId === nodeId) commands.push(receipt)
    }
  }
  owe(nodeSubject(nodeId))
  for (const taskId of state.index.slots.tasksOn(nodeId)) {
    const task = state.task(taskId)
    if (task?.state.phase !== 'live') continue
    if (task.state.run.phase === 'assigned') assignments.push({ task, run: task.state.run })
    owe(taskId)
  }
  assignments.sort((a, b) => a.run.fence - b.run.fence)
  commands.sort((a, b) => a.steps[0].atMs - b.steps[0].atMs || (a.commandId < b.commandId ? -1 : 1))
  return { assignments, commands }
}
