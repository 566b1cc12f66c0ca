import { useState } from 'react'
import { useSelector } from 'react-redux'
import { live } from '../../live/live.js'
import type { LimitRule } from '../../live/protocol.js'
import type { WallState } from '../../live/store.js'
import { IconButton } from '../../ui/button.js'
import { useFormat } from '../../ui/format.js'
import { Notice } from '../../ui/panel.js'
import { StateMark } from '../../ui/state-mark.js'
import { useTranslation } from '../../ui/translation.js'
import { type Act, useAct } from '../../ui/use-act.js'
import { DeleteButton } from './delete-button.js'
import { EntityList, NothingKnown } from './entity-list.js'
import { LimitForm } from './limit-form.js'
import { cell } from './queue-row.js'

const pathOf = ({ limitId }: LimitRule): string => `/api/limits/${encodeURIComponent(limitId)}`

/** How many runs may go on by project, capacity, key or kind of agent; each can be paused for the whole fleet. */
export function Limits() {
  const { t } = useTranslation()
  const known = useSelector((state: WallState) => state.limits)
  const [setting, setSetting] = useState(false)
  const act = useAct()
  if (known === null) return <NothingKnown />
  const found = Object.values(known).sort((a, b) => a.limitId.localeCompare(b.limitId, 'en'))
  return (
    <>
      <EntityList
        name={t('queue.view.limits')}
        hint={t('limit.hint')}
        make={{ label: t('limit.new'), onMake: () => setSetting(true) }}
        act={act}
        heads={[t('limit.name'), t('limit.runs'), t('limit.rate'), t('limit.state')]}
        empty={<Notice title={t('limit.empty')}>{t('limit.emptyHint')}</Notice>}
      >
        {found.map((limit) => (
          <LimitRow key={limit.limitId} limit={limit} act={act} />
        ))}
      </EntityList>
      <LimitForm open={setting} onClose={() => setSetting(false)} />
    </>
  )
}

function LimitRow({ limit, act }: { limit: LimitRule; act: Act }) {
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
              acts
              icon={limit.paused ? 'resume' : 'pause'}
              label={t('act.on', { act: t(limit.paused ? 'act.resume' : 'act.pause'), name })}
              disabled={act.busy}
              onClick={() => change(() => live.rest.post(`${path}/${limit.paused ? 'resume' : 'pause'}`, {}))}
            />
          )}
          <DeleteButton
            label={t('limit.delete', { name })}
            note={t('limit.deleteNote')}
            disabled={act.busy}
            onDelete={() => change(() => live.rest.delete(path))}
          />
        </span>
      </td>
    </tr>
  )
}
