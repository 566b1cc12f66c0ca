import { useSelector } from 'react-redux'
import type { Alert } from '../../live/protocol.js'
import { selectOpenAlerts } from '../../live/selectors.js'
import type { WallState } from '../../live/store.js'
import { reveal } from '../../ui/ansi.js'
import { useNow } from '../../ui/clock.js'
import { useFormat } from '../../ui/format.js'
import { Link } from '../../ui/link.js'
import { Notice } from '../../ui/panel.js'
import { StateMark, stateColor } from '../../ui/state-mark.js'
import { useTranslation } from '../../ui/translation.js'

/** What needs a person, worst first; what does not fit is counted. For the big screen. */
export function Attention({ cardsMax }: { cardsMax: number }) {
  const { t } = useTranslation()
  const alerts = useSelector(selectOpenAlerts)
  const known = useSelector((state: WallState) => state.nodesKnown)
  if (alerts.length === 0) {
    return <Notice title={known ? t('empty.alerts') : t('empty.unknown')} />
  }
  const hidden = alerts.length - cardsMax
  return (
    <ul className="live-area flex min-h-0 flex-col">
      {alerts.slice(0, cardsMax).map((alert) => (
        <Card key={alert.alertId} alert={alert} />
      ))}
      {hidden > 0 ? <li className="px-3 py-1 text-quiet">{t('attention.more', { count: hidden })}</li> : null}
    </ul>
  )
}

function Card({ alert }: { alert: Alert }) {
  const { t } = useTranslation()
  const { duration } = useFormat()
  const nowMs = useNow()
  const name = useSelector((state: WallState) =>
    alert.taskId === null ? null : state.tasks[alert.taskId]?.name,
  )
  const state = alert.level === 'error' ? 'failed' : 'waiting'
  return (
    <li data-testid={`alert-${alert.alertId}`} className="relative border-b border-line px-3 py-2.5">
      <p className="flex items-center gap-2 text-xl">
        <StateMark state={state} />
        <Link
          screen="alerts"
          className={`min-w-0 truncate font-semibold after:absolute after:inset-0 ${stateColor[state]}`}
        >
          {name ?? alert.taskId ?? alert.nodeId ?? ''}
        </Link>
        <span className="live-value ml-auto shrink-0 text-lg text-quiet">
          {duration(nowMs - alert.raisedAt)}
        </span>
      </p>
      <p className="truncate pl-5 text-md text-quiet" title={alert.message}>
        {t(`alert.${alert.kind}`)}
        {alert.nodeId === null ? null : ` · ${alert.nodeId}`}
        {alert.evidence === null || alert.evidence.waitingFor === ''
          ? null
          : ` · ${reveal(alert.evidence.waitingFor)}`}
      </p>
    </li>
  )
}
