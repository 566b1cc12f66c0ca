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

/** A record, so that a command of users cannot be forgotten here. */
const userCommands: Readonly<Record<UserCommand['name'], true>> = {
  submit_task: true,
  control_task: true,
  note_effect: true,
  act_on_alert: true,
  restart_node: true,
  control_node: true,
  create_agents: true,
  delete_agent: true,
  submit_batch: true,
  start_work: true,
  cancel_work: true,
  choose_placement: true,
  set_retention: true,
  set_alert_rules: true,
  set_limit: true,
  change_limit: true,
  create_schedule: true,
  update_schedule: true,
  pause_schedule: true,
  resume_schedule: true,
  delete_schedule: true,
  run_schedule: true,
  create_template: true,
  update_template: true,
  delete_template: true,
  create_trigger: true,
  update_trigger: true,
  pause_trigger: true,
  resume_trigger: true,
  delete_trigger: true,
}
const isUserCommand = (command: Command): boolean => Object.hasOwn(userCommands, command.name)

function speaksForItself(state: State, nodeId: string, command: Command): boolean {
  switch (command.name) {
    case 'register_node':
      return command.nodeId === nodeId
    case 'report_run':
    case 'decline_run':
    case 'report_stall':
    case 'note_effect': {
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
