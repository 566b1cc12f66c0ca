import type { AlertDelivery, AlertRules, SetAlertRules } from '../contract/alert-rules.js'
import type { ConfigHistoryQuery, ConfigPage } from '../contract/config-history.js'
import type { ChoosePlacement, Placement } from '../contract/placement.js'
import type { RetentionView, SetRetention } from '../contract/retention.js'
import type { CallOptions, CallRest } from './rest.js'

/** Settings of the cluster that can be changed while it runs. */
export interface SettingCalls {
  placement(options?: CallOptions): Promise<Placement>
  /** From now on masters are chosen so; what is placed stays where it is. */
  choosePlacement(choice: ChoosePlacement, options?: CallOptions): Promise<Placement>
  /** Changes of configuration, newest first; `nextCursor` goes on. */
  configHistory(query?: ConfigHistoryQuery, options?: CallOptions): Promise<ConfigPage>
  /** How much of the past is kept. */
  retention(options?: CallOptions): Promise<RetentionView>
  /** What is given changes, null = as built in. What is older or more goes with the next tidying. */
  setRetention(retention: SetRetention, options?: CallOptions): Promise<RetentionView>
  alertRules(options?: CallOptions): Promise<AlertRules['rules']>
  /** What is given changes, null = as built in. Alerts whose rule is switched off end. */
  setAlertRules(rules: SetAlertRules['rules'], options?: CallOptions): Promise<AlertRules['rules']>
  /** Whether alerts are told to a web address, and how that goes. */
  alertDelivery(options?: CallOptions): Promise<AlertDelivery['webhook']>
}

export function settingCalls(call: CallRest): SettingCalls {
  const pathOf = (name: string): string => `/api/settings/${name}`
  return {
    placement: async (options) => (await call<Placement>('GET', pathOf('placement'), options)).body,
    choosePlacement: async (choice, options) =>
      (await call<Placement>('PUT', pathOf('placement'), { ...options, body: choice })).body,
    configHistory: async (query, options) =>
      (await call<ConfigPage>('GET', '/api/config-history', { ...options, query })).body,
    retention: async (options) => (await call<RetentionView>('GET', pathOf('retention'), options)).body,
    setRetention: async (retention, options) =>
      (await call<RetentionView>('PUT', pathOf('retention'), { ...options, body: retention })).body,
    alertRules: async (options) => (await call<AlertRules>('GET', pathOf('alert-rules'), options)).body.rules,
    setAlertRules: async (rules, options) =>
      (await call<AlertRules>('PUT', pathOf('alert-rules'), { ...options, body: { rules } })).body.rules,
    alertDelivery: async (options) =>
      (await call<AlertDelivery>('GET', pathOf('alert-delivery'), options)).body.webhook,
  }
}
