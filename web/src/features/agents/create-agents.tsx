import { type FormEvent, useState } from 'react'
import { useSelector } from 'react-redux'
import { bounds } from '../../live/bounds.js'
import { live } from '../../live/live.js'
import { selectWorkerIds } from '../../live/selectors.js'
import { Button } from '../../ui/button.js'
import { Dialog } from '../../ui/dialog.js'
import { Field, Select, TextInput } from '../../ui/field.js'
import { useTranslation } from '../../ui/translation.js'
import { useAct } from '../../ui/use-act.js'

/** Makes slots for more tasks; they come into the list as their masters have them. */
export function CreateAgents({ onClose }: { onClose(): void }) {
  const { t } = useTranslation()
  const workerIds = useSelector(selectWorkerIds)
  const act = useAct()
  const [count, setCount] = useState('1')
  const [workerId, setWorkerId] = useState('')
  const create = async (event: FormEvent) => {
    event.preventDefault()
    const wish = { workerId: workerId === '' ? null : workerId }
    const agents = Array.from({ length: Number(count) }, () => wish)
    if (await act.run(() => live.rest.post('/api/agents?wait=0', { agents }))) onClose()
  }
  return (
    <Dialog open onClose={onClose} title={t('fleet.create')}>
      <form className="flex flex-col gap-4" onSubmit={(event) => void create(event)}>
        <Field label={t('fleet.createCount')}>
          <TextInput
            type="number"
            min={1}
            max={bounds.agentsCreatedMax}
            required
            value={count}
            onChange={(event) => setCount(event.target.value)}
          />
        </Field>
        <Field label={t('fleet.createOn')}>
          <Select
            value={workerId}
            onChange={(event) => setWorkerId(event.target.value)}
            choices={[
              { value: '', label: t('fleet.createAny') },
              ...workerIds.map((id) => ({ value: id, label: id })),
            ]}
          />
        </Field>
        {act.refusal === null ? null : (
          <p role="alert" className="text-failed">
            {act.refusal}
          </p>
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button acts look="primary" type="submit" disabled={act.busy}>
            {t('fleet.createAct')}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
