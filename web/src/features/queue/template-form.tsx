import { useState } from 'react'
import { live } from '../../live/live.js'
import type { Task, Template } from '../../live/protocol.js'
import { ActForm } from '../../ui/act-form.js'
import { Dialog } from '../../ui/dialog.js'
import { Field, Select, TextInput } from '../../ui/field.js'
import { useTranslation } from '../../ui/translation.js'
import { useAct } from '../../ui/use-act.js'
import { firstTexts, type Parameter, paramsOf } from './template-params.js'

/** Runs a template with values for its parameters; null: it is closed. */
export function TemplateForm({
  template,
  onClose,
  onRun,
}: {
  template: Template | null
  onClose(): void
  onRun(taskId: string): void
}) {
  const { t } = useTranslation()
  return (
    <Dialog
      open={template !== null}
      onClose={onClose}
      title={t('template.run', { name: template?.name ?? '' })}
    >
      {template === null ? null : <Fields template={template} onCancel={onClose} onRun={onRun} />}
    </Dialog>
  )
}

function Fields({
  template,
  onCancel,
  onRun,
}: {
  template: Template
  onCancel(): void
  onRun(taskId: string): void
}) {
  const { t } = useTranslation()
  const act = useAct()
  const [texts, setTexts] = useState(() => firstTexts(template.parameters))
  const parameters = Object.entries(template.parameters)
  const submit = async () => {
    const path = `/api/templates/${encodeURIComponent(template.templateId)}/tasks`
    const params = paramsOf(template.parameters, texts)
    await act.run(async () => onRun((await live.rest.post<Task>(path, { params })).taskId))
  }
  return (
    <ActForm act={act} submit={t('create.run')} onSubmit={submit} onCancel={onCancel}>
      {template.description === '' ? null : <p>{template.description}</p>}
      {parameters.length === 0 ? <p className="text-quiet">{t('template.noParameters')}</p> : null}
      {parameters.map(([name, parameter]) => (
        <ParameterField
          key={name}
          name={name}
          parameter={parameter}
          text={texts[name] ?? ''}
          onText={(text) => setTexts((before) => ({ ...before, [name]: text }))}
        />
      ))}
    </ActForm>
  )
}

function ParameterField({
  name,
  parameter,
  text,
  onText,
}: {
  name: string
  parameter: Parameter
  text: string
  onText(text: string): void
}) {
  const { t } = useTranslation()
  const mustSay = parameter.required && parameter.default === null
  const words = [
    t(`template.type.${parameter.type}`),
    parameter.description,
    mustSay ? t('template.must') : '',
  ]
  const hint = words.filter((word) => word !== '').join(' · ')
  const choices = choicesOf(parameter, [t('template.yes'), t('template.no')])
  return (
    <Field label={name} hint={hint}>
      {choices === null ? (
        <TextInput
          type={parameter.type === 'number' ? 'number' : 'text'}
          step="any"
          required={mustSay}
          value={text}
          onChange={(event) => onText(event.target.value)}
        />
      ) : (
        <Select
          required={mustSay}
          value={text}
          onChange={(event) => onText(event.target.value)}
          choices={
            parameter.default === null ? [{ value: '', label: t('template.notSaid') }, ...choices] : choices
          }
        />
      )}
    </Field>
  )
}

/** What may be chosen; null = anything of its type. */
function choicesOf(
  { type, enum: allowed }: Parameter,
  [yes, no]: readonly [string, string],
): readonly { readonly value: string; readonly label: string }[] | null {
  const values = allowed ?? (type === 'boolean' ? [true, false] : null)
  if (values === null) return null
  return values.map((value) => ({
    value: String(value),
    label: value === true ? yes : value === false ? no : String(value),
  }))
}
