import { configureStore } from '@reduxjs/toolkit'
import { bounds } from './bounds.js'
import type {
  Alert,
  Changes,
  ChatTurn,
  CommandState,
  Connection,
  Frame,
  LimitRule,
  Receipt,
  ReplayState,
  Schedule,
  Summary,
  Task,
  TaskList,
  Template,
  Trigger,
  Work,
  Worker,
} from './protocol.js'

type ById<T> = Readonly<Record<string, T>>

/** What is on screen. Lines and samples live outside, in their own rings. */
export interface WallState {
  readonly connection: Connection
  /** null: the present is shown. */
  readonly replay: ReplayState | null
  /** False until the first snapshot of nodes has come: nothing is known, not even that there is none. */
  readonly nodesKnown: boolean
  readonly workers: ById<Worker>
  /** Ids in the order in which this page first saw them: nobody moves when another master joins or comes back. */
  readonly places: readonly string[]
  /** Masters whose round trip is long. */
  readonly slow: readonly string[]
  readonly alerts: ById<Alert>
  /** null until the first snapshot of limits has come. */
  readonly limits: ById<LimitRule> | null
  /** null until the first snapshot of schedules has come. */
  readonly schedules: ById<Schedule> | null
  /** null until the first snapshot of templates has come. */
  readonly templates: ById<Template> | null
  /** null until the first snapshot of triggers has come. */
  readonly triggers: ById<Trigger> | null
  /** Batches and bulk acts; null until their first snapshot has come. */
  readonly work: ById<Work> | null
  readonly tasks: ById<Task>
  readonly lists: ById<TaskList>
  readonly summary: Summary
  readonly receipts: ById<Receipt>
  readonly commands: ById<CommandState>
  readonly chats: ById<readonly ChatTurn[]>
}

export type WallAction = { readonly type: 'frame'; readonly frame: Frame } | { readonly type: 'cleared' }

const none = { pending: 0, running: 0, completed: 0, failed: 0, cancelled: 0, stalled: 0 }
export const emptyWall: WallState = {
  connection: { phase: 'connecting', sinceMs: 0 },
  replay: null,
  nodesKnown: false,
  workers: {},
  places: [],
  slow: [],
  alerts: {},
  limits: null,
  schedules: null,
  templates: null,
  triggers: null,
  work: null,
  tasks: {},
  lists: {},
  summary: {
    tasks: none,
    waiting: { bands: { high: 0, normal: 0, low: 0 }, reasons: {} },
    deadLetters: 0,
    byWorker: {},
    paces: {},
    river: { minutes: [], knownFromMs: null },
    latency: [],
    projects: [],
    known: false,
    unseen: 0,
    openCut: false,
  },
  receipts: {},
  commands: {},
  chats: {},
}

/** Copy on write: a part that the frame does not name keeps its identity. */
export function reduceWall(state: WallState = emptyWall, action: WallAction | { type: string }): WallState {
  if (action.type === 'cleared') return emptyWall
  if (!('frame' in action)) return state
  const { frame } = action
  return {
    connection: frame.connection ?? state.connection,
    replay: frame.replay === undefined ? state.replay : frame.replay,
    nodesKnown: state.nodesKnown || frame.workers !== undefined,
    workers: apply(state.workers, frame.workers, (worker) => worker.workerId),
    places: placesWith(state, frame.workers?.upsert ?? []),
    slow: frame.slow ?? state.slow,
    alerts: apply(state.alerts, frame.alerts, (alert) => alert.alertId),
    limits: applyKnown(state.limits, frame.limits, (limit) => limit.limitId),
    schedules: applyKnown(state.schedules, frame.schedules, (schedule) => schedule.scheduleId),
    templates: applyKnown(state.templates, frame.templates, (template) => template.templateId),
    triggers: applyKnown(state.triggers, frame.triggers, (trigger) => trigger.triggerId),
    work: applyKnown(state.work, frame.work, (work) => work.workId),
    tasks: apply(state.tasks, frame.tasks, (task) => task.taskId),
    lists: frame.lists === undefined ? state.lists : { ...state.lists, ...frame.lists },
    summary: frame.summary ?? state.summary,
    receipts: append(state.receipts, frame.receipts, (receipt) => receipt.commandId, bounds.receiptsMax),
    commands: append(state.commands, frame.commands, (command) => command.requestId, bounds.commandsMax),
    chats: frame.chats === undefined ? state.chats : { ...state.chats, ...frame.chats },
  }
}

/** Those that come together stand by name, `master-2` before `master-10`. */
function placesWith(
  { places, workers: held }: Pick<WallState, 'places' | 'workers'>,
  workers: readonly Worker[],
): readonly string[] {
  const unheld = workers.map((worker) => worker.workerId).filter((workerId) => held[workerId] === undefined)
  if (unheld.length === 0) return places
  // One that left has its place still.
  const known = new Set(places)
  const fresh = unheld.filter((workerId) => !known.has(workerId))
  if (fresh.length === 0) return places
  return [...places, ...fresh.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))]
}

function apply<T>(held: ById<T>, changes: Changes<T> | undefined, idOf: (value: T) => string): ById<T> {
  if (changes === undefined) return held
  const next: Record<string, T> = { ...held }
  for (const id of changes.remove) delete next[id]
  for (const value of changes.upsert) next[idOf(value)] = value
  return next
}

/** Of a kind whose first snapshot may not have come: null stays null until then. */
const applyKnown = <T>(
  held: ById<T> | null,
  changes: Changes<T> | undefined,
  idOf: (value: T) => string,
): ById<T> | null => (changes === undefined ? held : apply(held ?? {}, changes, idOf))

/** The newest stay; a changed one counts as new. */
function append<T>(
  held: ById<T>,
  values: readonly T[] | undefined,
  idOf: (value: T) => string,
  max: number,
): ById<T> {
  if (values === undefined || values.length === 0) return held
  const next = new Map(Object.entries(held))
  for (const value of values) {
    next.delete(idOf(value))
    next.set(idOf(value), value)
  }
  return Object.fromEntries([...next].slice(-max))
}

export function createWallStore() {
  return configureStore({
    reducer: reduceWall,
    // One action a frame needs no batching, and checks over thousands of entities would cost more than the frame.
    middleware: (defaults) => defaults({ thunk: false, immutableCheck: false, serializableCheck: false }),
    enhancers: (defaults) => defaults({ autoBatch: false }),
    devTools: false,
  })
}
