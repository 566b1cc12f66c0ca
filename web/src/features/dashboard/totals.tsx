import { useSelector } from 'react-redux'
import { countFleet } from '../../live/fleet-counts.js'
import { selectWorkers } from '../../live/selectors.js'
import type { WallState } from '../../live/store.js'
import { Link } from '../../ui/link.js'
import { useTranslation } from '../../ui/translation.js'

interface Total {
  readonly name: string
  readonly value: string
  readonly screen: string
  readonly params?: Readonly<Record<string, string>>
  readonly isBad?: boolean
}

/** The numbers of the whole fleet; each leads to what it counts. */
export function Totals({ endedInHour, failedInHour }: { endedInHour: number; failedInHour: number }) {
  const { t } = useTranslation()
  const fleet = countFleet(useSelector(selectWorkers))
  const tasks = useSelector((state: WallState) => state.summary.tasks)
  const totals: Total[] = [
    {
      name: t('dashboard.masters'),
      value: `${fleet.live} / ${fleet.masters}`,
      screen: 'masters',
      isBad: fleet.live < fleet.masters,
    },
    { name: t('dashboard.agents'), value: `${fleet.busy} / ${fleet.agents}`, screen: 'agents' },
    {
      name: t('dashboard.running'),
      value: String(tasks.running),
      screen: 'tasks',
      params: { status: 'running' },
    },
    { name: t('dashboard.waiting'), value: String(tasks.pending), screen: 'queue' },
    { name: t('dashboard.ended'), value: String(endedInHour), screen: 'history' },
    {
      name: t('dashboard.failed'),
      value: String(failedInHour),
      screen: 'tasks',
      params: { status: 'failed' },
      isBad: failedInHour > 0,
    },
  ]
  return (
    <ul className="grid shrink-0 grid-cols-2 border-b border-line sm:grid-cols-3 lg:grid-cols-6">
      {totals.map(({ name, value, screen, params = {}, isBad = false }) => (
        <li key={name} className="border-line not-first:border-l">
          <Link screen={screen} params={params} className="flex flex-col px-3 py-2 hover:bg-raised">
            <span className="text-xs text-quiet">{name}</span>
            <span className={`live-value text-xl font-semibold ${isBad ? 'text-failed' : ''}`}>{value}</span>
          </Link>
        </li>
      ))}
    </ul>
  )
}
