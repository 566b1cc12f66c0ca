import { useState } from 'react'
import { live } from '../../live/live.js'
import { ActForm } from '../../ui/act-form.js'
import { Dialog } from '../../ui/dialog.js'
import { Field, Select, TextInput } from '../../ui/field.js'
import { useTranslation } from '../../ui/translation.js'
import { useAct } from '../../ui/use-act.js'

const catchUps = ['none', 'one', 'all'] as const

/** Runs a shell command by the clock; templates and other tasks are scheduled from the command line. */
export function ScheduleForm({ open, onClose }: { open: boolean; onClose(): void }) {
  const { t } = useTranslation()
  return (
    <Dialog open={open} onClose={onClose} title={t('schedule.new')}>
      <Fields onDone={onClose} />
    </Dialog>
  )
}

function Fields({ onDone }: { onDone(): void }) {
  const { t } = useTranslation()
  const act = useAct()
  const [name, setName] = useState('')
  const [cron, setCron] = useState('0 3 * * *')
  const [timeZone, setTimeZone] = useState(Intl.DateTimeFormat().resolvedOptions().timeZone)
  const [command, setCommand] = useState('')
  const [catchUp, setCatchUp] = useState<string>('none')
  const submit = async () => {
    const task = { type: 'command', name, payload: { command } }
    const body = { name, cron, timeZone, catchUp, task }
    if (await act.run(() => live.rest.post('/api/schedules', body))) onDone()
  }
  return (
    <ActForm act={act} submit={t('schedule.create')} onSubmit={submit} onCancel={onDone}>
      <Field label={t('schedule.name')}>
        <TextInput required value={name} onChange={(event) => setName(event.target.value)} />
      </Field>
      <Field label={t('schedule.command')} hint={t('create.commandHint')}>
        <TextInput
          required
          value={command}
          onChange={(event) => setCommand(event.target.value)}
          className="font-mono"
        />
      </Field>
      <div className="grid grid-cols-2 gap-3">
        <Field label={t('schedule.when')} hint={t('schedule.whenHint')}>
          <TextInput
            required
            value={cron}
            onChange={(event) => setCron(event.target.value)}
            className="font-mono"
          />
        </Field>
        <Field label={t('schedule.zone')}>
          <TextInput required value={timeZone} onChange={(event) => setTimeZone(event.target.value)} />
        </Field>
        <Field label={t('schedule.catchUp')}>
          <Select
            value={catchUp}
            onChange={(event) => setCatchUp(event.target.value)}
            choices={catchUps.map((one) => ({ value: one, label: t(`schedule.catchUps.${one}`) }))}
          />
        </Field>
      </div>
    </ActForm>
  )
}
