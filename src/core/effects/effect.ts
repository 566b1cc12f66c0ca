import type { Fence } from '../ids.js'
import type { Json } from '../json.js'
import type { Task } from '../tasks/task.js'

/** What a run says of something that it does to the world outside. */
export type EffectState = 'intent' | 'done' | 'failed'

/** How an effect stands. `ambiguous`: its run is over and never said whether it happened. */
export type EffectStanding = EffectState | 'ambiguous'

/** One run's word on one effect of its task. */
export interface Effect {
  /** Names the effect within its task, the same in every attempt. */
  readonly key: string
  readonly attempt: number
  readonly fence: Fence
  readonly state: EffectState
  /** null: this run only found out what became of an earlier run's intent. */
  readonly intentAtMs: number | null
  readonly settledAtMs: number | null
  /** What came of it, or why it failed. */
  readonly value: Json
  /** Characters of its value as JSON; 0 = it has none. */
  readonly chars: number
}

/** [EF2] Never stored: an intent is open as long as its run may still settle it. */
export function standingOf(task: Task, effect: Effect): EffectStanding {
  if (effect.state !== 'intent') return effect.state
  return task.state.phase === 'live' && task.state.run.fence === effect.fence ? 'intent' : 'ambiguous'
}

const none: readonly Effect[] = []

/** In the order in which their runs first spoke of them. */
export const effectsOf = ({ effects }: Task): readonly Effect[] => effects ?? none

/** The newest word on an effect. */
export const newestOf = (task: Task, key: string): Effect | undefined =>
  effectsOf(task).findLast((effect) => effect.key === key)

/** How a task's effects stand by the newest word on each. */
export function countEffects(task: Task): Readonly<Record<EffectStanding, number>> {
  const standings = new Map<string, EffectStanding>()
  for (const effect of effectsOf(task)) standings.set(effect.key, standingOf(task, effect))
  const counts = { intent: 0, done: 0, failed: 0, ambiguous: 0 }
  for (const standing of standings.values()) counts[standing] += 1
  return counts
}
