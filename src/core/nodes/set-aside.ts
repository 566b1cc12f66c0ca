import { raise } from '../alerts/raise.js'
import { type Decision, done } from '../decision.js'
import { draft, type EventDraft } from '../event.js'
import type { Command, Input, NodeCommand } from '../input.js'
import { stepReceipt } from '../receipts/decide.js'
import { isFinal } from '../receipts/receipt.js'
import { lostEnd } from '../runs/end.js'
import type { State } from '../state.js'
import { aboutTask } from '../tasks/about.js'
import { aboutNode } from './decide.js'

type SetAside = Extract<Command, { name: 'set_aside' }>

/**
 * [QU2] Instead of deciding what crashed the leader: a numbered update is folded, so that its master can forget it, and
 * what it would have ended is ended here. A register has no number; of it there is only the alert.
 */
export function decideSetAside(state: State, input: Input, command: SetAside): Decision {
  const { nodeId, told, closes } = command
  const message = sentence(command)
  const folded =
    input.origin === undefined ? [] : [draft('NodeUplinkSeen', aboutNode(nodeId), { note: message })]
  const closed = closes ? close(state, nodeId, told) : []
  return done([...folded, ...closed, ...raise(state, nodeId, 'quarantined', message)])
}

/** Who sent what, what became of it, and what to do. */
function sentence({ nodeId, told, closes }: SetAside): string {
  const what = whatOf(told)
  const report = `report the defect with the leader's log`
  if (told.name === 'register_node') {
    return `${nodeId} sent ${what}, which crashed the leader twice: it is refused until ${nodeId} is restarted; ${report}`
  }
  return `${nodeId} sent ${what}, which crashed the leader twice: it was set aside${closes ? becameOf(told) : ''}; ${report}; a restart of ${nodeId} clears this`
}

function whatOf(told: NodeCommand): string {
  switch (told.name) {
    case 'register_node':
      return 'its register'
    case 'report_run':
      return `the ${told.change.phase === 'ended' ? 'end' : 'change'} of a run of task ${told.taskId}`
    case 'decline_run':
      return `that it declines a run of task ${told.taskId}`
    case 'report_stall':
      return `a stall report of task ${told.taskId}`
    case 'report_agents':
      return 'its list of agents'
    case 'report_receipt':
      return `the receipt of command ${told.commandId}`
  }
}

function becameOf(told: NodeCommand): string {
  if (endsRun(told)) return ', and the run counts as lost'
  return told.name === 'report_receipt' ? ', and the command counts as refused' : ''
}

/** After it the master holds no such run. */
const endsRun = (told: NodeCommand): told is Extract<NodeCommand, { name: 'report_run' | 'decline_run' }> =>
  told.name === 'decline_run' || (told.name === 'report_run' && told.change.phase === 'ended')

/** What no later report or register would tell again. */
function close(state: State, nodeId: string, told: NodeCommand): EventDraft[] {
  if (endsRun(told)) {
    const task = state.task(told.taskId)
    if (task?.state.phase !== 'live') return []
    const { run } = task.state
    if (run.fence !== told.fence || run.nodeId !== nodeId) return []
    const end = lostEnd(`${nodeId} told its end, which the leader could not take and set aside`)
    return [draft('RunEnded', aboutTask(task), { fence: run.fence, end })]
  }
  if (told.name === 'report_receipt') {
    const receipt = state.receipt(told.commandId)
    if (receipt === undefined || isFinal(receipt) || receipt.nodeId !== nodeId) return []
    return [stepReceipt(receipt, 'refused', `what ${nodeId} told of it was set aside`)]
  }
  return []
}
