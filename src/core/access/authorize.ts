import { ControlError } from '../errors.js'
import type { Command, Input, UserCommand } from '../input.js'
import type { State } from '../state.js'

/** Refuses what the principal may not do; runs first in every decision. One role (admin) so far. */
export function authorize(state: State, input: Input): void {
  const { principal, command } = input
  switch (principal.kind) {
    case 'system':
      return
    case 'user':
      if (isUserCommand(command) && principal.role === 'admin') return
      throw new ControlError('forbidden', `${principal.id} may not ${command.name.replaceAll('_', ' ')}`)
    case 'node':
      if (speaksForItself(state, principal.id, command)) return
      throw new ControlError('forbidden', `${principal.id} may only report what is its own`)
  }
}

const userCommands: ReadonlySet<string> = new Set([
  'submit_task',
  'control_task',
  'restart_node',
  'control_node',
  'create_agents',
  'delete_agent',
  'submit_batch',
  'start_work',
  'cancel_work',
  'choose_placement',
  'set_limit',
  'change_limit',
] satisfies readonly UserCommand['name'][])

const isUserCommand = (command: Command): boolean => userCommands.has(command.name)
function speaksForItself(state: State, nodeId: string, command: Command): boolean {
  switch (command.name) {
    case 'register_node':
      return command.nodeId === nodeId
    case 'report_run':
    case 'decline_run':
    case 'report_stall': {
      const task = state.task(command.taskId)
      if (task === undefined) return true
      const holder =
        task.state.phase === 'live' && task.state.run.fence === command.fence
          ? task.state.run.nodeId
          : task.past.find((run) => run.fence === command.fence)?.nodeId
      return holder === nodeId
    }
    case 'report_receipt': {
      const receipt = state.receipt(command.commandId)
      return receipt === undefined || receipt.nodeId === nodeId
    }
    case 'report_agents':
      return true
    default:
      return false
  }
}
