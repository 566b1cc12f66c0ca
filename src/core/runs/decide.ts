import { isSwitchedOff } from '../alerts/rules.js'
import { type Decision, done } from '../decision.js'
import { born, draft, type EventDraft } from '../event.js'
import { alertRoot } from '../index/indexes.js'
import type { Command, Input } from '../input.js'
import type { State } from '../state.js'
import { aboutTask } from '../tasks/about.js'
import type { Task } from '../tasks/task.js'
import type { Run, RunEnd } from './run.js'

type ReportRun = Extract<Command, { name: 'report_run' }>
type ReportStall = Extract<Command, { name: 'report_stall' }>

/**
 * A report counts only while its fence is current; a late one is kept as evidence. Always makes an event when it
 * came over a numbered uplink, so that its number is folded and the master can forget it.
 */
export function decideReportRun(state: State, input: Input, command: ReportRun): Decision {
  const current = currentRun(state, command)
  if (current === null) return lateReport(state, input, command.taskId, command.fence, endOf(command))
  const { task, run } = current
  if (command.change.phase === 'ended') {
    return done([draft('RunEnded', aboutTask(task), { fence: command.fence, end: command.change.end })])
  }
  const { phase, pid } = command.change
  if (phase === run.phase && (pid === null || pid === run.pid)) return seen(input, 'no change')
  return done([draft('RunChanged', aboutTask(task), { fence: command.fence, phase, pid })])
}

export function decideReportStall(state: State, input: Input, command: ReportStall): Decision {
  const current = currentRun(state, command)
  if (current === null) return lateReport(state, input, command.taskId, command.fence, null)
  const { task, run } = current
  if (command.stall === null) {
    return run.stall === null
      ? seen(input, 'no stall')
      : done([draft('RunStallCleared', aboutTask(task), { fence: run.fence })])
  }
  const stalled = draft('RunStalled', aboutTask(task), { fence: run.fence, stall: command.stall })
  const isTold = isSwitchedOff(state, 'stall') || state.index.openAlert.has(alertRoot('stall', task.taskId))
  if (isTold) return done([stalled])
  const raised = draft(
    'AlertRaised',
    { kind: 'alert', id: born, projectId: task.projectId },
    {
      alertKind: 'stall',
      level: 'warning',
      message: stallSentence(task, run, command),
      taskId: task.taskId,
      nodeId: run.nodeId,
      evidence: command.evidence,
    },
  )
  return done([stalled, raised])
}

function stallSentence(task: Task, run: Run, command: ReportStall): string {
  const where = `${task.spec.name} (${task.taskId}) on ${run.nodeId}`
  switch (command.stall?.kind) {
    case 'repeated_line':
      return `${where} prints the same line again and again`
    case 'waiting_input':
      return `${where} waits for input`
    default:
      return `${where} has been silent, without output and without CPU, for ${Math.round(task.spec.stallAfterMs / 1000)} s`
  }
}

function currentRun(
  state: State,
  report: { taskId: string; fence: number },
): { task: Task; run: Run } | null {
  const task = state.task(report.taskId)
  if (task?.state.phase !== 'live' || task.state.run.fence !== report.fence) return null
  return { task, run: task.state.run }
}

function endOf(command: ReportRun): RunEnd | null {
  return command.change.phase === 'ended' ? command.change.end : null
}

function lateReport(
  state: State,
  input: Input,
  taskId: string,
  fence: ReportRun['fence'],
  end: RunEnd | null,
): Decision {
  const task = state.task(taskId)
  if (task === undefined) return seen(input, `unknown task ${taskId}`)
  return done([draft('RunSuperseded', aboutTask(task), { fence, end })])
}

/** A numbered update that changes nothing still has to be folded, or it would come again for ever. */
export function seen(input: Input, note: string): Decision {
  if (input.origin === undefined) return done([])
  const drafts: EventDraft[] = [
    draft('NodeUplinkSeen', { kind: 'node', id: input.origin.nodeId, projectId: null }, { note }),
  ]
  return done(drafts)
}
