import { useSelector } from 'react-redux'
import { type LinkHealth, linkHealth } from '../../live/health.js'
import { live } from '../../live/live.js'
import type { WallState } from '../../live/store.js'
import { useClock } from '../../ui/clock.js'

/** How the link to a master stands now. Draws anew only when that changes. */
export function useLinkHealth(workerId: string): LinkHealth {
  // With the store, for what is told; with the clock, for what grows old by itself.
  useSelector((state: WallState) => healthIn(state, workerId, Date.now()))
  return useClock((nowMs) => healthIn(live.store.getState(), workerId, nowMs))
}

function healthIn({ workers, connection }: WallState, workerId: string, nowMs: number): LinkHealth {
  const worker = workers[workerId]
  // A master's own wall without its leader: no link leads to that.
  if (connection.phase === 'local') return 'down'
  const sample = live.samples.of(workerId).read().at(-1)
  return worker === undefined ? 'stale' : linkHealth(worker, sample, connection.phase === 'live', nowMs)
}

/** Ms since something was last heard of a master, in whole seconds; null while it is heard. */
export function useAgeMs(workerId: string): number | null {
  useSelector((state: WallState) => ageIn(state, workerId, Date.now()))
  return useClock((nowMs) => ageIn(live.store.getState(), workerId, nowMs))
}

function ageIn({ workers, connection }: WallState, workerId: string, nowMs: number): number | null {
  const worker = workers[workerId]
  if (worker === undefined) return null
  const isHere = connection.phase === 'local' && connection.workerId === workerId
  const isOn = worker.status === 'online' || worker.status === 'draining'
  const isHeard = isHere || (connection.phase === 'live' && isOn)
  if (isHeard) return null
  const heardAtMs = Math.max(live.samples.of(workerId).read().at(-1)?.at ?? 0, worker.lastSeenAt)
  return Math.floor(Math.max(0, nowMs - heardAtMs) / 1_000) * 1_000
}
