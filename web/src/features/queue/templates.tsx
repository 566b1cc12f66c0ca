import { useSelector } from 'react-redux'
import { live } from '../../live/live.js'
import type { Template } from '../../live/protocol.js'
import type { WallState } from '../../live/store.js'
import { reveal } from '../../ui/ansi.js'
import { IconButton } from '../../ui/button.js'
import { Notice } from '../../ui/panel.js'
import { useTranslation } from '../../ui/translation.js'
import { goTo, hrefWith, usePlace } from '../../ui/url.js'
import { type Act, useAct } from '../../ui/use-act.js'
import { DeleteButton } from './delete-button.js'
import { EntityList, NothingKnown } from './entity-list.js'
import { cell } from './queue-row.js'
import { TemplateForm } from './template-form.js'
import type { Parameter } from './template-params.js'

/** Tasks with blanks: what each makes, what it asks for, and running one. */
export function Templates() {
  const { t } = useTranslation()
  const known = useSelector((state: WallState) => state.templates)
  const place = usePlace()
  const chosenId = place.params.get('run')
  const choose = (run: string | null) => goTo(hrefWith(place, { run }), { replace: true })
  const act = useAct()
  if (known === null) return <NothingKnown />
  const found = Object.values(known).sort(
    (a, b) => a.project.localeCompare(b.project, 'en') || a.name.localeCompare(b.name, 'en'),
  )
  return (
    <>
      <EntityList
        name={t('queue.view.templates')}
        hint={t('template.hint')}
        act={act}
        heads={[t('template.name'), t('template.makes'), t('template.parameters'), t('template.version')]}
        empty={
          <Notice title={t('template.empty')}>
            {t('template.emptyHint')}{' '}
            <code className="font-mono text-xs">agentflow template create --help</code>
          </Notice>
        }
      >
        {found.map((template) => (
          <TemplateRow
            key={template.templateId}
            template={template}
            act={act}
            onRun={() => choose(template.templateId)}
          />
        ))}
      </EntityList>
      <TemplateForm
        template={chosenId === null ? null : (known[chosenId] ?? null)}
        onClose={() => choose(null)}
        onRun={(taskId) => {
          goTo(hrefWith(place, { run: null, task: taskId }))
        }}
      />
    </>
  )
}

function TemplateRow({ template, act, onRun }: { template: Template; act: Act; onRun(): void }) {
  const { t } = useTranslation()
  const { name, templateId } = template
  const parameters = Object.entries(template.parameters)
  return (
    <tr data-testid={`template-${templateId}`} className="border-b border-line hover:bg-raised">
      <td className={`${cell} max-w-72`}>
        <span className="font-medium">{name}</span>
        <span className="block text-xs break-words text-quiet">
          {[template.project, template.description].filter((word) => word !== '').join(' · ')}
        </span>
      </td>
      <td className={`${cell} max-w-72`}>
        <code className="line-clamp-2 font-mono text-xs break-all">{reveal(makesOf(template))}</code>
      </td>
      <td className={cell}>
        {parameters.length === 0 ? (
          <span className="text-quiet">{t('task.none')}</span>
        ) : (
          <ul className="flex flex-col">
            {parameters.map(([key, parameter]) => (
              <ParameterLine key={key} name={key} parameter={parameter} />
            ))}
          </ul>
        )}
      </td>
      <td className={cell}>{template.version}</td>
      <td className={`${cell} w-20`}>
        <span className="flex justify-end">
          <IconButton
            acts
            icon="resume"
            label={t('template.run', { name })}
            disabled={act.busy}
            onClick={onRun}
          />
          <DeleteButton
            label={t('template.delete', { name })}
            note={t('template.deleteNote')}
            disabled={act.busy}
            onDelete={() =>
              void act.run(() => live.rest.delete(`/api/templates/${encodeURIComponent(templateId)}`))
            }
          />
        </span>
      </td>
    </tr>
  )
}

function ParameterLine({ name, parameter }: { name: string; parameter: Parameter }) {
  const { t } = useTranslation()
  const { type, required, default: standard, enum: allowed } = parameter
  const words = [
    t(`template.type.${type}`),
    allowed === null ? '' : allowed.map(String).join(' | '),
    standard === null
      ? required
        ? t('template.must')
        : ''
      : t('template.unlessSaid', { value: String(standard) }),
  ]
  return (
    <li title={parameter.description}>
      <code className="font-mono text-xs">{name}</code>{' '}
      <span className="text-xs text-quiet">{words.filter((word) => word !== '').join(', ')}</span>
    </li>
  )
}

/** The command of a task, or else its type. */
function makesOf({ task }: Template): string {
  const { type, payload } = task
  const command =
    typeof payload === 'object' && payload !== null && 'command' in payload ? payload.command : undefined
  if (typeof command === 'string') return command
  return Array.isArray(command) ? command.map(String).join(' ') : String(type ?? '')
}
