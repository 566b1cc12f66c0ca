import { authorize } from './access/authorize.js'
import { decideExtend, decideIssue } from './access/decide.js'
import { decideActOnAlert } from './alerts/decide.js'
import { decideSetAlertRules } from './alerts/decide-rules.js'
import { decideLook } from './alerts/look.js'
import { type Decision, done } from './decision.js'
import { decideNoteEffect } from './effects/decide.js'
import { ControlError } from './errors.js'
import { draft } from './event.js'
import { countFinished } from './index/counts.js'
import type { Command, Input, PlanCommand } from './input.js'
import { decideCreateAgents, decideDeleteAgent } from './nodes/agent-acts.js'
import { decideAgents, decideDeaf, decideRegister, decideRestart, decideSilent } from './nodes/decide.js'
import { decideControlNode } from './nodes/decide-hold.js'
import { decideSetAside } from './nodes/set-aside.js'
import { decidePlacement } from './placement/decide.js'
import { decideReportReceipt } from './receipts/decide.js'
import { decideRetention } from './retention/decide.js'
import { decideChangeLimit, decideSetLimit } from './run-limits/decide.js'
import { decideReportRun, decideReportStall, seen } from './runs/decide.js'
import { decideDecline } from './runs/decide-decline.js'
import {
  decideCreateSchedule,
  decideDeleteSchedule,
  decideFireSchedule,
  decidePauseSchedule,
  decideResumeSchedule,
  decideRunSchedule,
  decideUpdateSchedule,
} from './schedules/decide.js'
import type { State } from './state.js'
import { decideControl, decideSubmit } from './tasks/decide.js'
import { decideCreateTemplate, decideDeleteTemplate, decideUpdateTemplate } from './templates/decide.js'
import { decideTimers } from './timers.js'
import {
  decideCreateTrigger,
  decideDeleteTrigger,
  decideFireTrigger,
  decidePauseTrigger,
  decideResumeTrigger,
  decideTriggersSeen,
  decideUpdateTrigger,
} from './triggers/decide.js'
import {
  decideAdvance,
  decideBatch,
  decideCancelWork,
  decideFailWork,
  decideStartWork,
} from './work/decide.js'

const cluster = { kind: 'cluster' as const, id: 'cluster', projectId: null }

/**
 * What an input makes happen on this state, or a ControlError. Authorises first. Reads state and input only; the
 * answer is the same whenever and wherever it is asked with the same three.
 */
export function decide(state: State, input: Input, nowMs: number): Decision {
  authorize(state, input)
  if (input.deadlineMs !== null && nowMs > input.deadlineMs) {
    throw new ControlError('deadline_exceeded', 'the deadline passed before it was decided')
  }
  const { command } = input
  switch (command.name) {
    case 'submit_task':
      return decideSubmit(state, input, command, { nowMs })
    case 'control_task':
      return decideControl(state, input, command, nowMs)
    case 'note_effect':
      return decideNoteEffect(state, input, command)
    case 'submit_batch':
      return decideBatch(state, input, command, nowMs)
    case 'start_work':
      return decideStartWork(state, input, command)
    case 'cancel_work':
      return decideCancelWork(state, command.workId)
    case 'advance_work':
      return decideAdvance(state, input, command, nowMs)
    case 'fail_work':
      return decideFailWork(state, command.workId, command.detail)
    case 'restart_node':
      return decideRestart(state, command.nodeId)
    case 'control_node':
      return decideControlNode(state, command, nowMs)
    case 'create_agents':
      return decideCreateAgents(state, command)
    case 'delete_agent':
      return decideDeleteAgent(state, command)
    case 'act_on_alert':
    case 'choose_placement':
    case 'set_retention':
    case 'set_alert_rules':
    case 'set_limit':
    case 'change_limit':
      return decideSetting(state, command, nowMs)
    case 'register_node':
      return decideRegister(state, command)
    case 'report_run':
      return decideReportRun(state, input, command)
    case 'decline_run':
      return decideDecline(state, input, command, nowMs)
    case 'report_stall':
      return decideReportStall(state, input, command)
    case 'report_agents': {
      const drafts = decideAgents(state, input.principal.id, command.agents)
      return drafts.length === 0 ? seen(input, 'same agents') : done(drafts)
    }
    case 'report_receipt':
      return decideReportReceipt(state, input, command)
    case 'start_term':
      return done([draft('TermStarted', cluster, { leaderId: command.leaderId })])
    case 'step_clock':
      return done([draft('ClockStepped', cluster, { byMs: command.byMs })])
    case 'look_at_alerts':
    case 'node_silent':
    case 'node_deaf':
      return decideSeen(state, command, nowMs)
    case 'fire_timers':
      return done(decideTimers(state, nowMs, command.leases))
    case 'retire_tasks': {
      const { throughSeq } = command
      return done([draft('TasksRetired', cluster, { throughSeq, counts: countFinished(state, throughSeq) })])
    }
    case 'set_aside':
      return decideSetAside(state, input, command)
    case 'issue_credential':
      return decideIssue(state, command, nowMs)
    case 'extend_credential':
      return decideExtend(state, command, nowMs)
    default:
      return decidePlan(state, input, command, nowMs)
  }
}

type SeenCommand = Extract<Command, { readonly name: 'look_at_alerts' | 'node_silent' | 'node_deaf' }>

/** What the leader sees of its masters. */
function decideSeen(state: State, command: SeenCommand, nowMs: number): Decision {
  switch (command.name) {
    case 'look_at_alerts':
      return decideLook(state, command, nowMs)
    case 'node_silent':
      return decideSilent(state, command.nodeId, command.reason)
    case 'node_deaf':
      return decideDeaf(state, command.nodeId, command.deaf)
  }
}

type SettingCommand = Extract<
  Command,
  {
    readonly name:
      | 'act_on_alert'
      | 'choose_placement'
      | 'set_retention'
      | 'set_alert_rules'
      | 'set_limit'
      | 'change_limit'
  }
>

/** How the cluster works from now on, and what people do about its alerts. */
function decideSetting(state: State, command: SettingCommand, nowMs: number): Decision {
  switch (command.name) {
    case 'act_on_alert':
      return decideActOnAlert(state, command, nowMs)
    case 'choose_placement':
      return decidePlacement(state, command)
    case 'set_retention':
      return decideRetention(state, command)
    case 'set_alert_rules':
      return decideSetAlertRules(state, command, nowMs)
    case 'set_limit':
      return decideSetLimit(state, command)
    case 'change_limit':
      return decideChangeLimit(state, command)
  }
}

type PlanInput = Extract<
  Command,
  PlanCommand | { readonly name: 'fire_schedule' | 'fire_trigger' | 'note_triggers_seen' }
>

/** Schedules, templates and triggers. */
function decidePlan(state: State, input: Input, command: PlanInput, nowMs: number): Decision {
  switch (command.name) {
    case 'create_schedule':
      return decideCreateSchedule(state, command)
    case 'update_schedule':
      return decideUpdateSchedule(state, input, command)
    case 'pause_schedule':
      return decidePauseSchedule(state, input, command.ref)
    case 'resume_schedule':
      return decideResumeSchedule(state, input, command)
    case 'delete_schedule':
      return decideDeleteSchedule(state, input, command.ref)
    case 'run_schedule':
      return decideRunSchedule(state, input, command, nowMs)
    case 'fire_schedule':
      return decideFireSchedule(state, input, command, nowMs)
    case 'create_template':
      return decideCreateTemplate(state, command)
    case 'update_template':
      return decideUpdateTemplate(state, input, command)
    case 'delete_template':
      return decideDeleteTemplate(state, input, command)
    case 'create_trigger':
      return decideCreateTrigger(state, command)
    case 'update_trigger':
      return decideUpdateTrigger(state, input, command)
    case 'pause_trigger':
      return decidePauseTrigger(state, input, command.ref)
    case 'resume_trigger':
      return decideResumeTrigger(state, input, command.ref)
    case 'delete_trigger':
      return decideDeleteTrigger(state, input, command.ref)
    case 'fire_trigger':
      return decideFireTrigger(state, input, command, nowMs)
    case 'note_triggers_seen':
      return decideTriggersSeen(state, command)
  }
}
