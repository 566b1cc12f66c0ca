import { useSelector } from 'react-redux'
import {
  type AlertCardFacts,
  type AlertGroup,
  cardsOf,
  isReturned,
  neededAt,
} from '../../live/alert-groups.js'
import { selectAlertViews } from '../../live/alert-selectors.js'
import type { WallState } from '../../live/store.js'
import { reveal } from '../../ui/ansi.js'
import { useNow } from '../../ui/clock.js'
import { useFormat } from '../../ui/format.js'
import { Link } from '../../ui/link.js'
import { Notice } from '../../ui/panel.js'
import { useRoom } from '../../ui/room.js'
import { StateMark, stateColor } from '../../ui/state-mark.js'
import { useTranslation } from '../../ui/translation.js'

const cardRem = 3.25
/** The line that counts the rest. */
const moreRem = 1.75

/**
 * What needs a person, the most urgent first, then what somebody is on; what does not fit is counted. For the big screen.
 */
export function Attention({ cardsMax }: { cardsMax: number }) {
  const { t } = useTranslation()
  const { area, rowsOf } = useRoom()
  const nowMs = useNow()
  const { raised, acked } = useSelector(selectAlertViews)
  const known = useSelector((state: WallState) => state.nodesKnown)
  const cards = [...cardsOf(raised, nowMs), ...acked.map((group) => ({ kind: 'group', group }) as const)]
  if (cards.length === 0) {
    return <Notice title={known ? t('empty.alerts') : t('empty.unknown')} />
  }
  const most = Math.min(cardsMax, rowsOf(cardRem))
  // A count alone would hide the very thing that somebody is needed for.
  const shown =
    cards.length <= most ? cards.length : Math.max(1, Math.min(cardsMax, rowsOf(cardRem, moreRem)))
  const hidden = cards.length - shown
  return (
    <ul ref={area} data-testid="wall-attention" className="live-area flex min-h-0 flex-1 flex-col">
      {cards
        .slice(0, shown)
        .map((card) =>
          card.kind === 'flood' ? (
            <FloodCard key="flood" flood={card} nowMs={nowMs} />
          ) : (
            <Card key={card.group.root.alertId} group={card.group} nowMs={nowMs} />
          ),
        )}
      {hidden > 0 ? (
        <li className="px-3 py-1 text-quiet">
          <Link screen="alerts" className="underline underline-offset-2">
            {t('attention.more', { count: hidden })}
          </Link>
        </li>
      ) : null}
    </ul>
  )
}

/** Age, what, where, and who is on it. */
function Card({ group, nowMs }: { group: AlertGroup; nowMs: number }) {
  const { t } = useTranslation()
  const { duration } = useFormat()
  const { root: alert, under } = group
  const name = useSelector((state: WallState) =>
    alert.taskId === null ? null : state.tasks[alert.taskId]?.name,
  )
  const isTaken = alert.state === 'acked'
  const state = isTaken ? 'ok' : alert.level === 'error' ? 'failed' : 'waiting'
  const title = name ?? alert.taskId ?? alert.nodeId ?? t('alert.fleet')
  const facts = [
    t(`alert.${alert.kind}`),
    title === alert.nodeId ? null : alert.nodeId,
    under.length === 0 ? null : t('alert.underShort', { count: under.length }),
    isReturned(alert, nowMs) ? t('alert.returned') : null,
    isTaken && alert.handling !== null ? t('alert.by.acked', { name: reveal(alert.handling.by) }) : null,
    alert.evidence === null || alert.evidence.waitingFor === '' ? null : reveal(alert.evidence.waitingFor),
  ]
  return (
    <li
      data-testid={`alert-${alert.alertId}`}
      className="relative flex h-[3.25rem] shrink-0 flex-col justify-center border-b border-line px-3"
    >
      <p className="flex items-center gap-2 text-lg">
        <StateMark state={state} />
        <Link
          screen="alerts"
          params={{ alert: alert.alertId }}
          className={`min-w-0 truncate font-semibold after:absolute after:inset-0 ${stateColor[state]}`}
        >
          {title}
        </Link>
        <span className="live-value ml-auto shrink-0 text-quiet">{duration(nowMs - neededAt(alert))}</span>
      </p>
      <p className="truncate pl-5 text-md text-quiet" title={alert.message}>
        {facts.filter((fact) => fact !== null).join(' · ')}
      </p>
    </li>
  )
}

/** So many at once are one thing to look at. */
function FloodCard({
  flood: { groups, sinceMs },
  nowMs,
}: {
  flood: Extract<AlertCardFacts, { kind: 'flood' }>
  nowMs: number
}) {
  const { t } = useTranslation()
  const { duration } = useFormat()
  const kinds = [...new Set(groups.map(({ root }) => t(`alert.${root.kind}`)))]
  return (
    <li
      data-testid="alert-flood"
      className="relative flex h-[3.25rem] shrink-0 flex-col justify-center border-b border-line px-3"
    >
      <p className="flex items-center gap-2 text-lg">
        <StateMark state="failed" />
        <Link
          screen="alerts"
          className="min-w-0 truncate font-semibold text-failed after:absolute after:inset-0"
        >
          {t('alert.flood', { count: groups.length, duration: duration(nowMs - sinceMs) })}
        </Link>
      </p>
      <p className="truncate pl-5 text-md text-quiet">
        {t('alert.floodHint')} {kinds.join(' · ')}
      </p>
    </li>
  )
}
