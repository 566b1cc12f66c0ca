import { type RefObject, useRef, useState } from 'react'
import { live } from '../../live/live.js'
import type { Alert } from '../../live/protocol.js'
import { ActForm } from '../../ui/act-form.js'
import { Dialog } from '../../ui/dialog.js'
import { Field, TextInput } from '../../ui/field.js'
import { useFormat } from '../../ui/format.js'
import { Segments } from '../../ui/segments.js'
import { useTranslation } from '../../ui/translation.js'
import { useAct } from '../../ui/use-act.js'
import { alertTitle } from './alert-words.js'

/** What a person wants to do with which alert. */
export interface AlertAsked {
  readonly act: 'ack' | 'shelve'
  readonly alert: Alert
}

const hourMs = 3600_000
/** After how long it returns, ms; null = not by itself. The first is what most people want. */
const presets = {
  ack: [null, hourMs, 8 * hourMs, 24 * hourMs],
  shelve: [2 * hourMs, hourMs / 2, 8 * hourMs, 24 * hourMs, 72 * hourMs],
} as const satisfies Record<AlertAsked['act'], readonly (number | null)[]>
const reasonCharsMax = 500

/** Asks why and for how long, then tells the leader. */
export function ActDialog({ asked, onClose }: { asked: AlertAsked | null; onClose(): void }) {
  const { t } = useTranslation()
  const first = useRef<HTMLInputElement>(null)
  const title = asked === null ? '' : `${t(`alert.${asked.act}`)}: ${alertTitle(asked.alert, t)}`
  return (
    <Dialog open={asked !== null} onClose={onClose} title={title} focus={first}>
      {asked === null ? null : (
        <Terms key={`${asked.act} ${asked.alert.alertId}`} asked={asked} onDone={onClose} first={first} />
      )}
    </Dialog>
  )
}

function Terms({
  asked: { act, alert },
  onDone,
  first,
}: {
  asked: AlertAsked
  onDone(): void
  first: RefObject<HTMLInputElement | null>
}) {
  const { t } = useTranslation()
  const { duration } = useFormat()
  const call = useAct()
  const [reason, setReason] = useState('')
  const [forMs, setForMs] = useState<number | null>(presets[act][0])
  const submit = async () => {
    const body = {
      ...(reason.trim() === '' ? {} : { reason: reason.trim() }),
      ...(forMs === null ? {} : { untilMs: Date.now() + forMs }),
    }
    if (await call.run(() => live.rest.post(`/api/alerts/${alert.alertId}/${act}`, body))) onDone()
  }
  return (
    <ActForm act={call} submit={t(`alert.${act}`)} onSubmit={submit} onCancel={onDone}>
      <p className="break-words text-quiet">{alert.message}</p>
      <Field label={t('alert.reason')} hint={t(`alert.reasonHint.${act}`)}>
        <TextInput
          ref={first}
          required={act === 'shelve'}
          maxLength={reasonCharsMax}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          className="w-full"
        />
      </Field>
      <div className="flex flex-col gap-1">
        <span className="text-xs text-quiet">{t('alert.returns')}</span>
        <Segments
          label={t('alert.returns')}
          value={String(forMs)}
          onValue={(value) => setForMs(value === 'null' ? null : Number(value))}
          segments={[...presets[act]]
            .sort((a, b) => (a ?? 0) - (b ?? 0))
            .map((ms) => ({
              value: String(ms),
              label: ms === null ? t('alert.never') : t('alert.inTime', { duration: duration(ms) }),
            }))}
        />
        <span className="text-xs text-quiet">{t('alert.returnsHint')}</span>
      </div>
    </ActForm>
  )
}
