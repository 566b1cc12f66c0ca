import type { Alert } from '../core/alerts/alert.js'
import type { EventOf } from '../core/event.js'
import type { Json, JsonObject } from '../core/json.js'
import { limits } from '../core/limits.js'
import type { Capabilities, NodeJoin } from '../core/nodes/node.js'
import type { Task as TaskEntity } from '../core/tasks/task.js'
import type { TriggerOn } from '../core/triggers/trigger.js'
import { taskView } from './views.js'

/** What conditions and placeholders of a trigger see of a task: REST's words, and objects where REST may have null. */
export interface TaskContext extends JsonObject {
  readonly taskId: string
  readonly type: string
  readonly name: string
  readonly project: string
  readonly priority: number
  readonly status: string
  readonly phase: string
  readonly attempt: number
  readonly workerId: string | null
  readonly agentId: string | null
  readonly tags: readonly string[]
  readonly concurrencyKey: string | null
  readonly capacity: string | null
  /** `{}` when it is over a limit: limits.pushedFieldBytesMax, limits.conditionListMax. */
  readonly payload: JsonObject
  readonly result: {
    readonly exitCode: number | null
    readonly signal: string | null
    /** null when it is over a limit. */
    readonly value: Json
    readonly tail: string
  }
  readonly error: { readonly code: string | null; readonly message: string | null }
  readonly origin: Json
  readonly createdAt: number
  readonly startedAt: number | null
  readonly completedAt: number | null
}

export interface AlertContext extends JsonObject {
  readonly alertId: string
  readonly kind: string
  readonly level: string
  readonly message: string
  readonly taskId: string | null
  readonly nodeId: string | null
}

export interface NodeContext extends JsonObject {
  readonly workerId: string
  /** `new`, `restarted` or `returned`. */
  readonly joined: string
  readonly os: string
  readonly arch: string
  readonly cpus: number
  readonly memoryBytes: number
  readonly gpus: readonly string[]
  readonly labels: Readonly<Record<string, string>>
  readonly projectTypes: readonly string[]
  readonly slots: number
  readonly host: string
  readonly version: string
}

export function taskContext(task: TaskEntity): TaskContext {
  const view = taskView(task, undefined, true)
  const { result, error } = view
  return {
    taskId: view.taskId,
    type: view.type,
    name: view.name,
    project: view.project,
    priority: view.priority,
    status: view.status,
    phase: view.phase,
    attempt: view.attempt,
    workerId: view.workerId,
    agentId: view.agentId,
    tags: view.tags,
    concurrencyKey: view.concurrencyKey,
    capacity: view.capacity,
    payload: isSmall(view.payload as JsonObject) ? (view.payload as JsonObject) : {},
    result: {
      exitCode: result?.exitCode ?? null,
      signal: result?.signal ?? null,
      value: isSmall((result?.value ?? null) as Json) ? ((result?.value ?? null) as Json) : null,
      tail: result?.tail ?? '',
    },
    error: { code: error?.code ?? null, message: error?.message ?? null },
    origin: view.origin as Json,
    createdAt: view.createdAt,
    startedAt: view.startedAt,
    completedAt: view.completedAt,
  }
}

type AlertFacts = Pick<Alert, 'alertKind' | 'level' | 'message' | 'taskId' | 'nodeId'>

export const alertContext = (alertId: string, alert: AlertFacts): AlertContext => ({
  alertId,
  kind: alert.alertKind,
  level: alert.level,
  message: alert.message,
  taskId: alert.taskId,
  nodeId: alert.nodeId,
})

type NodeFacts = Pick<EventOf<'NodeRegistered'>['body'], 'version'> & { readonly capabilities: Capabilities }

export function nodeContext(workerId: string, joined: NodeJoin, node: NodeFacts): NodeContext {
  const { os, arch, cpus, memoryBytes, gpus, labels, projectTypes, slots, host } = node.capabilities
  const { version } = node
  return {
    workerId,
    joined,
    os,
    arch,
    cpus,
    memoryBytes,
    gpus,
    labels,
    projectTypes,
    slots,
    host,
    version,
  }
}

/** Lists and objects that a condition may walk in a moment. */
function isSmall(value: Json, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return true
  const children: readonly Json[] = Array.isArray(value) ? value : Object.values(value)
  if (children.length > limits.conditionListMax || depth >= limits.conditionDepthMax) return false
  return children.every((child) => isSmall(child, depth + 1))
}

const sampleTask: TaskContext = {
  taskId: 't1',
  type: 'command',
  name: 'name',
  project: 'default',
  priority: 5,
  status: 'completed',
  phase: 'succeeded',
  attempt: 1,
  workerId: 'master-1',
  agentId: 'master-1/p1',
  tags: [],
  concurrencyKey: 'key',
  capacity: 'capacity',
  payload: {},
  result: { exitCode: 0, signal: 'SIGTERM', value: null, tail: 'text' },
  error: { code: 'exit', message: 'text' },
  origin: null,
  createdAt: 1,
  startedAt: 1,
  completedAt: 1,
}
const sampleAlert: AlertContext = {
  alertId: 'a1',
  kind: 'stall',
  level: 'warning',
  message: 'text',
  taskId: 't1',
  nodeId: 'master-1',
}
const sampleNode: NodeContext = {
  workerId: 'master-1',
  joined: 'new',
  os: 'linux',
  arch: 'x64',
  cpus: 1,
  memoryBytes: 1,
  gpus: [],
  labels: {},
  projectTypes: [],
  slots: 1,
  host: 'host',
  version: '1',
}
const sampleEvent = { seq: 1, at: 1, project: 'default' }

/** Every field that there may be, by what a trigger looks at; below null, `{}` and lists is what a user put there. */
export const triggerSamples: Readonly<Record<TriggerOn, JsonObject>> = {
  task_finished: { event: { on: 'task_finished', ...sampleEvent }, task: sampleTask },
  alert_raised: { event: { on: 'alert_raised', ...sampleEvent }, alert: sampleAlert },
  node_joined: { event: { on: 'node_joined', ...sampleEvent }, node: sampleNode },
}
