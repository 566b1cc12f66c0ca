import { useRef, useState } from 'react'
import { useSelector } from 'react-redux'
import { type AlertGroup, cardsOf, latelyOver } from '../../live/alert-groups.js'
import { type AlertView, alertViews, selectAlertViews } from '../../live/alert-selectors.js'
import type { WallState } from '../../live/store.js'
import { useActsBlocked } from '../../ui/acts.js'
import { useNow } from '../../ui/clock.js'
import { useFormat } from '../../ui/format.js'
import { useKeys } from '../../ui/keys.js'
import { Link } from '../../ui/link.js'
import { Notice } from '../../ui/panel.js'
import { useRowKeys } from '../../ui/row-keys.js'
import { Segments } from '../../ui/segments.js'
import { StateMark } from '../../ui/state-mark.js'
import { useTranslation } from '../../ui/translation.js'
import { goTo, hrefWith, usePlace } from '../../ui/url.js'
import { ActDialog, type AlertAsked } from './act-dialog.js'
import { AlertCard } from './alert-card.js'

/** Groups drawn at once; the rest is counted. */
const shownMax = 50

const isView = (value: string | null | undefined): value is AlertView =>
  alertViews.some((view) => view === value)

/** What needs a person now, what somebody is on, what is put aside, and what is over. */
export function AlertsScreen() {
  const { t } = useTranslation()
  const place = usePlace()
  const views = useSelector(selectAlertViews)
  const wanted = place.params.get('alert')
  const wantedState = useSelector((state: WallState) =>
    wanted === null ? undefined : state.alerts[wanted]?.state,
  )
  const asked = place.params.get('view')
  const view: AlertView = isView(asked) ? asked : isView(wantedState) ? wantedState : 'raised'
  const nowMs = useNow()
  // What is over by itself does not vanish under the eyes of who looks at it.
  const groups = view === 'raised' ? [...views.raised, ...latelyOver(views.cleared, nowMs)] : views[view]
  const [chosenId, choose] = useState(wanted)
  const chosen = groups.find(({ root }) => root.alertId === chosenId) ?? groups[0]
  const [dialog, setDialog] = useState<AlertAsked | null>(null)
  const area = useRef<HTMLDivElement>(null)
  useRowKeys(area)
  useAlertKeys(chosen, setDialog)
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex shrink-0 flex-wrap items-center gap-2 border-b border-line px-3 py-1.5">
        <Segments
          label={t('alert.views')}
          value={view}
          onValue={(next) => goTo(hrefWith(place, { view: next, alert: null }), { replace: true })}
          segments={alertViews.map((one) => ({
            value: one,
            label: t(`alert.view.${one}`),
            count: views[one].length,
            ...(one === 'raised' ? { mark: 'waiting' as const } : {}),
          }))}
        />
        <Link screen="settings" className="ml-auto px-1 py-1 underline underline-offset-2">
          {t('alert.rules')}
        </Link>
      </div>
      <div ref={area} className="live-area min-h-0 flex-1 overflow-y-auto">
        {view === 'raised' ? <Flood groups={views.raised} nowMs={nowMs} /> : null}
        {views[view].length > 0 ? null : (
          <div className={groups.length === 0 ? 'h-full' : 'border-b border-line py-6'}>
            <Nothing view={view} />
          </div>
        )}
        {groups.slice(0, shownMax).map((group) => (
          <AlertCard
            key={group.root.alertId}
            group={group}
            chosen={group === chosen}
            onChoose={() => choose(group.root.alertId)}
            onAsk={setDialog}
          />
        ))}
        {groups.length > shownMax ? (
          <p className="px-4 py-3 text-quiet">{t('list.cut', { shown: shownMax, total: groups.length })}</p>
        ) : null}
      </div>
      <ActDialog asked={dialog} onClose={() => setDialog(null)} />
    </div>
  )
}

/** `a` and `s` on the chosen alert; not on one that is over. */
function useAlertKeys(chosen: AlertGroup | undefined, ask: (asked: AlertAsked) => void): void {
  const { t } = useTranslation()
  const group = t('keys.acts')
  const isBlocked = useActsBlocked() !== null
  const run = (act: AlertAsked['act']): boolean => {
    if (isBlocked || chosen === undefined || chosen.root.state === 'cleared') return false
    ask({ act, alert: chosen.root })
    return true
  }
  useKeys([
    { keys: 'a', label: t('alert.ack'), group, run: () => run('ack') },
    { keys: 's', label: t('alert.shelve'), group, run: () => run('shelve') },
  ])
}

/** So many at once have one cause, which is worth more than each of them. */
function Flood({ groups, nowMs }: { groups: readonly AlertGroup[]; nowMs: number }) {
  const { t } = useTranslation()
  const { duration } = useFormat()
  const [first] = cardsOf(groups, nowMs)
  if (first?.kind !== 'flood') return null
  return (
    <p role="status" className="flex items-center gap-2 border-b border-line px-4 py-2">
      <StateMark state="failed" />
      <span>
        <strong className="font-semibold text-failed">
          {t('alert.flood', { count: first.groups.length, duration: duration(nowMs - first.sinceMs) })}
        </strong>{' '}
        {t('alert.floodHint')}
      </span>
    </p>
  )
}

function Nothing({ view }: { view: AlertView }) {
  const { t } = useTranslation()
  const known = useSelector((state: WallState) => state.nodesKnown)
  if (!known) return <Notice title={t('empty.unknown')} />
  if (view === 'raised') return <Notice title={t('empty.alerts')}>{t('empty.alertsHint')}</Notice>
  return <Notice title={t(`alert.none.${view}`)}>{t(`alert.noneHint.${view}`)}</Notice>
}
