import type { FoundLines, LineLevel, LinePage } from '../contract/line.js'
import type { Load } from '../contract/load.js'
import type { Queue } from '../contract/queue.js'
import type { LoginResult, Ready, Stats } from '../contract/session.js'
import type {
  Receipt,
  SubmitTask,
  Task,
  TaskAction,
  TaskPage,
  TaskPhase,
  TaskStatus,
} from '../contract/task.js'
import type { BatchLine } from '../contract/work.js'
import type { Worker } from '../contract/worker.js'
import { ControlError } from '../core/errors.js'
import { limits } from '../core/limits.js'
import { type AgentCalls, agentCalls } from './agent-calls.js'
import { type AlertCalls, alertCalls } from './alert-calls.js'
import { type EffectCalls, effectCalls } from './effect-calls.js'
import { lost, toControlError } from './failure.js'
import { type LimitCalls, limitCalls } from './limit-calls.js'
import { type PlanCalls, planCalls } from './plans.js'
import { type SettingCalls, settingCalls } from './setting-calls.js'
import { type Lines, submitLines } from './submit-lines.js'
import { type ToolCalls, toolCalls } from './tool-calls.js'
import { type WorkCalls, workCalls } from './work-calls.js'

export interface ConnectionOptions {
  /** Address of the leader: `http://127.0.0.1:8100`. */
  readonly url: string
  readonly token: string
  /** Default: the platform's fetch. */
  readonly fetch?: typeof fetch
  /** Sent where the platform lets a program choose it. */
  readonly userAgent?: string
}

export interface CallOptions {
  /** Ends the wait; the promise rejects with its reason. */
  readonly signal?: AbortSignal | undefined
}
export interface TaskQuery {
  readonly status?: TaskStatus | undefined
  readonly phase?: TaskPhase | undefined
  readonly workerId?: string | undefined
  readonly project?: string | undefined
  readonly tag?: string | undefined
  readonly limit?: number | undefined
  readonly cursor?: string | undefined
}
export interface HistoryQuery extends Omit<TaskQuery, 'project' | 'phase' | 'tag'> {
  /** Made at or after / before, Unix ms. */
  readonly from?: number | undefined
  readonly to?: number | undefined
  readonly text?: string | undefined
}
/** [from, to) in Unix ms, in at most `points` steps (default 120). */
export interface LoadSpan {
  readonly workerId?: string | undefined
  readonly from: number
  readonly to: number
  readonly points?: number | undefined
}
export interface LogQuery {
  readonly nodeId?: string | undefined
  readonly level?: LineLevel | undefined
  /** This level and all above it. */
  readonly levelFrom?: LineLevel | undefined
  readonly taskId?: string | undefined
  readonly text?: string | undefined
  /** [since, until), Unix ms. */
  readonly since?: number | undefined
  readonly until?: number | undefined
  /** `nextCursor` of a page whose older lines are wanted. */
  readonly cursor?: string | undefined
  readonly limit?: number | undefined
}

/** Every REST call, with the contract's types. All reject with ControlError; `unavailable` when nobody answers. */
export interface Rest
  extends AgentCalls,
    AlertCalls,
    EffectCalls,
    LimitCalls,
    SettingCalls,
    ToolCalls,
    WorkCalls,
    PlanCalls {
  /** `created` is false when the idempotency key was known. */
  submit(
    task: SubmitTask,
    options?: CallOptions & { readonly idempotencyKey?: string | undefined },
  ): Promise<{ readonly task: Task; readonly created: boolean }>
  /** Tasks one after the other over one call, a result each as it is committed; see submitLines. */
  submitLines(items: Lines, options?: CallOptions): AsyncGenerator<BatchLine>
  task(taskId: string, options?: CallOptions): Promise<Task>
  tasks(query?: TaskQuery, options?: CallOptions): Promise<TaskPage>
  /** null: the task was over already. `waitMs`: answer at the final state or after this time. */
  control(
    taskId: string,
    action: TaskAction,
    options?: CallOptions & { readonly waitMs?: number | undefined },
  ): Promise<Receipt | null>
  /** Restarts a master; its tasks go on. `waitMs`: answer when it is back or after this time. */
  restartWorker(
    workerId: string,
    options?: CallOptions & { readonly waitMs?: number | undefined },
  ): Promise<Receipt>
  /** Gives a master no new work; what runs there goes on. */
  cordonWorker(workerId: string, options?: CallOptions): Promise<Worker>
  /** Gives it work again; a drain that is under way is given up. */
  uncordonWorker(workerId: string, options?: CallOptions): Promise<Worker>
  /**
   * Cordons a master; the receipt is done when nothing runs there any more. `deadlineMs`: what still runs then goes on
   * elsewhere. `waitMs`: answer when it is drained or after this time.
   */
  drainWorker(
    workerId: string,
    options?: CallOptions & {
      readonly deadlineMs?: number | undefined
      readonly waitMs?: number | undefined
    },
  ): Promise<Receipt>
  receipt(
    commandId: string,
    options?: CallOptions & { readonly waitMs?: number | undefined },
  ): Promise<Receipt>
  /** Commands on a task, the newest first. */
  receipts(taskId: string, options?: CallOptions): Promise<readonly Receipt[]>
  taskLines(
    taskId: string,
    query?: { readonly after?: number; readonly limit?: number },
    options?: CallOptions,
  ): Promise<LinePage>
  lines(query?: LogQuery, options?: CallOptions): Promise<FoundLines>
  history(query?: HistoryQuery, options?: CallOptions): Promise<Pick<TaskPage, 'tasks' | 'nextCursor'>>
  workers(options?: CallOptions): Promise<readonly Worker[]>
  worker(workerId: string, options?: CallOptions): Promise<Worker>
  stats(options?: CallOptions): Promise<Stats>
  /** Load of a master, or of all together, over a time. */
  load(query: LoadSpan, options?: CallOptions): Promise<Load>
  /** What waits, why, and which task goes next. */
  queue(options?: CallOptions): Promise<Queue>
  ready(options?: CallOptions): Promise<Ready>
  login(code: string, options?: CallOptions): Promise<LoginResult>
  renew(options?: CallOptions): Promise<LoginResult>
}

export interface Call extends CallOptions {
  readonly query?: object | undefined
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** The server may take this long before it starts to answer. */
  readonly waitMs?: number | undefined
  /** A status that is an answer although it is none of success. */
  readonly alsoGood?: number
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/** One call: rejects with ControlError. */
export type CallRest = <T>(
  method: Method,
  path: string,
  options?: Call,
) => Promise<{ readonly status: number; readonly body: T }>

export function createRest(connection: ConnectionOptions): Rest {
  const { url, token, userAgent, fetch: given } = connection
  const fetching = given ?? fetch
  const call = async <T>(
    method: Method,
    path: string,
    options: Call = {},
  ): Promise<{ status: number; body: T }> => {
    const deadline = AbortSignal.timeout(limits.clientCallMs + (options.waitMs ?? 0))
    const signal = options.signal === undefined ? deadline : AbortSignal.any([options.signal, deadline])
    try {
      const response = await fetching(`${url}${path}${queryOf(options.query)}`, {
        method,
        signal,
        headers: {
          authorization: `Bearer ${token}`,
          ...(userAgent === undefined ? {} : { 'user-agent': userAgent }),
          ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...options.headers,
        },
        ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      })
      const body: unknown = await response.json().catch(() => null)
      if (!response.ok && response.status !== options.alsoGood) throw toControlError(body, response.status)
      return { status: response.status, body: body as T }
    } catch (thrown) {
      if (thrown instanceof ControlError) throw thrown
      if (options.signal?.aborted === true) throw options.signal.reason
      throw lost({ url, mayHaveActed: method !== 'GET', isLate: deadline.aborted, cause: thrown })
    }
  }
  return {
    ...restOf(call),
    submitLines: (items, options) => submitLines(connection, items, options),
  }
}

function restOf(call: CallRest): Omit<Rest, 'submitLines'> {
  const get = async <T>(path: string, options?: Call): Promise<T> =>
    (await call<T>('GET', path, options)).body
  const id = encodeURIComponent
  return {
    ...agentCalls(call),
    ...effectCalls(call),
    ...alertCalls(call),
    ...limitCalls(call),
    ...settingCalls(call),
    ...toolCalls(call),
    ...workCalls(call),
    submit: async (task, options = {}) => {
      const headers =
        options.idempotencyKey === undefined ? {} : { 'idempotency-key': options.idempotencyKey }
      const { status, body } = await call<Task>('POST', '/api/tasks', { ...options, headers, body: task })
      return { task: body, created: status === 201 }
    },
    task: (taskId, options) => get(`/api/tasks/${id(taskId)}`, options),
    tasks: (query, options) => get('/api/tasks', { ...options, query }),
    control: async (taskId, action, options = {}) => {
      const query = options.waitMs === undefined ? {} : { wait: options.waitMs }
      const answer = await call<Receipt>('POST', `/api/tasks/${id(taskId)}/${action}`, { ...options, query })
      return answer.status === 202 ? answer.body : null
    },
    restartWorker: async (workerId, options = {}) => {
      const query = options.waitMs === undefined ? {} : { wait: options.waitMs }
      const path = `/api/workers/${id(workerId)}/restart`
      return (await call<Receipt>('POST', path, { ...options, query })).body
    },
    cordonWorker: async (workerId, options) =>
      (await call<Worker>('POST', `/api/workers/${id(workerId)}/cordon`, options)).body,
    uncordonWorker: async (workerId, options) =>
      (await call<Worker>('POST', `/api/workers/${id(workerId)}/uncordon`, options)).body,
    drainWorker: async (workerId, { deadlineMs, ...options } = {}) => {
      const query = options.waitMs === undefined ? {} : { wait: options.waitMs }
      const body = deadlineMs === undefined ? {} : { deadlineMs }
      return (await call<Receipt>('POST', `/api/workers/${id(workerId)}/drain`, { ...options, query, body }))
        .body
    },
    receipt: (commandId, options = {}) => {
      const query = options.waitMs === undefined ? {} : { wait: options.waitMs }
      return get(`/api/receipts/${id(commandId)}`, { ...options, query })
    },
    receipts: async (taskId, options) =>
      (await get<{ receipts: Receipt[] }>(`/api/tasks/${id(taskId)}/receipts`, options)).receipts,
    taskLines: (taskId, query, options) => get(`/api/tasks/${id(taskId)}/logs`, { ...options, query }),
    lines: (query, options) => get('/api/logs', { ...options, query }),
    history: (query, options) => get('/api/history', { ...options, query }),
    workers: async (options) => (await get<{ workers: Worker[] }>('/api/workers', options)).workers,
    worker: (workerId, options) => get(`/api/workers/${id(workerId)}`, options),
    stats: (options) => get('/api/stats', options),
    load: (query, options) => get('/api/load', { ...options, query }),
    queue: (options) => get('/api/queue', options),
    ready: (options) => get('/readyz', { ...options, alsoGood: 503 }),
    login: async (code, options) =>
      (await call<LoginResult>('POST', '/api/login', { ...options, body: { code } })).body,
    ...planCalls(call),
    renew: async (options) => (await call<LoginResult>('POST', '/api/login/renew', options)).body,
  }
}

function queryOf(query: object = {}): string {
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(query)) if (value !== undefined) search.set(key, String(value))
  return search.size === 0 ? '' : `?${search}`
}
