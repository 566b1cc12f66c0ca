import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useSelector } from 'react-redux'
import { live } from '../../live/live.js'
import type { LimitRule } from '../../live/protocol.js'
import type { WallState } from '../../live/store.js'
import { Button, IconButton } from '../../ui/button.js'
import { useFormat } from '../../ui/format.js'
import { Notice } from '../../ui/panel.js'
import { StateMark } from '../../ui/state-mark.js'
import { LimitForm } from './limit-form.js'
import { cell } from './queue-row.js'
import { useAct } from './use-act.js'

const pathOf = ({ limitId }: LimitRule): string => `/api/limits/${encodeURIComponent(limitId)}`

/** How many runs may go on by project, capacity, key or kind of agent; each can be paused for the whole fleet. */
export function Limits() {
  const { t } = useTranslation()
  const known = useSelector((state: WallState) => state.limits)
  const [setting, setSetting] = useState(false)
  const act = useAct()
  if (known === null) return <Notice title={t('empty.unknown')} />
  const found = Object.values(known).sort((a, b) => a.limitId.localeCompare(b.limitId, 'en'))
  return (
    <>
      <div className="flex shrink-0 flex-wrap items-center gap-2 border-b border-line px-3 py-1.5">
        <p className="min-w-0 text-quiet">{t('limit.hint')}</p>
        <Button look="primary" icon="plus" className="ml-auto" onClick={() => setSetting(true)}>
          {t('limit.new')}
        </Button>
      </div>
      {act.refusal === null ? null : (
        <p role="alert" className="shrink-0 border-b border-line px-3 py-1.5 text-failed">
          {act.refusal}
        </p>
      )}
      {found.length === 0 ? (
        <Notice title={t('limit.empty')}>{t('limit.emptyHint')}</Notice>
      ) : (
        <div className="live-area min-h-0 flex-1 overflow-auto">
          <table aria-label={t('queue.view.limits')} className="w-full text-left">
            <thead className="sticky top-0 z-10 bg-ground text-xs text-quiet">
              <tr className="h-8 border-b border-line">
                <th className={`${cell} font-normal`}>{t('limit.name')}</th>
                <th className={`${cell} font-normal`}>{t('limit.runs')}</th>
                <th className={`${cell} font-normal`}>{t('limit.rate')}</th>
                <th className={`${cell} font-normal`}>{t('limit.state')}</th>
                <th className={cell}>
                  <span className="sr-only">{t('task.acts')}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {found.map((limit) => (
                <LimitRow key={limit.limitId} limit={limit} act={act} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <LimitForm open={setting} onClose={() => setSetting(false)} />
    </>
  )
}

function LimitRow({ limit, act }: { limit: LimitRule; act: ReturnType<typeof useAct> }) {
  const { t } = useTranslation()
  const { duration } = useFormat()
  const path = pathOf(limit)
  const name = `${t(`limit.scope.${limit.scope}`)} ${limit.value === '*' ? t('limit.every') : limit.value}`
  const change = (call: () => Promise<unknown>) => void act.run(call)
  return (
    <tr data-testid={`limit-${limit.limitId}`} className="border-b border-line hover:bg-raised">
      <td className={cell}>
        <span className="text-quiet">{t(`limit.scope.${limit.scope}`)}</span>{' '}
        <span className="font-medium">{limit.value === '*' ? t('limit.every') : limit.value}</span>
      </td>
      <td className={cell}>{limit.runsMax ?? t('limit.any')}</td>
      <td className={cell}>
        {limit.rate === null
          ? '–'
          : t('limit.rateOf', { count: limit.rate.count, duration: duration(limit.rate.perMs) })}
      </td>
      <td className={cell}>
        <span className="flex items-center gap-1.5">
          <StateMark state={limit.paused ? 'waiting' : 'ok'} />
          {limit.paused ? t('limit.paused') : t('limit.open')}
        </span>
      </td>
      <td className={`${cell} w-20`}>
        <span className="flex justify-end">
          {limit.scope !== 'capacity' ? null : (
            <IconButton
              icon={limit.paused ? 'resume' : 'pause'}
              label={t('act.on', { act: t(limit.paused ? 'act.resume' : 'act.pause'), name })}
              disabled={act.busy}
              onClick={() => change(() => live.rest.post(`${path}/${limit.paused ? 'resume' : 'pause'}`, {}))}
            />
          )}
          <IconButton
            icon="close"
            label={t('limit.delete', { name })}
            disabled={act.busy}
            onClick={() => change(() => live.rest.delete(path))}
          />
        </span>
      </td>
    </tr>
  )
}
