import { useState } from 'react'
import type { ConfigChange } from '../../../../src/contract/config-history.js'
import { reveal } from '../../ui/ansi.js'
import { dateTime } from '../../ui/format.js'
import { useTranslation } from '../../ui/translation.js'

/** Fields of a change that are shown before one asks for all. */
const fieldsAtFirst = 4

const cell = 'px-2 py-2 align-top first:pl-3 last:pr-3'

/** There is one of it only: its kind is its name. */
const isSole = (kind: ConfigChange['kind']): boolean => kind === 'placement' || kind === 'retention'

/** One change: when, what, from which value to which, and who. */
export function ConfigRow({ change }: { change: ConfigChange }) {
  const { t } = useTranslation()
  const { seq, at, kind, name, project, act, by, via } = change
  return (
    <tr
      data-row=""
      tabIndex={0}
      data-testid={`config-${seq}`}
      className="border-b border-line hover:bg-raised"
    >
      <td className={`${cell} figure whitespace-nowrap text-quiet`}>{dateTime(at)}</td>
      <td className={`${cell} max-w-[16rem]`}>
        <span className="block break-words font-medium">{isSole(kind) ? '' : reveal(name)}</span>
        <span className={isSole(kind) ? 'font-medium' : 'text-xs text-quiet'}>
          {t(`configChange.kind.${kind}`)}
          {project === null || project === 'default' ? null : ` · ${reveal(project)}`}
        </span>
      </td>
      <td className={`${cell} w-[50%]`}>
        <span>{t(`configChange.act.${act}`)}</span>
        <Fields change={change} />
      </td>
      <td className={`${cell} text-quiet`}>{t('configChange.by', { name: reveal(by), via })}</td>
    </tr>
  )
}

function Fields({ change: { act, fields, cut } }: { change: ConfigChange }) {
  const { t } = useTranslation()
  const [all, showAll] = useState(false)
  const shown = all ? fields : fields.slice(0, fieldsAtFirst)
  return (
    <>
      <ul className="flex flex-col">
        {shown.map(({ path, before, after }) => (
          <li key={path} className="flex flex-wrap items-baseline gap-x-1.5 text-xs">
            <span className="text-quiet">{reveal(path)}</span>
            {act === 'created' ? null : <Value of={before} name={t('configChange.before')} />}
            {act === 'created' || act === 'removed' ? null : (
              <span aria-hidden="true" className="text-quiet">
                →
              </span>
            )}
            {act === 'removed' ? null : <Value of={after} name={t('configChange.after')} />}
          </li>
        ))}
      </ul>
      {fields.length > shown.length ? (
        <button
          type="button"
          onClick={() => showAll(true)}
          className="min-h-6 text-xs underline underline-offset-2"
        >
          {t('configChange.more', { count: fields.length })}
        </button>
      ) : null}
      {all && cut ? <p className="text-xs text-quiet">{t('configChange.cut')}</p> : null}
    </>
  )
}

/** As JSON has it, but for texts, which need no quotes; `name` tells old from new where there is no arrow to see. */
function Value({ of, name }: { of: unknown; name: string }) {
  const { t } = useTranslation()
  const text = typeof of === 'string' ? of : JSON.stringify(of)
  return (
    <span className="min-w-0">
      <span className="sr-only">{name}: </span>
      {of === null || of === undefined ? (
        <span className="text-quiet">{t('configChange.nothing')}</span>
      ) : (
        <code className="font-mono break-all">{reveal(text)}</code>
      )}
    </span>
  )
}
