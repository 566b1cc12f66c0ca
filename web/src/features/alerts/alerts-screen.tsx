import { useSelector } from 'react-redux'
import { selectClosedAlerts, selectOpenAlerts } from '../../live/selectors.js'
import type { WallState } from '../../live/store.js'
import { Notice } from '../../ui/panel.js'
import { useTranslation } from '../../ui/translation.js'
import { AlertCard } from './alert-card.js'

const closedMax = 20

/** What needs a person now, then what is over. */
export function AlertsScreen() {
  const { t } = useTranslation()
  const open = useSelector(selectOpenAlerts)
  const closed = useSelector(selectClosedAlerts)
  const known = useSelector((state: WallState) => state.nodesKnown)
  return (
    <div className="live-area min-h-0 flex-1 overflow-y-auto">
      {open.length === 0 ? (
        <div className="border-b border-line py-10">
          <Notice title={known ? t('empty.alerts') : t('empty.unknown')}>
            {known ? t('empty.alertsHint') : null}
          </Notice>
        </div>
      ) : (
        open.map((alert) => <AlertCard key={alert.alertId} alert={alert} />)
      )}
      {closed.length === 0 ? null : (
        <>
          <h2 className="px-4 pt-5 pb-1 text-sm font-semibold text-quiet">
            {closed.length > closedMax
              ? t('alert.closedSome', { shown: closedMax, total: closed.length })
              : t('alert.closed')}
          </h2>
          {closed.slice(0, closedMax).map((alert) => (
            <AlertCard key={alert.alertId} alert={alert} />
          ))}
        </>
      )}
    </div>
  )
}
