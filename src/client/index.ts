export type { AgentsQuery, AgentWish } from '../contract/agent.js'
export type { Alert } from '../contract/alert.js'
export type { AlertDelivery, AlertRules, SetAlertRules } from '../contract/alert-rules.js'
export type { ConfigChange, ConfigHistoryQuery, ConfigPage } from '../contract/config-history.js'
export type { Effect, EffectNote } from '../contract/effect.js'
export type { Limit, SetLimit } from '../contract/limit.js'
export type { FoundLines, Line, LineLevel, LinePage } from '../contract/line.js'
export type { Load } from '../contract/load.js'
export type { ChoosePlacement, Placement } from '../contract/placement.js'
export type { Queue } from '../contract/queue.js'
export type { RetentionView, SetRetention } from '../contract/retention.js'
export type { Schedule, ScheduleBody } from '../contract/schedule.js'
export type { LoginResult, Ready, Stats } from '../contract/session.js'
export type { ChatResponse, ServerMessage } from '../contract/socket.js'
export type {
  BatchItem,
  Receipt,
  SubmitTask,
  Task,
  TaskAction,
  TaskPage,
  TaskPhase,
  TaskStatus,
} from '../contract/task.js'
export type { Template, TemplateBody } from '../contract/template.js'
export type { ToolDescription } from '../contract/tool.js'
export type { Trigger, TriggerBody, TriggerTest, TriggerVerdict } from '../contract/trigger.js'
export type {
  ActsRequest,
  Batch,
  BatchLine,
  BatchPage,
  TaskFilterWords,
  Work,
  WorkAction,
  WorkPage,
} from '../contract/work.js'
export type { Agent, Metrics, Worker } from '../contract/worker.js'
export { ControlError, type ErrorBody, type ErrorCode, isErrorCode } from '../core/errors.js'
export type { EventType, LogEvent } from '../core/event.js'
export type { AgentCalls, CreatedAgents } from './agent-calls.js'
export type { AlertCalls } from './alert-calls.js'
export { type Client, type ClientOptions, createClient } from './client.js'
export type { EffectCalls } from './effect-calls.js'
export type { WatchEventsOptions } from './events.js'
export type { LimitCalls } from './limit-calls.js'
export type { Live, LiveOptions, LiveState, WebSocketConstructor, WebSocketLike } from './live.js'
export { isFinalReceipt } from './pending.js'
export type { PlanCalls, PlanOptions, TemplateTask } from './plans.js'
export type {
  CallOptions,
  ConnectionOptions,
  HistoryQuery,
  LoadSpan,
  LogQuery,
  Rest,
  TaskQuery,
} from './rest.js'
export type { SettingCalls } from './setting-calls.js'
