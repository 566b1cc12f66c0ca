import { useEffect, useState } from 'react'
import { useStore } from 'react-redux'
import { staleSampleMs } from '../../live/health.js'
import { live } from '../../live/live.js'
import type { Load, LoadPoint, Sample } from '../../live/protocol.js'
import type { WallState } from '../../live/store.js'

/** How often a point joins what the leader kept: as often as it keeps one. */
const stepMs = 10_000

export interface FleetLoad {
  /** Oldest first. */
  readonly points: readonly LoadPoint[]
  /** The leader did not give what was before the page was opened. */
  readonly failed: boolean
}

/** Load of all masters together: what the leader kept of the last `spanMs`, then what this page hears. */
export function useFleetLoad(spanMs: number): FleetLoad {
  const [load, setLoad] = useState<FleetLoad>({ points: [], failed: false })
  const store = useStore<WallState>()
  useEffect(() => {
    const abort = new AbortController()
    const now = Date.now()
    live.rest.get<Load>(`/api/load?from=${now - spanMs}&to=${now}&points=180`, abort.signal).then(
      ({ points }) => setLoad((before) => ({ points: [...points, ...before.points], failed: false })),
      () => {
        if (!abort.signal.aborted) setLoad((before) => ({ ...before, failed: true }))
      },
    )
    const add = () => {
      const point = meanOf(newestSamples(store.getState()), Date.now())
      if (point === null) return
      setLoad((before) => ({
        ...before,
        points: [...before.points.filter(({ at }) => at >= point.at - spanMs), point],
      }))
    }
    add()
    const timer = setInterval(add, stepMs)
    return () => {
      abort.abort()
      clearInterval(timer)
    }
  }, [spanMs, store])
  return load
}

/** The newest sample of each master that is heard of; none of one that is away. */
function newestSamples({ workers, connection }: WallState): readonly Sample[] {
  if (connection.phase !== 'live') return []
  return Object.values(workers).flatMap(({ workerId, status }) => {
    const sample = live.samples.of(workerId).read().at(-1)
    const isHeard = status === 'online' || status === 'draining'
    return sample !== undefined && isHeard && Date.now() - sample.at < staleSampleMs ? [sample] : []
  })
}

/** All together at one time; null: nothing is known. */
export function meanOf(samples: readonly Sample[], atMs: number): LoadPoint | null {
  if (samples.length === 0) return null
  const sum = (pick: (sample: Sample) => number) => samples.reduce((total, sample) => total + pick(sample), 0)
  const mean = (pick: (sample: Sample) => number) => sum(pick) / samples.length
  const most = (pick: (sample: Sample) => number) => Math.max(...samples.map(pick))
  return {
    at: atMs,
    workers: samples.length,
    cpu: mean(({ cpu }) => cpu),
    cpuMax: most(({ cpu }) => cpu),
    memory: mean(({ memory }) => memory),
    memoryMax: most(({ memory }) => memory),
    disk: mean(({ disk }) => disk),
    diskMax: most(({ disk }) => disk),
    networkRxBytesPerS: sum(({ networkRxBytesPerS }) => networkRxBytesPerS),
    networkTxBytesPerS: sum(({ networkTxBytesPerS }) => networkTxBytesPerS),
  }
}
