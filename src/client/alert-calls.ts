import type { Alert } from '../contract/alert.js'
import type { CallOptions, CallRest } from './rest.js'

/** What needs a human, and what people do about it. */
export interface AlertCalls {
  /** Open ones first, then the newest of those that are over. */
  alerts(options?: CallOptions): Promise<readonly Alert[]>
  alert(alertId: string, options?: CallOptions): Promise<Alert>
  /** Somebody is on it; with `untilMs` (Unix ms) it returns then unless its cause is gone. */
  ackAlert(
    alertId: string,
    terms?: { readonly reason?: string; readonly untilMs?: number },
    options?: CallOptions,
  ): Promise<Alert>
  /** Puts it aside until then (Unix ms, at most 7 days ahead). Rejects with `alert_over` when its cause is gone. */
  shelveAlert(
    alertId: string,
    terms: { readonly reason: string; readonly untilMs: number },
    options?: CallOptions,
  ): Promise<Alert>
  unshelveAlert(alertId: string, options?: CallOptions): Promise<Alert>
}

export function alertCalls(call: CallRest): AlertCalls {
  const pathOf = (alertId: string): string => `/api/alerts/${encodeURIComponent(alertId)}`
  return {
    alerts: async (options) =>
      (await call<{ alerts: readonly Alert[] }>('GET', '/api/alerts', options)).body.alerts,
    alert: async (alertId, options) => (await call<Alert>('GET', pathOf(alertId), options)).body,
    ackAlert: async (alertId, terms = {}, options) =>
      (await call<Alert>('POST', `${pathOf(alertId)}/ack`, { ...options, body: terms })).body,
    shelveAlert: async (alertId, terms, options) =>
      (await call<Alert>('POST', `${pathOf(alertId)}/shelve`, { ...options, body: terms })).body,
    unshelveAlert: async (alertId, options) =>
      (await call<Alert>('POST', `${pathOf(alertId)}/unshelve`, options)).body,
  }
}
