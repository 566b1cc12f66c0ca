import { useMemo, useRef } from 'react'
import { useSelector, useStore } from 'react-redux'
import type { State } from '../../live/health.js'
import type { WallState } from '../../live/store.js'
import { useNow } from '../../ui/clock.js'
import type { Translate } from '../../ui/translation.js'
import { useTranslation } from '../../ui/translation.js'
import type { MapView } from './map-view.js'
import { alertedTasks } from './node-state.js'
import type { PlannedMaster } from './plan.js'
import { readMasters } from './scene.js'
import { areSame, type Sight, sightOf } from './sight.js'

const allLit: Sight = { hidden: new Set(), found: null }

/** What is hidden and found now. Looked at once a second: what a filter shows must not flicker with every change. */
export function useSight(plan: readonly PlannedMaster[], view: MapView): Sight {
  const { t } = useTranslation()
  const store = useStore<WallState>()
  const isPlain = view.text === '' && view.hiddenStates.size === 0 && view.hiddenLabels.size === 0
  const nowMs = useNow()
  const last = useRef(allLit)
  return useMemo(() => {
    if (isPlain) return allLit
    const next = sightOf(plan, view, nodeWords(plan, store.getState(), nowMs, t))
    if (!areSame(last.current, next)) last.current = next
    return last.current
  }, [plan, view, isPlain, nowMs, store, t])
}

/** How many nodes are in each state, read once a second. */
export function useStateCounts(plan: readonly PlannedMaster[]): Readonly<Record<State, number>> {
  const store = useStore<WallState>()
  const nowMs = useNow()
  return useMemo(() => {
    const counts: Record<State, number> = { failed: 0, waiting: 0, busy: 0, ok: 0, nodata: 0 }
    for (const { state, agents } of readMasters(plan, store.getState(), nowMs).values())
      for (const each of [state, ...agents]) counts[each] += 1
    return counts
  }, [plan, nowMs, store])
}

function nodeWords(plan: readonly PlannedMaster[], state: WallState, nowMs: number, t: Translate) {
  const readings = readMasters(plan, state, nowMs)
  const states = new Map<string, State>()
  for (const { id, agents } of plan) {
    const reading = readings.get(id)
    states.set(id, reading?.state ?? 'nodata')
    for (const [index, agentId] of agents.entries()) states.set(agentId, reading?.agents[index] ?? 'nodata')
  }
  const stateOf = (id: string) => states.get(id) ?? 'nodata'
  // By the word on screen and by the English one, so that a link means the same in both languages.
  return { state: stateOf, words: (id: string) => `${stateOf(id)} ${t(`state.${stateOf(id)}`)}` }
}

const noneKept: ReadonlySet<string> = new Set()

/** Agents of large masters that must be drawn: those with an error or an alert. The same set until it changes. */
export function useKept(plan: readonly PlannedMaster[], agentsDrawnMax: number): ReadonlySet<string> {
  const key = useSelector((state: WallState) => {
    const large = plan.filter(({ agents }) => agents.length > agentsDrawnMax)
    if (large.length === 0) return ''
    const alerted = alertedTasks(state.alerts)
    return large
      .flatMap(({ id }) => state.workers[id]?.agents ?? [])
      .filter(
        ({ status, currentTask }) => status === 'error' || (currentTask !== null && alerted.has(currentTask)),
      )
      .map(({ agentId }) => agentId)
      .join(' ')
  })
  return useMemo(() => (key === '' ? noneKept : new Set(key.split(' '))), [key])
}
