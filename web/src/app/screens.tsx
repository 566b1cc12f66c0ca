import { type ComponentType, lazy } from 'react'
import { Overview } from './overview.js'
import type { ScreenName } from './screen-names.js'

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
