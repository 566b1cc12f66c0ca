import type { Agent } from '../../../src/contract/worker.js'
import type { Connection, Task, TaskAction, Worker } from './protocol.js'

/** The five states of everything on the wall. No data never looks like OK. */
export type State = 'ok' | 'busy' | 'waiting' | 'failed' | 'nodata'

export function taskState(task: Task): State {
  if (task.phase === 'unknown') return 'nodata'
  if (task.stall !== null || task.phase === 'paused' || task.phase === 'waiting_approval') return 'waiting'
  switch (task.status) {
    case 'running':
      return 'busy'
    case 'failed':
      return 'failed'
    case 'pending':
    case 'completed':
    case 'cancelled':
      return 'ok'
  }
}

export function workerState(worker: Worker): State {
  switch (worker.status) {
    case 'online':
      return 'ok'
    case 'draining':
      return 'waiting'
    case 'unknown':
      return 'nodata'
    case 'deaf':
    case 'offline':
      return 'failed'
  }
}

export function agentState(agent: Agent, stalled: boolean): State {
  if (stalled) return 'waiting'
  return ({ idle: 'ok', busy: 'busy', error: 'failed', offline: 'nodata' } as const)[agent.status]
}

export type LinkHealth = 'ok' | 'slow' | 'stale' | 'down'
/** A round trip above this is `slow`; samples older than this are `stale` (the floor is one in 30 s). */
export const slowRttMs = 200
export const staleSampleMs = 75_000

/** How the link from the leader to a master stands, as seen from here. */
export function linkHealth(
  worker: Worker,
  sample: { readonly at: number; readonly rttMs: number | null } | undefined,
  trusted: boolean,
  nowMs: number,
): LinkHealth {
  if (worker.status === 'offline' || worker.status === 'unknown') return 'down'
  const at = sample?.at ?? worker.metrics?.at ?? worker.lastSeenAt
  if (!trusted || worker.status === 'deaf' || nowMs - at > staleSampleMs) return 'stale'
  return (sample?.rttMs ?? worker.rttMs ?? 0) > slowRttMs ? 'slow' : 'ok'
}

/** `data-state` of the connection. A wall without a leader is stale, whatever its own master knows. */
export function connectionState(connection: Connection): 'live' | 'stale' | 'offline' {
  if (connection.phase === 'local') return 'stale'
  if (connection.phase === 'live' || connection.phase === 'stale') return connection.phase
  return 'offline'
}

/** What a person may do with a task now. */
export function actsOn(task: Task): readonly TaskAction[] {
  switch (task.status) {
    case 'pending':
      return ['cancel']
    case 'running':
      if (task.phase === 'paused') return ['resume', 'cancel']
      return task.phase === 'stopping' ? ['cancel'] : ['pause', 'cancel']
    case 'failed':
    case 'cancelled':
      return ['retry']
    case 'completed':
      return []
  }
}
