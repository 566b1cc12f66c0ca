import type { IconName } from '../ui/icon.js'

/** Every screen that works, in the order of the rail. `key` follows `g`. */
export const screens = [
  { name: 'overview', key: 'o', icon: 'overview' },
  { name: 'dashboard', key: 'd', icon: 'dashboard' },
  { name: 'topology', key: 'p', icon: 'topology' },
  { name: 'masters', key: 'm', icon: 'masters' },
  { name: 'agents', key: 'a', icon: 'agents' },
  { name: 'tasks', key: 't', icon: 'tasks' },
  { name: 'queue', key: 'q', icon: 'queue' },
  { name: 'flow', key: 'f', icon: 'flow' },
  { name: 'logs', key: 'l', icon: 'logs' },
  { name: 'history', key: 'h', icon: 'history' },
  { name: 'alerts', key: 'r', icon: 'alerts' },
  { name: 'settings', key: 's', icon: 'settings' },
] as const satisfies readonly { readonly name: string; readonly key: string; readonly icon: IconName }[]
export type ScreenName = (typeof screens)[number]['name']

/** The first segment of the path → screen; null: there is none. `/` and `/agent-hub` open the overview. */
export function screenOf(segment: string): ScreenName | null {
  if (segment === '' || segment === 'agent-hub') return 'overview'
  return screens.find((screen) => screen.name === segment)?.name ?? null
}
