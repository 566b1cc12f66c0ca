import { useState } from 'react'
import { useSelector } from 'react-redux'
import { live } from '../../live/live.js'
import type { Schedule } from '../../live/protocol.js'
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
import { ScheduleForm } from './schedule-form.js'

const heads = ['name', 'when', 'next', 'last', 'state'] as const

/** Tasks that come back by the clock: when next, what came of the last time, and what may be done. */
export function Schedules() {
  const { t } = useTranslation()
  const known = useSelector((state: WallState) => state.schedules)
  const [making, setMaking] = useState(false)
  const act = useAct()
  if (known === null) return <NothingKnown />
  const found = Object.values(known).sort(
    (a, b) => (a.nextAtMs ?? Number.POSITIVE_INFINITY) - (b.nextAtMs ?? Number.POSITIVE_INFINITY),
  )
  return (
    <>
      <EntityList
        name={t('queue.view.schedules')}
        hint={t('schedule.hint')}
        make={{ label: t('schedule.new'), onMake: () => setMaking(true) }}
        act={act}
        heads={heads.map((head) => t(`schedule.${head}`))}
        empty={
          <Notice title={t('schedule.empty')}>
            {t('schedule.emptyHint')}{' '}
            <code className="font-mono text-xs">agentflow schedule create --help</code>
          </Notice>
        }
      >
        {found.map((schedule) => (
          <ScheduleRow key={schedule.scheduleId} schedule={schedule} act={act} />
        ))}
      </EntityList>
      <ScheduleForm open={making} onClose={() => setMaking(false)} />
    </>
  )
}

function ScheduleRow({ schedule, act }: { schedule: Schedule; act: Act }) {
  const { t } = useTranslation()
  const { name, paused } = schedule
  const path = `/api/schedules/${encodeURIComponent(schedule.scheduleId)}`
  const post = (verb: string) => void act.run(() => live.rest.post(`${path}/${verb}`, {}))
  return (
    <tr data-testid={`schedule-${schedule.scheduleId}`} className="border-b border-line hover:bg-raised">
      <td className={cell}>
        <span className="font-medium">{name}</span>
        <span className="block text-xs text-quiet">{schedule.project}</span>
      </td>
      <td className={cell}>
        <code className="font-mono text-xs">{schedule.cron}</code>
        <span className="block text-xs text-quiet">{schedule.timeZone}</span>
      </td>
      <td className={`${cell} whitespace-nowrap`}>
        {schedule.nextAtMs === null ? t('schedule.never') : dateTime(schedule.nextAtMs)}
      </td>
      <td className={cell}>
        <LastRun schedule={schedule} />
      </td>
      <td className={cell}>
        <span className="flex items-center gap-1.5">
          <StateMark state={paused ? 'waiting' : 'ok'} />
          {paused ? t('schedule.paused') : t('schedule.on')}
        </span>
      </td>
      <td className={`${cell} w-28`}>
        <span className="flex justify-end">
          <IconButton
            acts
            icon="retry"
            label={t('schedule.run', { name })}
            disabled={act.busy}
            onClick={() => post('run')}
          />
          <IconButton
            acts
            icon={paused ? 'resume' : 'pause'}
            label={t('act.on', { act: t(paused ? 'act.resume' : 'act.pause'), name })}
            disabled={act.busy}
            onClick={() => post(paused ? 'resume' : 'pause')}
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

function LastRun({ schedule }: { schedule: Schedule }) {
  const { t } = useTranslation()
  const { lastTaskId, lastSlotMs, lastSkip } = schedule
  return (
    <>
      {lastTaskId === null ? (
        '–'
      ) : (
        <Link screen="tasks" params={{ task: lastTaskId }} className="underline underline-offset-2">
          {lastSlotMs === null ? lastTaskId : dateTime(lastSlotMs)}
        </Link>
      )}
      {lastSkip === null ? null : (
        <span className="block text-xs text-quiet">{t('schedule.skipped', { reason: lastSkip.reason })}</span>
      )}
    </>
  )
}
