import type { EventOf } from '../event.js'
import { limits } from '../limits.js'
import type { Effect } from './effect.js'

/** The effects of a task after a run's word on one of them: one entry a run and key, the newest limits.effectRunsKept a key. */
export function evolveEffects(
  effects: readonly Effect[],
  { body, atMs }: EventOf<'EffectNoted'>,
): readonly Effect[] {
  const { key, fence, attempt, state, value = null, chars } = body
  const before = effects.find((effect) => effect.key === key && effect.fence === fence)
  const intentAtMs = state === 'intent' ? atMs : (before?.intentAtMs ?? null)
  const settledAtMs = state === 'intent' ? null : atMs
  const after: Effect = { key, attempt, fence, state, intentAtMs, settledAtMs, value, chars }
  if (before !== undefined) return effects.map((effect) => (effect === before ? after : effect))
  const ofKey = effects.filter((effect) => effect.key === key)
  const dropped = ofKey.length >= limits.effectRunsKept ? ofKey[0] : undefined
  return [...effects.filter((effect) => effect !== dropped), after]
}
