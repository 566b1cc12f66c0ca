import { useState } from 'react'
import { useSelector } from 'react-redux'
import { live } from '../../live/live.js'
import type { Trigger } from '../../live/protocol.js'
import type { WallState } from '../../live/store.js'
import { IconButton } from '../../ui/button.js'
import { dateTime } from '../../ui/format.js'
import { Link } from '../../ui/link.js'
import { Notice } from '../../ui/panel.js'
import { StateMark } from '../../ui/state-mark.js'
import { useTranslation } from '../../ui/translation.js'
import { type Act, useAct } from '../../ui/use-act.js'
import { DeleteButton } from './delete-button.js'
import { EntityList, NothingKnown } from './entity-list.js'
import { cell } from './queue-row.js'
import { TriggerForm } from './trigger-form.js'

const heads = ['schedule.name', 'trigger.on', 'schedule.state', 'trigger.made', 'trigger.error'] as const

/** Tasks that something else starts: what for, what came of it, what went wrong, and what may be done. */
export function Triggers() {
  const { t } = useTranslation()
  const known = useSelector((state: WallState) => state.triggers)
  const [making, setMaking] = useState(false)
  const act = useAct()
  if (known === null) return <NothingKnown />
  const found = Object.values(known).sort(
    (a, b) => a.project.localeCompare(b.project) || a.name.localeCompare(b.name),
  )
  return (
    <>
      <EntityList
        name={t('queue.view.triggers')}
        hint={t('trigger.hint')}
        make={{ label: t('trigger.new'), onMake: () => setMaking(true) }}
        act={act}
        heads={heads.map((head) => t(head))}
        empty={
          <Notice title={t('trigger.empty')}>
            {t('trigger.emptyHint')}{' '}
            <code className="font-mono text-xs">agentflow trigger create --help</code>
          </Notice>
        }
      >
        {found.map((trigger) => (
          <TriggerRow key={trigger.triggerId} trigger={trigger} act={act} />
        ))}
      </EntityList>
      <TriggerForm open={making} onClose={() => setMaking(false)} />
    </>
  )
}

function TriggerRow({ trigger, act }: { trigger: Trigger; act: Act }) {
  const { t } = useTranslation()
  const { name, paused, condition } = trigger
  const path = `/api/triggers/${encodeURIComponent(trigger.triggerId)}`
  const verb = paused ? 'resume' : 'pause'
  return (
    <tr
      data-testid={`trigger-${trigger.triggerId}`}
      data-state={paused ? 'paused' : 'on'}
      className="border-b border-line hover:bg-raised"
    >
      <td className={cell}>
        <span className="font-medium">{name}</span>
        <span className="block text-xs text-quiet">{trigger.project}</span>
      </td>
      <td className={cell}>
        {t(`trigger.what.${trigger.on}`)}
        <span className="block max-w-[32rem] text-xs text-quiet">
          {condition === '' ? (
            t('trigger.always')
          ) : (
            <code className="break-words font-mono">{condition}</code>
          )}
        </span>
      </td>
      <td className={`${cell} whitespace-nowrap`}>
        <span className="flex items-center gap-1.5">
          <StateMark state={paused ? 'waiting' : 'ok'} />
          {paused ? t('schedule.paused') : t('schedule.on')}
        </span>
      </td>
      <td className={`${cell} whitespace-nowrap`}>
        <Made trigger={trigger} />
      </td>
      <td className={cell}>
        <LastError trigger={trigger} />
      </td>
      <td className={`${cell} w-20`}>
        <span className="flex justify-end">
          <IconButton
            acts
            icon={verb}
            label={t('act.on', { act: t(`act.${verb}`), name })}
            disabled={act.busy}
            onClick={() => void act.run(() => live.rest.post(`${path}/${verb}`, {}))}
          />
          <DeleteButton
            label={t('schedule.delete', { name })}
            note={t('schedule.deleteNote')}
            disabled={act.busy}
            onDelete={() => void act.run(() => live.rest.delete(path))}
          />
        </span>
      </td>
    </tr>
  )
}

function Made({ trigger }: { trigger: Trigger }) {
  const { t } = useTranslation()
  const { firedCount, lastTaskId, lastFiredAtMs } = trigger
  return (
    <>
      <span className="tabular-nums">{t('trigger.tasks', { count: firedCount })}</span>
      {lastTaskId === null || lastFiredAtMs === null ? null : (
        <span className="block text-xs text-quiet">
          <Link screen="tasks" params={{ task: lastTaskId }} className="underline underline-offset-2">
            {dateTime(lastFiredAtMs)}
          </Link>
        </span>
      )}
    </>
  )
}

function LastError({ trigger }: { trigger: Trigger }) {
  const { t } = useTranslation()
  const { failedCount, lastError } = trigger
  if (lastError === null) return <>–</>
  return (
    <span className="flex gap-1.5">
      <span className="mt-1">
        <StateMark state="failed" />
      </span>
      <span className="min-w-0">
        <span className="block max-w-[32rem] break-words">{lastError.message}</span>
        <span className="block text-xs text-quiet">
          {t('trigger.failures', { count: failedCount, at: dateTime(lastError.at) })}
        </span>
      </span>
    </span>
  )
}
