import { useState } from 'react'
import { live } from '../../live/live.js'
import type { Worker } from '../../live/protocol.js'
import { Button } from '../../ui/button.js'
import { useNow } from '../../ui/clock.js'
import { ConfirmDialog } from '../../ui/confirm-dialog.js'
import { Field, Select } from '../../ui/field.js'
import { useFormat } from '../../ui/format.js'
import { useTranslation } from '../../ui/translation.js'
import { type Act, useAct } from '../../ui/use-act.js'

type Asking = 'drain' | 'restart' | null

/** What may be done with a master: hold it back, empty it, take it back, restart its process. */
export function MasterActs({ worker }: { worker: Worker }) {
  const { t } = useTranslation()
  const act = useAct()
  const [asking, setAsking] = useState<Asking>(null)
  const path = `/api/workers/${encodeURIComponent(worker.workerId)}`
  const give = (name: string, body: unknown = {}) =>
    void act.run(() => live.rest.post(`${path}/${name}`, body))
  const isHeld = worker.hold !== null
  return (
    <div className="mt-2 flex flex-col gap-2">
      <div className="flex flex-wrap gap-2">
        {isHeld ? (
          <Button acts disabled={act.busy} onClick={() => give('uncordon')}>
            {t('fleet.uncordon')}
          </Button>
        ) : (
          <>
            <Button acts title={t('fleet.cordonHint')} disabled={act.busy} onClick={() => give('cordon')}>
              {t('fleet.cordon')}
            </Button>
            <Button acts title={t('fleet.drainHint')} disabled={act.busy} onClick={() => setAsking('drain')}>
              {t('fleet.drain')}
            </Button>
          </>
        )}
        <Button acts disabled={act.busy} onClick={() => setAsking('restart')}>
          {t('fleet.restart')}
        </Button>
      </div>
      {isHeld ? <Hold worker={worker} /> : null}
      {act.refusal === null ? null : (
        <p role="alert" className="text-failed">
          {act.refusal}
        </p>
      )}
      {asking === 'drain' ? (
        <DrainDialog
          worker={worker}
          act={act}
          onClose={() => setAsking(null)}
          onDrain={(deadlineMs) => {
            setAsking(null)
            give('drain', deadlineMs === null ? {} : { deadlineMs })
          }}
        />
      ) : null}
      <ConfirmDialog
        open={asking === 'restart'}
        onClose={() => setAsking(null)}
        title={t('fleet.restartOf', { name: worker.workerId })}
        act={t('fleet.restart')}
        onAct={() => {
          setAsking(null)
          give('restart')
        }}
      >
        <p>{t('fleet.restartNote')}</p>
      </ConfirmDialog>
    </div>
  )
}

/** Who holds it back, since when, and what is left to wait for. */
function Hold({ worker }: { worker: Worker }) {
  const { t } = useTranslation()
  const { duration } = useFormat()
  const nowMs = useNow()
  const { hold, busyAgents } = worker
  if (hold === null) return null
  return (
    <p className="text-quiet">
      <span className="live-value">
        {t('fleet.heldBy', {
          hold: t(`wait.hold.${hold.kind}`),
          by: hold.by,
          duration: duration(nowMs - hold.since),
        })}
      </span>
      {hold.kind === 'draining' ? (
        <>
          {' '}
          <span className="live-value">{t('fleet.drainLeft', { count: busyAgents })}</span>
          {hold.deadline === null ? null : (
            <span className="live-value">
              {' '}
              {t('fleet.drainMoves', { duration: duration(hold.deadline - nowMs) })}
            </span>
          )}
        </>
      ) : null}
    </p>
  )
}

const minuteMs = 60_000
const deadlinesMs = [minuteMs, 10 * minuteMs, 60 * minuteMs] as const

function DrainDialog({
  worker,
  act,
  onClose,
  onDrain,
}: {
  worker: Worker
  act: Act
  onClose(): void
  onDrain(deadlineMs: number | null): void
}) {
  const { t } = useTranslation()
  const { duration } = useFormat()
  const [deadline, setDeadline] = useState('')
  return (
    <ConfirmDialog
      open
      onClose={onClose}
      title={t('fleet.drainOf', { name: worker.workerId })}
      act={t('fleet.drainAct')}
      busy={act.busy}
      onAct={() => onDrain(deadline === '' ? null : Number(deadline))}
    >
      <p>{t('fleet.drainNote', { count: worker.busyAgents })}</p>
      <Field label={t('fleet.drainDeadline')}>
        <Select
          value={deadline}
          onChange={(event) => setDeadline(event.target.value)}
          choices={[
            { value: '', label: t('fleet.drainWait') },
            ...deadlinesMs.map((ms) => ({
              value: String(ms),
              label: t('fleet.drainAfter', { duration: duration(ms) }),
            })),
          ]}
        />
      </Field>
    </ConfirmDialog>
  )
}
