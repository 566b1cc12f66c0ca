import type { Limit, SetLimit } from '../contract/limit.js'
import type { CallOptions, CallRest } from './rest.js'

/** Limits on runs; ids are `scope:value`, such as `capacity:api`. */
export interface LimitCalls {
  limits(options?: CallOptions): Promise<readonly Limit[]>
  limit(limitId: string, options?: CallOptions): Promise<Limit>
  /** Makes it, or replaces its figures; a pause stays. */
  setLimit(limit: SetLimit, options?: CallOptions): Promise<Limit>
  /** Of a capacity: nothing of it starts anywhere until it is resumed; what runs goes on. */
  pauseLimit(limitId: string, options?: CallOptions): Promise<Limit>
  resumeLimit(limitId: string, options?: CallOptions): Promise<Limit>
  /** Tasks of a deleted capacity wait until it is set again. */
  deleteLimit(limitId: string, options?: CallOptions): Promise<void>
}

export function limitCalls(call: CallRest): LimitCalls {
  const pathOf = (limitId: string): string => `/api/limits/${encodeURIComponent(limitId)}`
  return {
    limits: async (options) =>
      (await call<{ limits: readonly Limit[] }>('GET', '/api/limits', options)).body.limits,
    limit: async (limitId, options) => (await call<Limit>('GET', pathOf(limitId), options)).body,
    setLimit: async (limit, options) =>
      (await call<Limit>('POST', '/api/limits', { ...options, body: limit })).body,
    pauseLimit: async (limitId, options) =>
      (await call<Limit>('POST', `${pathOf(limitId)}/pause`, options)).body,
    resumeLimit: async (limitId, options) =>
      (await call<Limit>('POST', `${pathOf(limitId)}/resume`, options)).body,
    deleteLimit: async (limitId, options) => {
      await call('DELETE', pathOf(limitId), options)
    },
  }
}
