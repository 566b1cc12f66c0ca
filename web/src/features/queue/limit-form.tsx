import { useState } from 'react'
import { live } from '../../live/live.js'
import { ActForm } from '../../ui/act-form.js'
import { Dialog } from '../../ui/dialog.js'
import { Field, Select, TextInput } from '../../ui/field.js'
import { useTranslation } from '../../ui/translation.js'
import { useAct } from '../../ui/use-act.js'

const scopes = ['key', 'project', 'capacity', 'agentKind'] as const

/** Sets a limit, or replaces the one of the same name. */
export function LimitForm({ open, onClose }: { open: boolean; onClose(): void }) {
  const { t } = useTranslation()
  return (
    <Dialog open={open} onClose={onClose} title={t('limit.new')}>
      <Fields onDone={onClose} />
    </Dialog>
  )
}

function Fields({ onDone }: { onDone(): void }) {
  const { t } = useTranslation()
  const act = useAct()
  const [scope, setScope] = useState<string>('key')
  const [value, setValue] = useState('')
  const [runs, setRuns] = useState('1')
  const [count, setCount] = useState('')
  const [seconds, setSeconds] = useState('60')
  const submit = async () => {
    const rate = count === '' ? null : { count: Number(count), perMs: Number(seconds) * 1000 }
    const body = { scope, value, runsMax: runs === '' ? null : Number(runs), rate }
    const done = await act.run(() => live.rest.post('/api/limits', body))
    if (done) onDone()
  }
  const number = (text: string, set: (next: string) => void) => (
    <TextInput
      type="number"
      min={1}
      value={text}
      onChange={(event) => set(event.target.value)}
      className="w-full"
    />
  )
  return (
    <ActForm act={act} submit={t('limit.set')} onSubmit={submit} onCancel={onDone}>
      <div className="grid grid-cols-2 gap-3">
        <Field label={t('limit.scopeOf')}>
          <Select
            value={scope}
            onChange={(event) => setScope(event.target.value)}
            choices={scopes.map((one) => ({ value: one, label: t(`limit.scope.${one}`) }))}
          />
        </Field>
        <Field label={t('limit.name')} hint={t('limit.everyHint')}>
          <TextInput required value={value} onChange={(event) => setValue(event.target.value)} />
        </Field>
        <Field label={t('limit.runs')} hint={t('limit.anyHint')}>
          {number(runs, setRuns)}
        </Field>
        <div className="grid grid-cols-2 gap-2">
          <Field label={t('limit.starts')} hint={t('limit.anyHint')}>
            {number(count, setCount)}
          </Field>
          <Field label={t('limit.seconds')}>{number(seconds, setSeconds)}</Field>
        </div>
      </div>
    </ActForm>
  )
}
