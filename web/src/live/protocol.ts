import type { Alert } from '../../../src/contract/alert.js'
import type { LimitRule } from '../../../src/contract/limit.js'
import type { FoundLines, Line, LineLevel } from '../../../src/contract/line.js'
import type { Load, LoadPoint } from '../../../src/contract/load.js'
import type { Schedule } from '../../../src/contract/schedule.js'
import type { Stats } from '../../../src/contract/session.js'
import type { ChatResponse } from '../../../src/contract/socket.js'
import type { Receipt, Task, TaskAction, TaskPhase, TaskStatus } from '../../../src/contract/task.js'
import type { Template } from '../../../src/contract/template.js'
import type { Trigger } from '../../../src/contract/trigger.js'
import type { Work } from '../../../src/contract/work.js'
import type { Agent, Worker } from '../../../src/contract/worker.js'

/** What passes between the page and its worker, and the shapes that the store holds. */

/** How the wall's own link stands. Times are Unix ms of this machine. */
export type Connection =
  | { readonly phase: 'connecting'; readonly sinceMs: number }
  | { readonly phase: 'live'; readonly user: string; readonly role: string; readonly term: number }
  /** The master that serves this wall has lost its leader: itself is live, of others it shows what it heard last. */
  | {
      readonly phase: 'local'
      readonly workerId: string
      /** When it heard of the leader last. */
      readonly sinceMs: number
      readonly user: string
      readonly role: string
      readonly term: number
    }
  /** The socket is open but nothing answers. */
  | { readonly phase: 'stale'; readonly sinceMs: number }
  | {
      readonly phase: 'offline'
      readonly sinceMs: number
      readonly retryAtMs: number
      readonly reason: string
    }
  /** The leader refused the token or this origin: trying again would not help. */
  | { readonly phase: 'refused'; readonly reason: 'not_authenticated' | 'forbidden' }

/** An instant of the past that is shown instead of the present. Times are Unix ms. */
export interface ReplayState {
  /** loading: what is on screen is still something else. refused: it is not to be had. */
  readonly phase: 'loading' | 'shown' | 'refused'
  readonly atMs: number
  /** It plays, so many times as fast as it was; null = it stands still. */
  readonly speed: number | null
  /** The instants that can be shown; null = not known yet. */
  readonly range: { readonly fromMs: number; readonly toMs: number } | null
  /** What came of the last move: there is nothing further that way. */
  readonly note: 'no_failure' | 'first' | 'last' | null
  /** What went wrong at this instant, after a jump to it. */
  readonly failure: { readonly kind: 'task' | 'alert' | 'node'; readonly id: string } | null
  readonly refusal: {
    readonly code: string
    readonly message: string
    /** What was asked for. */
    readonly askedMs: number
    readonly nearestMs: number | null
  } | null
}

/** `queue`: who is next first: by band, priority and age. */
export type TaskOrder = 'newest' | 'attention' | 'queue'

/** REST's three bands of priorities: high 8–10, normal 4–7, low 1–3. */
export type Band = 'high' | 'normal' | 'low'

/** Which tasks a list shows. `from` and `limit` cut the window that is on screen. */
export interface TaskQuery {
  readonly statuses: readonly TaskStatus[]
  /** [] = any. */
  readonly phases: readonly TaskPhase[]
  readonly band: Band | null
  /** Code of the reason why it waits. */
  readonly reason: string | null
  readonly workerId: string | null
  /** Who runs it, or ran it last. */
  readonly agentId: string | null
  readonly project: string | null
  readonly taskId: string | null
  /** Everything that hangs together with this task by dependencies, itself too, at most bounds.relatedMax. */
  readonly relatedTo: string | null
  /** Only tasks that depend on others or that others depend on. */
  readonly connected: boolean
  readonly text: string
  readonly order: TaskOrder
  readonly from: number
  readonly limit: number
}

/** One list's window: ids in order, and how many there are in all. */
export interface TaskList {
  readonly query: TaskQuery
  readonly ids: readonly string[]
  readonly total: number
}

/** Lines that a stream shows; null and '' = any. `level` is the lowest one shown. */
export interface LineQuery {
  readonly nodeId: string | null
  readonly taskId: string | null
  readonly level: LineLevel | null
  readonly text: string
  /** [sinceMs, untilMs) */
  readonly sinceMs: number | null
  readonly untilMs: number | null
}
export const everyLine: LineQuery = {
  nodeId: null,
  taskId: null,
  level: null,
  text: '',
  sinceMs: null,
  untilMs: null,
}

export interface StatusCounts {
  readonly pending: number
  readonly running: number
  readonly completed: number
  readonly failed: number
  readonly cancelled: number
  /** Running tasks that their master calls stalled. */
  readonly stalled: number
}

/** What waits, by band and by the reason why; '' = no reason is known. */
export interface WaitingCounts {
  readonly bands: Readonly<Record<Band, number>>
  readonly reasons: Readonly<Record<string, number>>
}

/** What ended in one minute. */
export interface RiverMinute {
  /** Unix ms at which it begins. */
  readonly atMs: number
  readonly completed: number
  readonly failed: number
  readonly cancelled: number
}

/** What ended in the last hour. */
export interface River {
  /** Only minutes in which something did, oldest first, at most bounds.riverMinutes. */
  readonly minutes: readonly RiverMinute[]
  /** Nothing is known of before; null: all is known. */
  readonly knownFromMs: number | null
}

/** How long the tasks that ended in one minute waited and ran. ms. */
export interface LatencyMinute {
  /** Unix ms at which it begins. */
  readonly atMs: number
  readonly waited: Percentiles
  readonly ran: Percentiles
}
export interface Percentiles {
  readonly p50: number
  readonly p95: number
}

/** How much ended since `fromMs`. */
export interface Pace {
  readonly ended: number
  readonly fromMs: number
}

/** Counts over every task the worker holds. */
export interface Summary {
  readonly tasks: StatusCounts
  readonly waiting: WaitingCounts
  readonly deadLetters: number
  readonly byWorker: Readonly<Record<string, StatusCounts>>
  /** By master; none of those that ended nothing of late. */
  readonly paces: Readonly<Record<string, Pace>>
  readonly river: River
  /** Of the last hour, oldest first; only minutes in which something ended. */
  readonly latency: readonly LatencyMinute[]
  readonly projects: readonly string[]
  /** False until the first snapshot of tasks has come. */
  readonly known: boolean
  /** Older finished tasks that the leader has and this wall does not hold. */
  readonly unseen: number
  /** There are so many unfinished tasks that this wall does not hold all of them. */
  readonly openCut: boolean
}

/** A command that this page gave and how far it got. */
export interface CommandState {
  readonly requestId: string
  readonly taskId: string
  readonly action: TaskAction
  readonly askedAtMs: number
  readonly outcome:
    | { readonly kind: 'asked' }
    | { readonly kind: 'receipt'; readonly receipt: Receipt }
    | { readonly kind: 'refused'; readonly code: string; readonly message: string }
    /** The link was down: it was not sent. */
    | { readonly kind: 'not_sent' }
    /** No answer within the deadline: look before asking again. */
    | { readonly kind: 'unconfirmed' }
}

export interface ChatTurn {
  readonly messageId: string
  readonly requestId: string | null
  readonly role: 'user' | 'assistant'
  readonly author: string
  readonly text: string
  readonly atMs: number
  /** False while pieces still come. */
  readonly done: boolean
  readonly failed: boolean
}

export interface Sample {
  readonly workerId: string
  readonly at: number
  readonly cpu: number
  readonly memory: number
  readonly disk: number
  readonly networkRxBytesPerS: number
  readonly networkTxBytesPerS: number
  readonly rttMs: number | null
}

/** Lines that joined a stream. `reset` = forget what was shown before. */
export interface LineDelta {
  readonly reset: boolean
  /** Older lines, to stand before what is shown. */
  readonly older: readonly Line[]
  readonly newer: readonly Line[]
  /** Lines that came but were thrown away because the page could not keep up. */
  readonly skipped: number
  /** True: nothing older is left on the leader. */
  readonly complete: boolean
}

export interface Changes<T> {
  readonly upsert: readonly T[]
  readonly remove: readonly string[]
}

/** Everything that changed since the last frame, for what is on screen. */
export interface Frame {
  readonly connection?: Connection
  /** null: the present is shown again. */
  readonly replay?: ReplayState | null
  readonly workers?: Changes<Worker>
  readonly alerts?: Changes<Alert>
  readonly limits?: Changes<LimitRule>
  readonly schedules?: Changes<Schedule>
  readonly templates?: Changes<Template>
  readonly triggers?: Changes<Trigger>
  readonly work?: Changes<Work>
  readonly tasks?: Changes<Task>
  readonly lists?: Readonly<Record<string, TaskList>>
  readonly summary?: Summary
  readonly receipts?: readonly Receipt[]
  readonly commands?: readonly CommandState[]
  readonly chats?: Readonly<Record<string, readonly ChatTurn[]>>
  readonly samples?: readonly Sample[]
  /** Masters whose round trip is long, when others became so. */
  readonly slow?: readonly string[]
  readonly lines?: Readonly<Record<string, LineDelta>>
}

/** Page → worker. */
export type ToWorker =
  | { readonly type: 'start'; readonly socketUrl: string; readonly apiUrl: string; readonly token: string }
  | { readonly type: 'stop' }
  | { readonly type: 'token'; readonly token: string }
  | { readonly type: 'retry' }
  /** The last frame has been handed to the store: the next one may come. */
  | { readonly type: 'painted' }
  | { readonly type: 'watch_tasks'; readonly key: string; readonly query: TaskQuery }
  | { readonly type: 'unwatch_tasks'; readonly key: string }
  | { readonly type: 'watch_lines'; readonly key: string; readonly query: LineQuery }
  | { readonly type: 'older_lines'; readonly key: string }
  | { readonly type: 'unwatch_lines'; readonly key: string }
  /** Fetches the commands on a task that were given before this page looked. */
  | { readonly type: 'load_receipts'; readonly taskId: string }
  | { readonly type: 'watch_chat'; readonly context: string }
  | { readonly type: 'unwatch_chat'; readonly context: string }
  | {
      readonly type: 'command'
      readonly requestId: string
      readonly taskId: string
      readonly action: TaskAction
    }
  /** Shows the past as it stood at this instant, from here on. */
  | { readonly type: 'replay_at'; readonly atMs: number }
  | { readonly type: 'replay_step'; readonly by: 1 | -1 }
  | { readonly type: 'replay_play'; readonly speed: number | null }
  | { readonly type: 'replay_next_failure' }
  /** Shows the present again. */
  | { readonly type: 'replay_end' }
  | { readonly type: 'chat'; readonly requestId: string; readonly context: string; readonly text: string }

/** Worker → page. */
export type FromWorker = { readonly type: 'frame'; readonly frame: Frame }

export type {
  Agent,
  Alert,
  ChatResponse,
  FoundLines,
  LimitRule,
  Line,
  LineLevel,
  Load,
  LoadPoint,
  Receipt,
  Schedule,
  Stats,
  Task,
  TaskAction,
  TaskPhase,
  TaskStatus,
  Template,
  Trigger,
  Work,
  Worker,
}
