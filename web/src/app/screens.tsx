import { type ComponentType, lazy } from 'react'
import type { IconName } from '../ui/icon.js'
import { Overview } from './overview.js'

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

const DashboardScreen = lazy(async () => ({
  default: (await import('./dashboard-screen.js')).DashboardScreen,
}))
const TopologyScreen = lazy(async () => ({ default: (await import('./topology-screen.js')).TopologyScreen }))
const MastersScreen = lazy(async () => ({
  default: (await import('../features/masters/masters-screen.js')).MastersScreen,
}))
const AgentsScreen = lazy(async () => ({
  default: (await import('../features/agents/agents-screen.js')).AgentsScreen,
}))
const TasksScreen = lazy(async () => ({ default: (await import('./tasks-screen.js')).TasksScreen }))
const QueueScreen = lazy(async () => ({ default: (await import('./queue-screen.js')).QueueScreen }))
const FlowScreen = lazy(async () => ({
  default: (await import('../features/flow/flow-screen.js')).FlowScreen,
}))
const LogsScreen = lazy(async () => ({
  default: (await import('../features/logs/logs-screen.js')).LogsScreen,
}))
const HistoryScreen = lazy(async () => ({
  default: (await import('../features/history/history-screen.js')).HistoryScreen,
}))
const AlertsScreen = lazy(async () => ({
  default: (await import('../features/alerts/alerts-screen.js')).AlertsScreen,
}))
const SettingsScreen = lazy(async () => ({
  default: (await import('../features/settings/settings-screen.js')).SettingsScreen,
}))

/** The overview comes with the first script; every other screen when it is opened. */
export const screenViews: Readonly<Record<ScreenName, ComponentType>> = {
  overview: Overview,
  dashboard: DashboardScreen,
  topology: TopologyScreen,
  masters: MastersScreen,
  agents: AgentsScreen,
  tasks: TasksScreen,
  queue: QueueScreen,
  flow: FlowScreen,
  logs: LogsScreen,
  history: HistoryScreen,
  alerts: AlertsScreen,
  settings: SettingsScreen,
}
