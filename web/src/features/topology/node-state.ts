import { agentState, type LinkHealth, linkHealth, type State, workerState } from '../../live/health.js'
import type { Alert, Connection, Worker } from '../../live/protocol.js'
import type { WallState } from '../../live/store.js'

/** What is known of a master and its agents at one moment, as the map draws it. */
export interface MasterReading {
  readonly health: LinkHealth
  readonly state: State
  readonly agents: readonly State[]
}

/** How a master stands: one whose link has been silent for long is not known to be fine. */
export const masterState = (worker: Worker, health: LinkHealth): State =>
  health === 'stale' && worker.status === 'online' ? 'nodata' : workerState(worker)

export function readMaster(
  worker: Worker,
  at: {
    readonly sample: { readonly at: number; readonly rttMs: number | null } | undefined
    readonly isLive: boolean
    readonly nowMs: number
    /** Tasks that a raised alert is about. */
    readonly alerted: ReadonlySet<string>
  },
): MasterReading {
  const health = linkHealth(worker, at.sample, at.isLive, at.nowMs)
  return {
    health,
    state: masterState(worker, health),
    agents: worker.agents.map((agent) =>
      agentState(agent, agent.currentTask !== null && at.alerted.has(agent.currentTask)),
    ),
  }
}

/** A state that a person must see, however much is left out. */
export const isBad = (state: State): boolean => state === 'failed' || state === 'waiting'

export function alertedTasks(alerts: Readonly<Record<string, Alert>>): ReadonlySet<string> {
  const tasks = Object.values(alerts).flatMap(({ state, taskId }) =>
    state === 'raised' && taskId !== null ? [taskId] : [],
  )
  return new Set(tasks)
}

/** State of one node by its id, an agent's carries its master: `master-1/p1`; as far as its last version says. */
export function selectNodeState({ workers, alerts }: WallState, nodeId: string): State {
  const worker = workers[nodeId]
  if (worker !== undefined) return workerState(worker)
  const agent = workers[nodeId.slice(0, nodeId.indexOf('/'))]?.agents.find(
    ({ agentId }) => agentId === nodeId,
  )
  return agent === undefined ? 'nodata' : agentState(agent, isAlerted(alerts, agent.currentTask))
}

export const isAlerted = (alerts: Readonly<Record<string, Alert>>, taskId: string | null): boolean =>
  taskId !== null &&
  Object.values(alerts).some((alert) => alert.state === 'raised' && alert.taskId === taskId)

/** How far what is on screen can be believed: values fade when the session is silent and turn hollow when it is lost. */
export type Trust = 'live' | 'stale' | 'lost'
export const trustOf = ({ phase }: Connection): Trust =>
  phase === 'live' || phase === 'stale' ? phase : 'lost'
