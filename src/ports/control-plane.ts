import type { Principal } from '../core/access/access.js'
import type { ControlError, ErrorCode } from '../core/errors.js'
import type { Via } from '../core/event.js'
import type { ProjectId } from '../core/ids.js'
import type { PlanKind } from '../core/index/plans.js'
import type { Answer, PlanCommand, UserCommand } from '../core/input.js'
import type { JsonObject } from '../core/json.js'
import type { ScheduleDefinition } from '../core/schedules/schedule.js'
import type { TaskSpec } from '../core/tasks/task.js'
import type { ParameterValue } from '../core/templates/planned-task.js'
import type { TemplateDefinition } from '../core/templates/template.js'
import type { TriggerDefinition, TriggerSubject } from '../core/triggers/trigger.js'
import type { ActsJob } from '../core/work/work.js'
import type { Measures } from './measures.js'
import type { ConfigFilter, TaskFilter } from './store.js'
import type { LineFilter, LinePaging } from './streams.js'

/** Who calls, as the transport knows it. */
export interface Caller {
  readonly principal: Principal
  readonly via: Via
  readonly traceId: string
  /** Aborts waits (receipts, watches) when the caller goes away. */
  readonly signal?: CancelSignal
}

/** The part of AbortSignal that the rooms without a platform may know. */
export interface CancelSignal {
  readonly aborted: boolean
  addEventListener(type: 'abort', listener: () => void): void
  removeEventListener(type: 'abort', listener: () => void): void
}

/** A command as transports hand it over: the leader adds the body's hash. */
export type CommandRequest =
  | { readonly name: 'submit_task'; readonly spec: TaskSpec }
  | Exclude<UserCommand, PlanCommand | { readonly name: 'submit_task' | 'submit_batch' | 'start_work' }>
  | ({ readonly name: 'start_acts'; readonly idempotencyKey: string | null } & Pick<
      ActsJob,
      'action' | 'filter' | 'dryRun'
    >)
  | PlanRequest
  | {
      readonly name: 'submit_template'
      readonly template: string
      readonly params: Readonly<Record<string, ParameterValue>>
      readonly overrides: JsonObject
      readonly idempotencyKey: string | null
    }

/** About schedules, templates and triggers; what only the leader knows is left out. */
export type PlanRequest =
  | { readonly name: 'create_schedule'; readonly definition: ScheduleDefinition }
  | { readonly name: 'update_schedule'; readonly ref: string; readonly definition: ScheduleDefinition }
  | { readonly name: 'pause_schedule' | 'delete_schedule'; readonly ref: string }
  | { readonly name: 'resume_schedule'; readonly ref: string }
  | { readonly name: 'run_schedule'; readonly ref: string; readonly idempotencyKey: string | null }
  | { readonly name: 'create_template'; readonly definition: TemplateDefinition }
  | { readonly name: 'update_template'; readonly ref: string; readonly definition: TemplateDefinition }
  | { readonly name: 'delete_template'; readonly ref: string }
  | { readonly name: 'create_trigger'; readonly definition: TriggerDefinition }
  | { readonly name: 'update_trigger'; readonly ref: string; readonly definition: TriggerDefinition }
  | { readonly name: 'pause_trigger' | 'resume_trigger' | 'delete_trigger'; readonly ref: string }

/** An item of a batch as it was judged when it came: what to submit, or why it can never be. */
export type BatchItemRequest =
  | { readonly kind: 'task'; readonly spec: TaskSpec; readonly projectId: ProjectId }
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly message: string }

/** A batch whose items are coming in; ended by `submit` or `abandon`. Every method rejects with ControlError only. */
export interface BatchIntake {
  /** Waits while the store takes them. Rejects `too_large` beyond limits.batchItemsMax. */
  add(items: readonly BatchItemRequest[]): Promise<void>
  /**
   * Resolves after the commit: atomic, when its tasks are made; else when it is durable and goes on by itself. `isNew`
   * false: the key and the items were known.
   */
  submit(options: {
    readonly atomic: boolean
    /** Equal items without a key are one task. Default: each is its own. */
    readonly merge?: boolean
    /** Size of the body as it came. */
    readonly bytes: number
    readonly idempotencyKey: string | null
  }): Promise<{ readonly batchId: string; readonly isNew: boolean }>
  /** Forgets what came. Idempotent, and without effect after `submit`. */
  abandon(): void
}

export interface Page {
  readonly limit: number
  readonly cursor: string | null
}

/** What came of a submit: the task, or why there is none. */
export type SubmitOutcome =
  | { readonly ok: true; readonly taskId: string; readonly created: boolean }
  | { readonly ok: false; readonly error: ControlError }

/** JSON made once by the leader, sent as it is by the transport. */
export type JsonBytes = string

/**
 * What a leader (later also a relay) offers to HTTP, gRPC and the CLI's server side. Every method rejects with
 * ControlError only. Answers leave after the commit that they depend on. JSON answers have contract/'s shapes.
 */
/** Load of a master (null: of all) within [fromMs, toMs), in at most `points` steps. */
export interface LoadWish {
  readonly nodeId: string | null
  readonly fromMs: number
  readonly toMs: number
  readonly points: number
}

export interface ControlPlane {
  /** Bearer secret → who it is; null when unknown, revoked or expired. */
  authenticate(token: string): Principal | null
  /** One-time code → session. */
  login(code: string): Promise<{ readonly token: string; readonly expiresAt: number }>
  renew(token: string): Promise<{ readonly token: string; readonly expiresAt: number }>

  execute(
    caller: Caller,
    request: { readonly command: CommandRequest; readonly projectId: string },
  ): Promise<Answer>

  /**
   * One of many submits: as `execute`, without a promise and with a small answer. `done` is called exactly once, after the
   * commit or with the refusal; never throws.
   */
  submit(
    caller: Caller,
    request: { readonly spec: TaskSpec; readonly projectId: string },
    done: (outcome: SubmitOutcome) => void,
  ): void

  /** Task JSON; rejects task_not_found. */
  task(caller: Caller, taskId: string): Promise<JsonBytes>
  /** TaskPage JSON. */
  tasks(
    caller: Caller,
    filter: TaskFilter,
    page: { readonly limit: number; readonly cursor: string | null },
  ): Promise<JsonBytes>
  /** Receipt JSON; with waitMs it answers at the final state or when the time is over. */
  receipt(caller: Caller, commandId: string, waitMs: number): Promise<JsonBytes>
  /** {receipts}: the newest limits.taskReceiptsMax commands on a task that are still known, newest first. */
  taskReceipts(caller: Caller, taskId: string): Promise<JsonBytes>
  /** {effects}: side effects that a task's runs noted, oldest first. */
  effects(caller: Caller, taskId: string): Promise<JsonBytes>
  /** Effect JSON: the newest word on one; rejects not_found. */
  effect(caller: Caller, taskId: string, key: string): Promise<JsonBytes>
  /** {fence: current|stale}, when it is sure that nobody else leads. */
  fence(caller: Caller, taskId: string, fence: number): Promise<JsonBytes>
  /** Throws `resource_exhausted` beyond limits.batchIntakesMax at once. */
  batchIntake(caller: Caller): BatchIntake
  /** Batch JSON; rejects work_not_found. With waitMs it answers when it is over or the time is. */
  batch(caller: Caller, batchId: string, waitMs: number): Promise<JsonBytes>
  /** BatchPage JSON, newest first. */
  batches(caller: Caller, page: Page): Promise<JsonBytes>
  /** Work JSON: a batch or a bulk act. */
  work(caller: Caller, workId: string, waitMs: number): Promise<JsonBytes>
  /** WorkPage JSON, newest first. */
  works(caller: Caller, page: Page): Promise<JsonBytes>
  workers(caller: Caller): Promise<JsonBytes>
  worker(caller: Caller, workerId: string): Promise<JsonBytes>
  agents(caller: Caller): Promise<JsonBytes>
  /** Agent JSON; rejects agent_not_found. */
  agent(caller: Caller, agentId: string): Promise<JsonBytes>
  alerts(caller: Caller): Promise<JsonBytes>
  /** Alert JSON; rejects alert_not_found. */
  alert(caller: Caller, alertId: string): Promise<JsonBytes>
  /** AlertRules JSON. */
  alertRules(caller: Caller): Promise<JsonBytes>
  /** Load JSON. */
  load(caller: Caller, query: LoadWish): Promise<JsonBytes>
  /** AlertDelivery JSON. */
  alertDelivery(caller: Caller): Promise<JsonBytes>
  /** ConfigPage JSON: changes of configuration, newest first. */
  configHistory(caller: Caller, filter: ConfigFilter, page: Page): Promise<JsonBytes>
  /** Placement JSON. */
  placement(caller: Caller): Promise<JsonBytes>
  /** Retention JSON. */
  retention(caller: Caller): Promise<JsonBytes>
  /** {limits}, by id. */
  limits(caller: Caller): Promise<JsonBytes>
  /** Limit JSON; rejects limit_not_found. */
  limit(caller: Caller, limitId: string): Promise<JsonBytes>
  stats(caller: Caller): Promise<JsonBytes>
  /** Queue JSON. */
  queue(caller: Caller): Promise<JsonBytes>
  /** What metrics are made of. */
  measures(caller: Caller): Promise<Measures>
  /** LinePage JSON of one task. */
  taskLines(caller: Caller, taskId: string, after: number, limit: number): Promise<JsonBytes>
  /** FoundLines JSON over all tasks. */
  lines(caller: Caller, filter: LineFilter, paging: LinePaging): Promise<JsonBytes>
  /** One plan's JSON, by its id or its name in the project (null = default); rejects not_found. */
  plan(caller: Caller, kind: PlanKind, ref: string, projectId: string | null): Promise<JsonBytes>
  /** `{schedules|templates|triggers: […]}` by name; of one project, or of all (null). */
  plans(caller: Caller, kind: PlanKind, projectId: string | null): Promise<JsonBytes>
  /** `{slots: […]}`: the next times of an expression; `afterMs` null = now. */
  slots(
    caller: Caller,
    about: {
      readonly cron: string
      readonly timeZone: string
      readonly afterMs: number | null
      readonly count: number
    },
  ): Promise<JsonBytes>
  /**
   * `{holds, error, context}`: whether a condition holds for something that is there, and what it sees of it. Fires
   * nothing. Rejects a condition that is none as creating a trigger does, and not_found.
   */
  verdict(
    caller: Caller,
    about: { readonly condition: string; readonly subject: TriggerSubject },
  ): Promise<JsonBytes>
  /** ReplayRange JSON: which instants can be shown. */
  replayRange(caller: Caller): Promise<JsonBytes>
  /** Everything that walls show at an instant: lines of JSON, contract's ReplayLine. Rejects not_retained. */
  replay(caller: Caller, atMs: number): Promise<AsyncIterable<JsonBytes>>
  /** ReplayEvents JSON: what follows an event; rejects not_retained. */
  replayEvents(caller: Caller, afterSeq: number, limit: number): Promise<JsonBytes>
  /** NextFailure JSON. */
  nextFailure(caller: Caller, atMs: number): Promise<JsonBytes>
  ready(): { readonly ready: boolean; readonly reasons: readonly string[] }

  /** Attaches one wall. The session must be closed by the transport exactly once. */
  openWall(caller: Caller, sink: WallSink, options: WallOptions): WallSession
  /** Every event after a point, then live ones; ends when the signal aborts. Rejects out of retention. */
  watchEvents(caller: Caller, afterSeq: number, sink: (seq: number, json: string) => void): Promise<void>
}

export interface WallOptions {
  readonly frames: boolean
  readonly resume: { readonly logId: string; readonly seq: number } | null
}

/** The transport's end of a wall: writes whole text messages. */
export interface WallSink {
  send(bytes: Uint8Array): void
  /** Bytes that are accepted but not yet on the wire. */
  bufferedBytes(): number
  close(code: number, reason: string): void
}

/** The leader's end of a wall. Never throws for a bad peer. */
export interface WallSession {
  /** Narrows to these topics (adds to earlier ones); sends a SNAPSHOT for each new one. Never called = all topics. */
  subscribe(topics: readonly string[]): void
  unsubscribe(topics: readonly string[]): void
  /** Everything up to seq is processed by the wall: credit. */
  ack(seq: number): void
  chat(message: {
    readonly text: string
    readonly targetContext: string
    readonly conversationId?: string | undefined
    readonly requestId?: string | undefined
  }): void
  command(message: {
    readonly requestId: string
    readonly action: 'pause' | 'resume' | 'cancel' | 'retry'
    readonly taskId: string
    readonly timeoutMs?: number | undefined
  }): void
  /** The socket can be written again. */
  drained(): void
  closed(): void
}
