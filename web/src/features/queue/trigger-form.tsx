import { useState } from 'react'
import { live } from '../../live/live.js'
import type { Trigger } from '../../live/protocol.js'
import { ActForm } from '../../ui/act-form.js'
import { Dialog } from '../../ui/dialog.js'
import { Field, Select, TextInput } from '../../ui/field.js'
import { useTranslation } from '../../ui/translation.js'
import { useAct } from '../../ui/use-act.js'

const subjects: Readonly<Record<Trigger['on'], string>> = {
  task_finished: 'task.taskId',
  alert_raised: 'alert.message',
  node_joined: 'node.workerId',
}
const examples: Readonly<Record<Trigger['on'], string>> = {
  task_finished: "task.status == 'failed'",
  alert_raised: "alert.kind == 'stall'",
  node_joined: "node.joined == 'new'",
}
const kinds = ['task_finished', 'alert_raised', 'node_joined'] as const

/** Runs a shell command when something happens; templates and other tasks are set up from the command line. */
export function TriggerForm({ open, onClose }: { open: boolean; onClose(): void }) {
  const { t } = useTranslation()
  return (
    <Dialog open={open} onClose={onClose} title={t('trigger.new')}>
      <Fields onDone={onClose} />
    </Dialog>
  )
}

function Fields({ onDone }: { onDone(): void }) {
  const { t } = useTranslation()
  const act = useAct()
  const [name, setName] = useState('')
  const [on, setOn] = useState<Trigger['on']>('task_finished')
  const [condition, setCondition] = useState('')
  const [command, setCommand] = useState('')
  const submit = async () => {
    const body = { name, on, condition, task: taskOf(name, on, command) }
    if (await act.run(() => live.rest.post('/api/triggers', body))) onDone()
  }
  return (
    <ActForm act={act} submit={t('schedule.create')} onSubmit={submit} onCancel={onDone}>
      <Field label={t('schedule.name')}>
        <TextInput required value={name} onChange={(event) => setName(event.target.value)} />
      </Field>
      <Field label={t('trigger.on')}>
        <Select
          value={on}
          onChange={(event) => setOn(kinds.find((kind) => kind === event.target.value) ?? on)}
          choices={kinds.map((kind) => ({ value: kind, label: t(`trigger.what.${kind}`) }))}
        />
      </Field>
      <Field label={t('trigger.if')} hint={t('trigger.ifHint', { example: examples[on] })}>
        <TextInput
          value={condition}
          onChange={(event) => setCondition(event.target.value)}
          className="font-mono"
        />
      </Field>
      <Field label={t('schedule.command')} hint={t('trigger.commandHint', { subject: subjects[on] })}>
        <TextInput
          required
          value={command}
          onChange={(event) => setCommand(event.target.value)}
          className="font-mono"
        />
      </Field>
    </ActForm>
  )
}

/** What happened is the first argument: as a part of the shell's text it could be a program. */
const taskOf = (name: string, on: Trigger['on'], command: string) => ({
  type: 'command',
  name,
  payload: { command: ['sh', '-c', command, 'sh', `\${${subjects[on]}}`] },
})
