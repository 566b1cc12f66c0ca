import { useSelector } from 'react-redux'
import { live } from '../../live/live.js'
import type { Alert } from '../../live/protocol.js'
import type { WallState } from '../../live/store.js'
import { reveal } from '../../ui/ansi.js'
import { Button } from '../../ui/button.js'
import { dateTime } from '../../ui/format.js'
import { useTranslation } from '../../ui/translation.js'
import { useAct } from '../../ui/use-act.js'
import type { AlertAsked } from './act-dialog.js'

/** Who is on it or put it aside, why, and until when. */
export function Handling({ alert }: { alert: Alert }) {
  const { t } = useTranslation()
  const { handling, state } = alert
  if (handling === null || state === 'raised') return null
  const { by, reason, until } = handling
  return (
    <p className="mt-1 flex max-w-[60rem] flex-wrap gap-x-2 text-quiet">
      <span className="text-ink">{t(`alert.by.${state}`, { name: reveal(by) })}</span>
      {until === null || state === 'cleared' ? null : (
        <span>{t('alert.until', { time: dateTime(until) })}</span>
      )}
      {reason === null ? null : <span className="break-words">“{reveal(reason)}”</span>}
    </p>
  )
}

/** Acknowledge, shelve, take back: what its state allows, while the wall is live. */
export function AlertActs({ alert, onAsk }: { alert: Alert; onAsk(asked: AlertAsked): void }) {
  const { t } = useTranslation()
  const isLive = useSelector((state: WallState) => state.connection.phase === 'live')
  const act = useAct()
  const { alertId, state } = alert
  const takeBack = () => act.run(() => live.rest.post(`/api/alerts/${alertId}/unshelve`, {}))
  return (
    <>
      {state === 'acked' ? null : (
        <Button
          acts
          data-testid={`ack-${alertId}`}
          disabled={!isLive}
          aria-keyshortcuts="a"
          onClick={() => onAsk({ act: 'ack', alert })}
        >
          {t('alert.ack')}
        </Button>
      )}
      <Button
        acts
        data-testid={`shelve-${alertId}`}
        disabled={!isLive}
        aria-keyshortcuts="s"
        onClick={() => onAsk({ act: 'shelve', alert })}
      >
        {t(state === 'shelved' ? 'alert.shelveLonger' : 'alert.shelve')}
      </Button>
      {state === 'acked' || state === 'shelved' ? (
        <Button
          acts
          data-testid={`unshelve-${alertId}`}
          disabled={!isLive || act.busy}
          onClick={() => void takeBack()}
        >
          {t('alert.unshelve')}
        </Button>
      ) : null}
      {act.refusal === null ? null : (
        <span role="alert" className="text-failed">
          {act.refusal}
        </span>
      )}
    </>
  )
}
