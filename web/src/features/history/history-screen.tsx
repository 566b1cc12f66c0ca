import { useRef } from 'react'
import { useSelector } from 'react-redux'
import { taskState } from '../../live/health.js'
import type { Task } from '../../live/protocol.js'
import { selectWorkerIds } from '../../live/selectors.js'
import { Button } from '../../ui/button.js'
import { Field, SearchInput, Select } from '../../ui/field.js'
import { dateTime, useFormat } from '../../ui/format.js'
import { Link } from '../../ui/link.js'
import { localOfMs, msOfLocal } from '../../ui/local-time.js'
import { Notice } from '../../ui/panel.js'
import { useRefusal } from '../../ui/refusal.js'
import { useRowKeys } from '../../ui/row-keys.js'
import { Segments } from '../../ui/segments.js'
import { StateMark, stateColor } from '../../ui/state-mark.js'
import { useTranslation } from '../../ui/translation.js'
import { goTo, hrefTo, hrefWith, usePlace } from '../../ui/url.js'
import { ConfigHistory } from './config-history.js'
import { type HistoryResult, useHistory } from './use-history.js'

const statuses = ['completed', 'failed', 'cancelled', 'running', 'pending'] as const

const views = ['runs', 'config'] as const

/** The past, asked from the leader's database: runs, or changes of configuration. The question is in the address. */
export function HistoryScreen() {
  const { t } = useTranslation()
  const place = usePlace()
  const view = place.params.get('view') === 'config' ? 'config' : 'runs'
  const show = (next: string) =>
    goTo(hrefTo(place, place.screen, { view: next === 'config' ? next : null }), { replace: true })
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="shrink-0 px-3 pt-2">
        <Segments
          label={t('historyView.label')}
          value={view}
          onValue={show}
          segments={views.map((one) => ({ value: one, label: t(`historyView.${one}`) }))}
        />
      </div>
      {view === 'config' ? <ConfigHistory /> : <RunHistory />}
    </div>
  )
}

/** Past runs. */
function RunHistory() {
  const { t } = useTranslation()
  const place = usePlace()
  const at = (name: string) => place.params.get(name) ?? ''
  const set = (params: Record<string, string | null>) => goTo(hrefWith(place, params), { replace: true })
  const workerIds = useSelector(selectWorkerIds)
  const query = {
    from: at('from'),
    to: at('to'),
    status: at('status'),
    workerId: at('worker'),
    text: at('q'),
  }
  const { result, more, again } = useHistory(query)
  const area = useRef<HTMLDivElement>(null)
  const { filter } = useRowKeys(area)
  const filtered = Object.values(query).some((value) => value !== '')
  return (
    <div ref={area} className="flex min-h-0 flex-1 flex-col">
      <div className="flex shrink-0 flex-wrap items-end gap-2 border-b border-line px-3 py-2">
        <Field label={t('history.from')}>
          <input
            type="datetime-local"
            className="field"
            value={localOfMs(at('from'))}
            onChange={(event) => set({ from: msOfLocal(event.target.value) })}
          />
        </Field>
        <Field label={t('history.to')}>
          <input
            type="datetime-local"
            className="field"
            value={localOfMs(at('to'))}
            onChange={(event) => set({ to: msOfLocal(event.target.value) })}
          />
        </Field>
        <Field label={t('history.status')}>
          <Select
            value={at('status')}
            onChange={(event) => set({ status: event.target.value })}
            choices={[
              { value: '', label: t('history.anyStatus') },
              ...statuses.map((status) => ({ value: status, label: t(`segment.${status}`) })),
            ]}
          />
        </Field>
        <Field label={t('task.master')}>
          <Select
            value={at('worker')}
            onChange={(event) => set({ worker: event.target.value })}
            choices={[
              { value: '', label: t('task.allMasters') },
              ...workerIds.map((id) => ({ value: id, label: id })),
            ]}
          />
        </Field>
        <SearchInput
          inputRef={filter}
          label={t('history.filterText')}
          value={at('q')}
          onValue={(value) => set({ q: value })}
          className="w-56"
        />
        {filtered ? (
          <Button
            look="bare"
            onClick={() => set({ from: null, to: null, status: null, worker: null, q: null })}
          >
            {t('clearFilter')}
          </Button>
        ) : null}
      </div>
      <Found result={result} filtered={filtered} onMore={more} onAgain={again} />
    </div>
  )
}

function Found({
  result,
  filtered,
  onMore,
  onAgain,
}: {
  result: HistoryResult
  filtered: boolean
  onMore(): void
  onAgain(): void
}) {
  const { t } = useTranslation()
  const refusalOf = useRefusal()
  const { tasks } = result
  if (result.phase === 'failed' && tasks.length === 0) {
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
  if (tasks.length === 0) {
    if (result.phase === 'loading') return <Notice title={t('loading')} />
    return <Notice title={filtered ? t('empty.historyFiltered') : t('empty.history')} />
  }
  return (
    <div className="min-h-0 flex-1 overflow-auto">
      <HistoryTable tasks={tasks} />
      <div className="flex items-center gap-3 p-3">
        {result.phase === 'failed' ? <span className="text-failed">{refusalOf(result.cause)}</span> : null}
        <span className="text-quiet">{t('history.shown', { count: tasks.length })}</span>
        {result.phase === 'loaded' && result.nextCursor === null ? null : (
          <Button
            disabled={result.phase === 'loading'}
            onClick={result.phase === 'failed' ? onAgain : onMore}
          >
            {result.phase === 'loading' ? t('loading') : t('history.more')}
          </Button>
        )}
      </div>
    </div>
  )
}

function HistoryTable({ tasks }: { tasks: readonly Task[] }) {
  const { t } = useTranslation()
  const head = 'px-2 font-normal first:pl-3 last:pr-3'
  return (
    <table className="w-full text-left">
      <thead className="sticky top-0 z-10 bg-ground text-xs text-quiet">
        <tr className="h-8 border-b border-line">
          <th className={head}>{t('task.name')}</th>
          <th className={head}>{t('task.phase')}</th>
          <th className={head}>{t('task.master')}</th>
          <th className={head}>{t('task.project')}</th>
          <th className={head}>{t('task.created')}</th>
          <th className={`${head} text-right`}>{t('task.time')}</th>
          <th className={`${head} text-right`}>{t('task.exit')}</th>
        </tr>
      </thead>
      <tbody>
        {tasks.map((task) => (
          <HistoryRow key={task.taskId} task={task} />
        ))}
      </tbody>
    </table>
  )
}

function HistoryRow({ task }: { task: Task }) {
  const { t } = useTranslation()
  const { span } = useFormat()
  const state = taskState(task)
  const cell = 'px-2 first:pl-3 last:pr-3'
  const took = task.startedAt === null || task.completedAt === null ? null : task.completedAt - task.startedAt
  return (
    <tr className="relative h-9 border-b border-line hover:bg-raised">
      <td className={`${cell} max-w-0 w-[34%]`}>
        <span className="flex items-center gap-2">
          <StateMark state={state} />
          <Link
            data-row=""
            screen="tasks"
            params={{ task: task.taskId }}
            title={task.name}
            className="truncate after:absolute after:inset-0"
          >
            {task.name}
          </Link>
        </span>
      </td>
      <td className={`${cell} ${stateColor[state]}`}>
        {task.stall === null ? t(`phase.${task.phase}`) : t(`stall.${task.stall.kind}`)}
      </td>
      <td className={`${cell} text-quiet`}>{task.workerId ?? '–'}</td>
      <td className={`${cell} text-quiet`}>{task.project}</td>
      <td className={`${cell} figure whitespace-nowrap text-quiet`}>{dateTime(task.createdAt)}</td>
      <td className={`${cell} figure text-right`}>{took === null ? '–' : span(took)}</td>
      <td className={`${cell} figure text-right`}>{task.result?.signal ?? task.result?.exitCode ?? '–'}</td>
    </tr>
  )
}
