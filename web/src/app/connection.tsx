import { useEffect } from 'react'
import { useSelector } from 'react-redux'
import { connectionState } from '../live/health.js'
import { live } from '../live/live.js'
import type { Connection } from '../live/protocol.js'
import { selectMayAct } from '../live/selectors.js'
import type { WallState } from '../live/store.js'
import { blockActs } from '../ui/acts.js'
import { Button } from '../ui/button.js'
import { useNow } from '../ui/clock.js'
import { clock, useFormat } from '../ui/format.js'
import { StateMark } from '../ui/state-mark.js'
import { useTranslation } from '../ui/translation.js'

const marks = { live: 'ok', stale: 'waiting', offline: 'nodata', replay: 'waiting' } as const

/** How far what is on screen can be trusted: live, stale or lost. */
export function trustOf(connection: Connection): 'live' | 'stale' | 'lost' {
  // Before the first connection there is nothing on screen to distrust. A master without its leader draws hollow itself
  // what it does not know.
  if (connection.phase === 'connecting' || connection.phase === 'local') return 'live'
  const state = connectionState(connection)
  return state === 'offline' ? 'lost' : state
}

/** The link in a word, always in sight. */
export function ConnectionMark() {
  const { t } = useTranslation()
  const connection = useSelector((state: WallState) => state.connection)
  const isPast = useSelector((state: WallState) => state.replay !== null)
  const state = isPast ? 'replay' : connectionState(connection)
  const isLocal = connection.phase === 'local' && !isPast
  const word = isLocal
    ? t('ownWall.mark')
    : connection.phase === 'connecting' && !isPast
      ? t('connection.connecting')
      : t(`connection.${state}`)
  return (
    <span
      role="status"
      data-testid="connection"
      data-state={state}
      data-local={isLocal || undefined}
      aria-label={t('connection.label', { state: word })}
      className="inline-flex items-center gap-1.5 whitespace-nowrap"
    >
      <StateMark state={marks[state]} className="size-2.5" />
      {word}
    </span>
  )
}

/** Says to who may look only why nothing that acts is offered. */
export function RoleMark() {
  const { t } = useTranslation()
  const mayAct = useSelector(selectMayAct)
  useEffect(() => {
    blockActs('role', mayAct ? null : t('connection.lookOnlyHint'))
    return () => blockActs('role', null)
  }, [mayAct, t])
  if (mayAct) return null
  return (
    <span title={t('connection.lookOnlyHint')} className="rounded border border-line px-1.5 text-quiet">
      {t('connection.lookOnly')}
    </span>
  )
}

/** Since when what is on screen is not live, and what happens next. Nothing while it is live. */
export function ConnectionBar() {
  const { t } = useTranslation()
  const { duration } = useFormat()
  const nowMs = useNow()
  const connection = useSelector((state: WallState) => state.connection)
  const isLost = connection.phase === 'offline' || connection.phase === 'local'
  useEffect(() => {
    blockActs('link', isLost ? t('connection.noActs') : null)
    return () => blockActs('link', null)
  }, [isLost, t])
  if (connection.phase !== 'offline' && connection.phase !== 'stale' && connection.phase !== 'local')
    return null
  const time = clock(connection.sinceMs)
  return (
    <div
      role="alert"
      className="hatched flex shrink-0 flex-wrap items-center gap-x-3 border-b border-waiting bg-raised px-4 py-1 text-waiting"
    >
      {connection.phase === 'stale' ? (
        t('connection.barStale', { time })
      ) : connection.phase === 'local' ? (
        <>
          <span>{t('ownWall.bar', { time, duration: duration(nowMs - connection.sinceMs) })}</span>
          <span>{t('ownWall.shown', { id: connection.workerId })}</span>
        </>
      ) : (
        <>
          <span>{t('connection.bar', { time })}</span>
          {connection.reason === 'malformed message' ? <span>{t('connection.garbage')}</span> : null}
          <span>
            {connection.retryAtMs > nowMs
              ? t('connection.next', { duration: duration(connection.retryAtMs - nowMs + 999) })
              : t('connection.trying')}
          </span>
          <Button className="h-6" onClick={() => live.retryNow()}>
            {t('connection.now')}
          </Button>
        </>
      )}
    </div>
  )
}
