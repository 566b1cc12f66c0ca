import { useRef } from 'react'
import { Button } from '../../ui/button.js'
import { Field, Select } from '../../ui/field.js'
import { localOfMs, msOfLocal } from '../../ui/local-time.js'
import { Notice } from '../../ui/panel.js'
import { useRefusal } from '../../ui/refusal.js'
import { useRowKeys } from '../../ui/row-keys.js'
import { useTranslation } from '../../ui/translation.js'
import { goTo, hrefWith, usePlace } from '../../ui/url.js'
import { ConfigRow } from './config-row.js'
import { type ConfigResult, useConfigHistory } from './use-config-history.js'

const kinds = [
  'placement',
  'retention',
  'limit',
  'alert_rule',
  'schedule',
  'template',
  'trigger',
  'hold',
] as const

/** Who changed which setting, when, by which way, and what was before. */
export function ConfigHistory() {
  const { t } = useTranslation()
  const place = usePlace()
  const at = (name: string) => place.params.get(name) ?? ''
  const set = (params: Record<string, string | null>) => goTo(hrefWith(place, params), { replace: true })
  const query = { kind: at('kind'), from: at('from'), to: at('to') }
  const asked = Object.entries(query).filter(([, value]) => value !== '')
  const search = new URLSearchParams([...asked, ['limit', '100']]).toString()
  const { result, more, again } = useConfigHistory(search)
  const area = useRef<HTMLDivElement>(null)
  useRowKeys(area)
  return (
    <div ref={area} className="flex min-h-0 flex-1 flex-col">
      <div className="flex shrink-0 flex-wrap items-end gap-2 border-b border-line px-3 py-2">
        {(['from', 'to'] as const).map((name) => (
          <Field key={name} label={t(`history.${name}`)}>
            <input
              type="datetime-local"
              className="field"
              value={localOfMs(query[name])}
              onChange={(event) => set({ [name]: msOfLocal(event.target.value) })}
            />
          </Field>
        ))}
        <Field label={t('configChange.filterKind')}>
          <Select
            value={query.kind}
            onChange={(event) => set({ kind: event.target.value })}
            choices={[
              { value: '', label: t('configChange.anyKind') },
              ...kinds.map((kind) => ({ value: kind, label: t(`configChange.kind.${kind}`) })),
            ]}
          />
        </Field>
        {asked.length === 0 ? null : (
          <Button look="bare" onClick={() => set({ kind: null, from: null, to: null })}>
            {t('clearFilter')}
          </Button>
        )}
      </div>
      <Found result={result} filtered={asked.length > 0} onMore={more} onAgain={again} />
    </div>
  )
}

function Found({
  result,
  filtered,
  onMore,
  onAgain,
}: {
  result: ConfigResult
  filtered: boolean
  onMore(): void
  onAgain(): void
}) {
  const { t } = useTranslation()
  const refusalOf = useRefusal()
  const { changes, phase } = result
  if (phase === 'failed' && changes.length === 0) {
    return (
      <Notice
        title={t('history.failed')}
        tone="failed"
        action={<Button onClick={onAgain}>{t('tryAgain')}</Button>}
      >
        {refusalOf(result.cause)}
      </Notice>
    )
  }
  if (changes.length === 0) {
    if (phase === 'loading') return <Notice title={t('loading')} />
    if (filtered) return <Notice title={t('configChange.emptyFiltered')} />
    return <Notice title={t('configChange.empty')}>{t('configChange.emptyHint')}</Notice>
  }
  const isMore = phase !== 'loaded' || result.nextCursor !== null
  return (
    <div className="min-h-0 flex-1 overflow-auto">
      <table aria-label={t('historyView.config')} className="w-full text-left">
        <thead className="sticky top-0 z-10 bg-ground text-xs text-quiet">
          <tr className="h-8 border-b border-line">
            {(['when', 'what', 'change', 'who'] as const).map((head) => (
              <th key={head} className="px-2 font-normal first:pl-3 last:pr-3">
                {t(`configChange.${head}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {changes.map((change) => (
            <ConfigRow key={change.seq} change={change} />
          ))}
        </tbody>
      </table>
      <div className="flex items-center gap-3 p-3">
        {phase === 'failed' ? <span className="text-failed">{refusalOf(result.cause)}</span> : null}
        <span className="text-quiet">{t('configChange.shown', { count: changes.length })}</span>
        {isMore ? (
          <Button disabled={phase === 'loading'} onClick={phase === 'failed' ? onAgain : onMore}>
            {phase === 'loading' ? t('loading') : t('configChange.older')}
          </Button>
        ) : null}
      </div>
    </div>
  )
}
