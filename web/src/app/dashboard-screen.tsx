import { DashboardScreen as Screen } from '../features/dashboard/dashboard-screen.js'
import { Attention } from '../features/overview/attention.js'

/** Numbers and charts of the fleet, beside what needs a person. */
export function DashboardScreen() {
  return <Screen alarms={<Attention cardsMax={8} />} />
}
