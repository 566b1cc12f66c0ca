import { isWaitCode } from '../../../src/contract/wait-codes.js'
import type { State } from './health.js'
import type { Alert, Connection, Summary, Worker } from './protocol.js'
import { failedSince } from './river.js'

/** Failures count as late ones for this long. */
export const lateMs = 15 * 60_000

/** One thing that is not as it should be. */
export type Concern =
  | { readonly kind: 'attention' | 'exceeded' | 'stuck' | 'failedLately'; readonly count: number }
  | {
      readonly kind: 'down' | 'deaf' | 'silent' | 'quarantined' | 'slow'
      /** Masters. */
      readonly ids: readonly string[]
    }

/** How far what is on screen can be trusted. */
export type Trust =
  | { readonly kind: 'live' }
  /** Nothing came yet. */
  | { readonly kind: 'unknown' }
  /** The last good picture, and since when it is one. */
  | { readonly kind: 'old'; readonly sinceMs: number }

/** Is the fleet fine, and what needs a human? Facts from which the sentence is made. */
export interface Verdict {
  readonly state: State
  readonly trust: Trust
  /** The most important first. */
  readonly concerns: readonly Concern[]
  readonly workers: number
  readonly live: number
  readonly running: number
  readonly pending: number
  readonly failed: number
}

/** Reasons to wait that end only when somebody brings a master, or lets one work again. */
const stuckCodes = ['no_capability', 'no_label', 'worker_offline', 'cordoned'] as const

/** How many tasks wait that no master can run as things are. */
export function stuckIn({ reasons }: Summary['waiting']): number {
  return Object.entries(reasons).reduce(
    (sum, [code, count]) =>
      sum + (isWaitCode(code) && stuckCodes.some((stuck) => stuck === code) ? count : 0),
    0,
  )
}

interface Facts {
  readonly connection: Connection
  readonly nodesKnown: boolean
  readonly workers: Readonly<Record<string, Worker>>
  readonly alerts: Readonly<Record<string, Alert>>
  readonly summary: Summary
  /** Masters whose round trip is long. */
  readonly slow: readonly string[]
  readonly nowMs: number
}

/** Worst first; without a live link there is no verdict but "no data". */
export function verdictOf(facts: Facts): Verdict {
  const workers = Object.values(facts.workers)
  const trust = trustIn(facts.connection, facts.nodesKnown)
  const concerns = concernsOf(facts)
  const away = (['down', 'deaf', 'silent'] as const).flatMap((kind) => idsOf(concerns, kind))
  const { running, pending, failed } = facts.summary.tasks
  return {
    state: trust.kind !== 'live' || workers.length === 0 ? 'nodata' : stateOf(concerns, running),
    trust,
    concerns,
    workers: workers.length,
    live: workers.length - away.length,
    running,
    pending,
    failed,
  }
}

function concernsOf({ workers, alerts, summary, slow, nowMs }: Facts): readonly Concern[] {
  const named = (status: Worker['status']): readonly string[] =>
    Object.values(workers).flatMap((worker) => (worker.status === status ? worker.workerId : []))
  const open = Object.values(alerts).filter((alert) => alert.state === 'raised')
  const quarantined = open.flatMap((alert) =>
    alert.kind === 'quarantined' && alert.nodeId !== null ? alert.nodeId : [],
  )
  const online = new Set(named('online'))
  const all: readonly Concern[] = [
    { kind: 'attention', count: open.filter((alert) => alert.taskId !== null).length },
    { kind: 'down', ids: named('offline') },
    { kind: 'deaf', ids: named('deaf') },
    { kind: 'silent', ids: named('unknown') },
    { kind: 'quarantined', ids: [...new Set(quarantined)] },
    { kind: 'exceeded', count: open.filter(({ kind }) => isMeasured(kind)).length },
    { kind: 'stuck', count: stuckIn(summary.waiting) },
    { kind: 'slow', ids: slow.filter((workerId) => online.has(workerId)) },
    { kind: 'failedLately', count: failedSince(summary.river, nowMs - lateMs) },
  ]
  return all.filter((concern) => ('ids' in concern ? concern.ids.length : concern.count) > 0)
}

/** Raised by a rule on what is measured: it has no other sign in the verdict. */
const isMeasured = (kind: Alert['kind']): boolean =>
  ['backlog', 'failures', 'cpu', 'memory', 'disk'].includes(kind)

function idsOf(concerns: readonly Concern[], kind: Concern['kind']): readonly string[] {
  return concerns.flatMap((concern) => (concern.kind === kind && 'ids' in concern ? concern.ids : []))
}

function stateOf(concerns: readonly Concern[], running: number): State {
  if (concerns.some(({ kind }) => kind === 'down' || kind === 'deaf')) return 'failed'
  if (concerns.length > 0) return 'waiting'
  return running > 0 ? 'busy' : 'ok'
}

function trustIn(connection: Connection, nodesKnown: boolean): Trust {
  switch (connection.phase) {
    case 'live':
      return nodesKnown ? { kind: 'live' } : { kind: 'unknown' }
    case 'local':
    case 'stale':
    case 'offline':
      return nodesKnown ? { kind: 'old', sinceMs: connection.sinceMs } : { kind: 'unknown' }
    case 'connecting':
    case 'refused':
      return { kind: 'unknown' }
  }
}
