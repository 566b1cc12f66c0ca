import { type ReactNode, useEffect, useState } from 'react'
import { useSelector } from 'react-redux'
import type { AlertDelivery } from '../../../../src/contract/alert-rules.js'
import { live } from '../../live/live.js'
import type { WallState } from '../../live/store.js'
import { reveal } from '../../ui/ansi.js'
import { dateTime } from '../../ui/format.js'
import { Fact } from '../../ui/panel.js'
import { useRefusal } from '../../ui/refusal.js'
import { StateMark, stateColor } from '../../ui/state-mark.js'
import { useTranslation } from '../../ui/translation.js'
import { Part } from './settings-part.js'

type Webhook = NonNullable<AlertDelivery['webhook']>

/** Where alerts are told beside the wall, and how that goes: asked anew with each change of an alert. */
export function AlertDeliveryPart() {
  const { t } = useTranslation()
  const refusalOf = useRefusal()
  const alerts = useSelector((state: WallState) => state.alerts)
  const phase = useSelector((state: WallState) => state.connection.phase)
  const [delivery, setDelivery] = useState<AlertDelivery | null>(null)
  const [problem, setProblem] = useState<unknown>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: an alert that changed is about to be delivered.
  useEffect(() => {
    const abort = new AbortController()
    live.rest.get<AlertDelivery>('/api/settings/alert-delivery', abort.signal).then(
      (found) => {
        setDelivery(found)
        setProblem(null)
      },
      (cause: unknown) => {
        if (!abort.signal.aborted) setProblem(cause)
      },
    )
    return () => abort.abort()
  }, [alerts, phase])
  return (
    <Part title={t('delivery.title')}>
      {problem === null ? null : (
        <p role="alert" className="text-failed">
          {refusalOf(problem)}
        </p>
      )}
      {delivery === null ? null : delivery.webhook === null ? (
        <p className="text-quiet">
          {t('delivery.none')} {t('delivery.noneHint')}{' '}
          <code className="font-mono text-xs text-ink">agentflow leader --alert-webhook URL</code>
        </p>
      ) : (
        <Webhook webhook={delivery.webhook} />
      )}
    </Part>
  )
}

function Webhook({ webhook }: { webhook: Webhook }) {
  const { t } = useTranslation()
  const { host, signed, state, deliveredAt, failingSince, error, nextTryAt, waiting, givenUp } = webhook
  const mark = state === 'failing' ? 'failed' : state === 'delivering' ? 'busy' : 'ok'
  const facts: readonly (readonly [string, ReactNode])[] = [
    [t('delivery.to'), `${host}, ${t(signed ? 'delivery.signed' : 'delivery.unsigned')}`],
    [t('delivery.last'), deliveredAt === null ? t('delivery.noneYet') : dateTime(deliveredAt)],
    ...(failingSince === null
      ? []
      : ([
          [t('delivery.since'), dateTime(failingSince)],
          [t('delivery.error'), reveal(error ?? '')],
          [t('delivery.next'), nextTryAt === null ? t('delivery.noNext') : dateTime(nextTryAt)],
        ] as const)),
    ...(waiting === 0 ? [] : ([[t('delivery.waiting'), waiting]] as const)),
    ...(givenUp === 0 ? [] : ([[t('delivery.givenUp'), givenUp]] as const)),
  ]
  return (
    <dl data-testid="delivery" data-state={state} className="grid grid-cols-2 gap-3 sm:grid-cols-3">
      <Fact name={t('delivery.state')}>
        <span className={`flex items-center gap-1.5 ${stateColor[mark]}`}>
          <StateMark state={mark} />
          {t(`delivery.${state}`)}
        </span>
      </Fact>
      {facts.map(([name, value]) => (
        <Fact key={name} name={name}>
          {value}
        </Fact>
      ))}
    </dl>
  )
}
