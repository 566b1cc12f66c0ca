import { type FormEvent, useState } from 'react'
import { useSelector } from 'react-redux'
import type { SubmitTask, Task } from '../../../../src/contract/task.js'
import { live } from '../../live/live.js'
import { selectWorkerIds } from '../../live/selectors.js'
import { Button } from '../../ui/button.js'
import { Dialog } from '../../ui/dialog.js'
import { Field, Select, TextInput } from '../../ui/field.js'
import { Link } from '../../ui/link.js'
import { useRefusal } from '../../ui/refusal.js'
import { useTranslation } from '../../ui/translation.js'

/** The form for a new task; the leader's own sentence says what is wrong with it. */
export function CreateTask({
  open,
  onClose,
  onCreated,
}: {
  open: boolean
  onClose(): void
  onCreated(taskId: string): void
}) {
  const { t } = useTranslation()
  return (
    <Dialog open={open} onClose={onClose} title={t('task.new')}>
      <CreateForm onCreated={onCreated} onClose={onClose} />
    </Dialog>
  )
}

function CreateForm({ onCreated, onClose }: { onCreated(taskId: string): void; onClose(): void }) {
  const { t } = useTranslation()
  const workerIds = useSelector(selectWorkerIds)
  const refusalOf = useRefusal()
  const [problem, setProblem] = useState<string | null>(null)
  const [sending, setSending] = useState(false)
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    setSending(true)
    setProblem(null)
    try {
      const task = await live.rest.post<Task>('/api/tasks', taskOf(new FormData(event.currentTarget)))
      onCreated(task.taskId)
    } catch (cause) {
      setProblem(refusalOf(cause))
      setSending(false)
    }
  }
  return (
    <form className="flex flex-col gap-3" onSubmit={(event) => void submit(event)}>
      <Link screen="queue" params={{ view: 'templates' }} className="self-start underline underline-offset-2">
        {t('saved.fromTemplate')}
      </Link>
      <Field label={t('task.command')} hint={t('create.commandHint')}>
        <textarea
          name="command"
          required
          rows={3}
          // biome-ignore lint/a11y/noAutofocus: the dialog was opened to fill this in.
          autoFocus
          spellCheck={false}
          className="field h-auto resize-y py-1.5 font-mono text-xs"
        />
      </Field>
      <div className="grid grid-cols-2 gap-3">
        <Field label={t('task.name')}>
          <TextInput name="name" maxLength={200} />
        </Field>
        <Field label={t('task.project')}>
          <TextInput name="project" defaultValue="default" required />
        </Field>
        <Field label={t('task.master')}>
          <Select
            name="worker"
            choices={[
              { value: '', label: t('task.anyMaster') },
              ...workerIds.map((workerId) => ({ value: workerId, label: workerId })),
            ]}
          />
        </Field>
        <Field label={t('task.priority')} hint={t('create.priorityHint')}>
          <TextInput name="priority" type="number" min={1} max={10} defaultValue={5} required />
        </Field>
        <Field label={t('create.timeout')} hint={t('create.zeroHint')}>
          <TextInput name="timeout" type="number" min={0} defaultValue={300} required />
        </Field>
        <Field label={t('create.stall')} hint={t('create.zeroHint')}>
          <TextInput name="stall" type="number" min={0} defaultValue={120} required />
        </Field>
        <Field label={t('create.cwd')}>
          <TextInput name="cwd" className="font-mono text-xs" />
        </Field>
        <Field label={t('create.attempts')}>
          <TextInput name="attempts" type="number" min={1} max={100} defaultValue={4} required />
        </Field>
      </div>
      {problem === null ? null : (
        <p role="alert" className="border-l-2 border-failed pl-3 text-failed">
          {problem}
        </p>
      )}
      <div className="flex justify-end gap-2 pt-1">
        <Button onClick={onClose}>{t('cancel')}</Button>
        <Button acts look="primary" type="submit" disabled={sending}>
          {sending ? t('create.sending') : t('create.run')}
        </Button>
      </div>
    </form>
  )
}

function taskOf(form: FormData): SubmitTask {
  const text = (name: string) => String(form.get(name) ?? '').trim()
  const seconds = (name: string) => Math.round(Number(text(name)) * 1000)
  return {
    type: 'command',
    project: text('project'),
    priority: Number(text('priority')),
    payload: { command: text('command'), ...(text('cwd') === '' ? {} : { cwd: text('cwd') }) },
    requirements: { workerId: text('worker') === '' ? null : text('worker'), timeout: seconds('timeout') },
    stallAfterMs: seconds('stall'),
    retry: { attemptsMax: Number(text('attempts')) },
    ...(text('name') === '' ? {} : { name: text('name') }),
  }
}
