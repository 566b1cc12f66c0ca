import type { ChoosePlacement, Placement } from '../contract/placement.js'
import type { CallOptions, CallRest } from './rest.js'

/** Settings of the cluster that can be changed while it runs. */
export interface SettingCalls {
  placement(options?: CallOptions): Promise<Placement>
  /** From now on masters are chosen so; what is placed stays where it is. */
  choosePlacement(choice: ChoosePlacement, options?: CallOptions): Promise<Placement>
}

export function settingCalls(call: CallRest): SettingCalls {
  const path = '/api/settings/placement'
  return {
    placement: async (options) => (await call<Placement>('GET', path, options)).body,
    choosePlacement: async (choice, options) =>
      (await call<Placement>('PUT', path, { ...options, body: choice })).body,
  }
}
