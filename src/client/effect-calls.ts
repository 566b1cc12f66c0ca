import type { Effect, EffectNote } from '../contract/effect.js'
import type { CallOptions, CallRest } from './rest.js'

/** The ledger of a task's side effects. */
export interface EffectCalls {
  /** One entry a run and effect, in the order in which they were begun; `ambiguous` = its run never said what came of it. */
  effects(taskId: string, options?: CallOptions): Promise<readonly Effect[]>
  /**
   * Notes an effect of a run; resolves after the commit, with the newest word on it. Rejects `stale_fence` when the run is not the
   * current one, and `effect_ambiguous` for an intent that an earlier run left open.
   */
  noteEffect(taskId: string, note: EffectNote, options?: CallOptions): Promise<Effect>
}

export function effectCalls(call: CallRest): EffectCalls {
  const path = (taskId: string): string => `/api/tasks/${encodeURIComponent(taskId)}/effects`
  return {
    effects: async (taskId, options) =>
      (await call<{ effects: Effect[] }>('GET', path(taskId), options)).body.effects,
    noteEffect: async (taskId, note, options) =>
      (await call<Effect>('POST', path(taskId), { ...options, body: note })).body,
  }
}
