import type { Agent } from '../../../src/contract/worker.js'
import type { Alert, Connection, Summary, Task, TaskAction, Worker } from './protocol.js'

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

/** `data-state` of the connection. */
export function connectionState(connection: Connection): 'live' | 'stale' | 'offline' {
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

export const isOpenAlert = (alert: Alert): boolean => alert.state === 'raised' || alert.state === 'acked'

/** Facts from which the verdict's sentence is made. */
export interface Verdict {
  readonly state: State
  readonly attention: number
  readonly down: readonly string[]
  readonly deaf: readonly string[]
  readonly silent: readonly string[]
  /** Masters of which a report was set aside. */
  readonly quarantined: readonly string[]
  readonly workers: number
  readonly live: number
  readonly running: number
  readonly pending: number
  readonly failed: number
}

/** Is the fleet fine? Worst first; without a live link there is no verdict but "no data". */
export function verdictOf(state: {
  readonly connection: Connection
  readonly nodesKnown: boolean
  readonly workers: Readonly<Record<string, Worker>>
  readonly alerts: Readonly<Record<string, Alert>>
  readonly summary: Summary
}): Verdict {
  const workers = Object.values(state.workers)
  const named = (status: Worker['status']) =>
    workers.filter((worker) => worker.status === status).map((worker) => worker.workerId)
  const [down, deaf, silent] = [named('offline'), named('deaf'), named('unknown')]
  const open = Object.values(state.alerts).filter((alert) => alert.state === 'raised')
  const attention = open.filter((alert) => alert.taskId !== null).length
  const quarantined = open.flatMap((alert) =>
    alert.kind === 'quarantined' && alert.nodeId !== null ? [alert.nodeId] : [],
  )
  const { running, pending, failed } = state.summary.tasks
  const known = state.nodesKnown && state.connection.phase === 'live' && workers.length > 0
  const broken = down.length + deaf.length > 0
  return {
    state: !known
      ? 'nodata'
      : broken
        ? 'failed'
        : attention + silent.length + quarantined.length > 0
          ? 'waiting'
          : running > 0
            ? 'busy'
            : 'ok',
    attention,
    down,
    deaf,
    silent,
    quarantined,
    workers: workers.length,
    live: workers.length - down.length - deaf.length - silent.length,
    running,
    pending,
    failed,
  }
}
