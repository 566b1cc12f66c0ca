import type { Principal, Role } from './access/access.js'
import type { StallEvidence } from './alerts/alert.js'
import type { AlertRuleWish, Measure, RuleKind } from './alerts/rules.js'
import type { EffectState } from './effects/effect.js'
import type { Via } from './event.js'
import type {
  CommandId,
  Fence,
  NodeId,
  ProjectId,
  ScheduleId,
  Seq,
  TaskId,
  TriggerId,
  WorkId,
} from './ids.js'
import type { PlanKind } from './index/plans.js'
import type { Json } from './json.js'
import type { AgentWish } from './nodes/agent-acts.js'
import type { Agent, Capabilities } from './nodes/node.js'
import type { PlacementChoice } from './placement/choice.js'
import type { ReceiptAction, ReceiptState } from './receipts/receipt.js'
import type { RetentionWish } from './retention/retention.js'
import type { LimitScope, Rate } from './run-limits/limit.js'
import type { LeaseFacts } from './runs/lease.js'
import type { RunEnd, RunPhase, Stall } from './runs/run.js'
import type { ScheduleDefinition } from './schedules/schedule.js'
import type { DeclineCode, Task, TaskSpec } from './tasks/task.js'
import type { ReadyTask } from './templates/planned-task.js'
import type { TemplateDefinition } from './templates/template.js'
import type { TriggerDefinition } from './triggers/trigger.js'
import type { BatchItem } from './work/batch.js'
import type { ActsJob, BatchJob } from './work/work.js'

/** State of a run as its master holds it. */
export interface HeldRun {
  readonly taskId: TaskId
  readonly attempt: number
  readonly fence: Fence
  readonly state: 'starting' | 'running' | 'paused' | 'stopping' | 'ended'
  readonly pid: number | null
  readonly outBytes: number
  readonly errBytes: number
}

/** What can be done to a node so that it gets no work, or gets it again. */
export type NodeAction = 'cordon' | 'uncordon' | 'drain'

/** What can be done about an alert that is not over. */
export type AlertAction = 'ack' | 'shelve' | 'unshelve'

/** What can be done to a limit as a whole. */
export type LimitAction = 'pause' | 'resume' | 'delete'

/** What a user asks for. REST, gRPC, WebSocket, CLI and chat make these through `contract/catalogue`. */
export type UserCommand =
  | { readonly name: 'submit_task'; readonly spec: TaskSpec; readonly bodyHash: string }
  | {
      readonly name: 'control_task'
      readonly taskId: TaskId
      readonly action: ReceiptAction
      /** Do not start after this many ms; null = wait as long as it takes. */
      readonly timeoutMs: number | null
    }
  | {
      /** By whoever acts for the run; a master notes for the runs that it holds. */
      readonly name: 'note_effect'
      readonly taskId: TaskId
      /** Of the run that speaks; null = of the current one, which a master may not say. */
      readonly fence: Fence | null
      readonly key: string
      readonly state: EffectState
      readonly value: Json
      /** An intent although an earlier run left one open. */
      readonly again: boolean
    }
  | {
      readonly name: 'act_on_alert'
      readonly alertId: string
      readonly action: AlertAction
      /** null = none; shelving needs one. */
      readonly reason: string | null
      /** Unix ms at which it returns; null = never, which shelving may not say. */
      readonly untilMs: number | null
    }
  | { readonly name: 'restart_node'; readonly nodeId: NodeId }
  | {
      readonly name: 'control_node'
      readonly nodeId: NodeId
      readonly action: NodeAction
      /** Of a drain: what still runs after this many ms is moved; null = it is waited for. */
      readonly deadlineMs: number | null
    }
  | {
      readonly name: 'set_limit'
      readonly scope: LimitScope
      readonly value: string
      readonly runsMax: number | null
      readonly rate: Rate | null
    }
  | ({ readonly name: 'choose_placement' } & PlacementChoice)
  | ({ readonly name: 'set_retention' } & RetentionWish)
  | {
      readonly name: 'set_alert_rules'
      /** null = as built in; what is absent stays. */
      readonly rules: Readonly<Partial<Record<RuleKind, AlertRuleWish | null | undefined>>>
    }
  | { readonly name: 'change_limit'; readonly limitId: string; readonly action: LimitAction }
  /** At most limits.agentsBatchMax. */
  | { readonly name: 'create_agents'; readonly agents: readonly AgentWish[] }
  | { readonly name: 'delete_agent'; readonly agentId: string; readonly force: boolean }
  | {
      /** All items or none, in one group. */
      readonly name: 'submit_batch'
      readonly items: readonly BatchItem[]
      readonly bodyHash: string
      readonly idempotencyKey: string | null
    }
  | {
      /** A job that goes on over many turns; the items of a batch are stored under `bodyId` already. */
      readonly name: 'start_work'
      readonly job:
        | ({ readonly kind: 'batch'; readonly bodyId: string } & Pick<BatchJob, 'total' | 'merges'>)
        | Pick<ActsJob, 'kind' | 'action' | 'filter' | 'dryRun'>
      readonly bodyHash: string
      readonly idempotencyKey: string | null
    }
  | { readonly name: 'cancel_work'; readonly workId: WorkId }
  | PlanCommand

/** `ref` is a plan's id, or its name in the input's project. What only the shell can know rides along as facts. */
export type PlanCommand =
  | { readonly name: 'create_schedule'; readonly definition: ScheduleDefinition; readonly nextAtMs: number }
  | {
      readonly name: 'update_schedule'
      readonly ref: string
      readonly definition: ScheduleDefinition
      readonly nextAtMs: number
    }
  | { readonly name: 'pause_schedule' | 'delete_schedule'; readonly ref: string }
  | {
      readonly name: 'resume_schedule'
      readonly ref: string
      /** Of the schedule that `nextAtMs` was computed for. */
      readonly revision: number
      readonly nextAtMs: number
    }
  | {
      readonly name: 'run_schedule'
      readonly ref: string
      readonly revision: number
      readonly ready: ReadyTask
    }
  | { readonly name: 'create_template'; readonly definition: TemplateDefinition }
  | { readonly name: 'update_template'; readonly ref: string; readonly definition: TemplateDefinition }
  | { readonly name: 'delete_template'; readonly ref: string }
  | { readonly name: 'create_trigger'; readonly definition: TriggerDefinition }
  | { readonly name: 'update_trigger'; readonly ref: string; readonly definition: TriggerDefinition }
  | { readonly name: 'pause_trigger' | 'resume_trigger' | 'delete_trigger'; readonly ref: string }

/** What a master reports. */
export type NodeCommand =
  | {
      readonly name: 'register_node'
      readonly nodeId: NodeId
      readonly incarnation: number
      readonly version: string
      readonly url: string | null
      readonly capabilities: Capabilities
      readonly agents: readonly Agent[]
      readonly inventory: readonly HeldRun[]
    }
  | {
      readonly name: 'report_run'
      readonly taskId: TaskId
      readonly fence: Fence
      readonly change:
        | { readonly phase: Exclude<RunPhase, 'unknown' | 'assigned'>; readonly pid: number | null }
        | { readonly phase: 'ended'; readonly end: RunEnd }
    }
  | {
      readonly name: 'decline_run'
      readonly taskId: TaskId
      readonly fence: Fence
      readonly code: DeclineCode
      readonly text: string
      readonly retryAfterMs: number
    }
  | {
      readonly name: 'report_stall'
      readonly taskId: TaskId
      readonly fence: Fence
      readonly stall: Stall | null
      readonly evidence: StallEvidence | null
    }
  | { readonly name: 'report_agents'; readonly agents: readonly Agent[] }
  | {
      readonly name: 'report_receipt'
      readonly commandId: CommandId
      readonly state: Exclude<ReceiptState, 'sent' | 'expired'>
      readonly detail: string
    }

/** What the leader's own shell notices. */
export type SystemCommand =
  | { readonly name: 'start_term'; readonly leaderId: string }
  | { readonly name: 'step_clock'; readonly byMs: number }
  | {
      /** What masters measured since the last look: fractions from 0 to 1. */
      readonly name: 'look_at_alerts'
      readonly loads: ReadonlyMap<string, Readonly<Record<Measure, number>>>
    }
  | { readonly name: 'fire_timers'; readonly leases: LeaseFacts }
  | { readonly name: 'retire_tasks'; readonly throughSeq: number }
  | { readonly name: 'node_silent'; readonly nodeId: NodeId; readonly reason: string }
  | { readonly name: 'node_deaf'; readonly nodeId: NodeId; readonly deaf: boolean }
  | {
      /** The next step of a work item that stands at `fromCursor`; a batch's step brings its items. */
      readonly name: 'advance_work'
      readonly workId: WorkId
      readonly fromCursor: number
      readonly items?: readonly BatchItem[]
    }
  | { readonly name: 'fail_work'; readonly workId: WorkId; readonly detail: string }
  | {
      /** What this node told crashed the leader limits.crashesUntilQuarantine times: it is not decided. */
      readonly name: 'set_aside'
      readonly nodeId: NodeId
      readonly told: NodeCommand
      /** Ends what it would have ended, so that nobody waits for it; false when that crashed the leader as well. */
      readonly closes: boolean
    }
  | {
      readonly name: 'issue_credential'
      readonly credentialKind: 'token' | 'session' | 'login_code'
      readonly hash: string
      readonly userId: string
      readonly role: Role
      readonly expiresAtMs: number | null
      /** Login code (or session) that this one is exchanged for; revoked in the same turn. */
      readonly replaces: string | null
    }
  | { readonly name: 'extend_credential'; readonly hash: string; readonly expiresAtMs: number }
  | {
      /** A slot is due. Slots in [fromMs, slotMs) pass unfired. */
      readonly name: 'fire_schedule'
      readonly scheduleId: ScheduleId
      readonly revision: number
      /** The first slot that is not dealt with. */
      readonly fromMs: number
      readonly slotMs: number
      readonly nextAtMs: number | null
      readonly ready: ReadyTask
    }
  | {
      /** An event met a trigger's condition, or could not be judged (a refusal). */
      readonly name: 'fire_trigger'
      readonly triggerId: TriggerId
      readonly revision: number
      readonly eventSeq: Seq
      readonly ready: ReadyTask
      /** Of a refusal: how many events it stands for, the newest of which is `eventSeq`; absent = 1. */
      readonly count?: number
    }
  | { readonly name: 'note_triggers_seen'; readonly throughSeq: Seq }

export type Command = UserCommand | NodeCommand | SystemCommand

/** One thing to decide, with who asks and why. */
export interface Input<C extends Command = Command> {
  readonly command: C
  readonly principal: Principal
  readonly via: Via
  readonly onBehalfOf?: string
  readonly projectId: ProjectId | null
  readonly idempotencyKey?: string
  readonly traceId: string
  /** Wall ms after which it must not be decided; null = none. */
  readonly deadlineMs: number | null
  readonly origin?:
    | { readonly nodeId: string; readonly incarnation: number; readonly uplinkSeq: number }
    | undefined
  /** Cold facts that the shell looked up, with the seq they were read at. */
  readonly facts?: {
    readonly asOfSeq: number
    /** Task that a retired idempotency key belongs to. */
    readonly keyHolder?: Task
    /** The same for the items of a batch, by key. */
    readonly keyHolders?: ReadonlyMap<string, Task>
    /** The task a command is about, when it is retired from memory. */
    readonly retiredTask?: Task
    /** Those of the task's dependencies that are retired. */
    readonly dependencies?: readonly Task[]
  }
}

/** What a decided input answers, made on the working state and released by the gate. */
export type Answer =
  | { readonly kind: 'task'; readonly taskId: TaskId; readonly created: boolean }
  | { readonly kind: 'receipt'; readonly commandId: CommandId }
  | { readonly kind: 'node'; readonly nodeId: NodeId }
  | { readonly kind: 'limit'; readonly limitId: string }
  | { readonly kind: 'alert'; readonly alertId: string }
  | { readonly kind: 'receipts'; readonly commandIds: readonly CommandId[] }
  /** The newest word on an effect of a task. */
  | { readonly kind: 'effect'; readonly taskId: TaskId; readonly key: string }
  /** Cancel of a task that is over: nothing to do. */
  | { readonly kind: 'finished'; readonly taskId: TaskId }
  /** A batch or a bulk act; `created` false: the key was known, or it is the answer to a cancel. */
  | { readonly kind: 'work'; readonly workId: WorkId; readonly created: boolean }
  /** A schedule, template or trigger. */
  | { readonly kind: 'plan'; readonly plan: PlanKind; readonly id: string }
  | { readonly kind: 'done' }
