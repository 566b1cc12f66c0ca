import { type ReactNode, useRef } from 'react'
import { useSelector } from 'react-redux'
import type { TaskAction, TaskQuery } from '../../live/protocol.js'
import { selectMayAct, selectWorkerIds } from '../../live/selectors.js'
import type { WallState } from '../../live/store.js'
import { anyTask } from '../../live/task-query.js'
import { Button } from '../../ui/button.js'
import { SearchInput, Select } from '../../ui/field.js'
import { useKeys } from '../../ui/keys.js'
import { Link } from '../../ui/link.js'
import { Notice } from '../../ui/panel.js'
import { useRowKeys } from '../../ui/row-keys.js'
import { SavedFilters } from '../../ui/saved-filters.js'
import { useTranslation } from '../../ui/translation.js'
import { goTo, hrefWith, usePlace } from '../../ui/url.js'
import { CreateTask } from './create-task.js'
import { TaskDetail } from './task-detail.js'
import { isTaskSegment, segmentStatuses, TaskSegments, useSegmentActs } from './task-segments.js'
import { TaskTable } from './task-table.js'

/** Parameters that make a filter. */
const filterNames = ['status', 'worker', 'q'] as const

/** All tasks over all masters; the filter and the open task are in the address. */
export function TasksScreen({
  bulk,
}: {
  /** Acts on all that match. */
  bulk(query: TaskQuery, acts: readonly TaskAction[]): ReactNode
}) {
  const { t } = useTranslation()
  const place = usePlace()
  const segment = place.params.get('status')
  const chosenSegment = isTaskSegment(segment) ? segment : 'all'
  const workerId = place.params.get('worker')
  const text = place.params.get('q') ?? ''
  const taskId = place.params.get('task')
  const wide = taskId !== null && place.params.get('full') === '1'
  const mayAct = useSelector(selectMayAct)
  const creating = mayAct && place.params.get('new') === '1'
  const acts = useSegmentActs(chosenSegment)
  const area = useRef<HTMLDivElement>(null)
  const scroller = useRef<HTMLDivElement>(null)
  const { filter } = useRowKeys(area)
  const set = (params: Record<string, string | null>, replace = true) =>
    goTo(hrefWith(place, params), { replace })
  useKeys([
    {
      keys: 'Escape',
      label: t('keys.closeDetail'),
      group: t('keys.lists'),
      run: () => (taskId === null ? false : void set({ task: null, full: null })),
    },
  ])
  return (
    <div className="flex min-h-0 flex-1">
      <div
        ref={area}
        className={`min-h-0 min-w-0 flex-1 flex-col ${taskId === null ? 'flex' : wide ? 'hidden' : 'hidden lg:flex'}`}
      >
        <div className="flex shrink-0 flex-wrap items-center gap-2 border-b border-line px-3 py-1.5">
          <TaskSegments
            choices={['all', 'pending', 'running', 'failed', 'completed', 'cancelled']}
            value={chosenSegment}
            onValue={(value) => set({ status: value === 'all' ? null : value })}
          />
          <MasterSelect value={workerId} onValue={(value) => set({ worker: value })} />
          <SearchInput
            inputRef={filter}
            label={t('task.filterText')}
            value={text}
            onValue={(value) => set({ q: value })}
            className="w-56 max-w-56 min-w-28 flex-1"
          />
          <SavedFilters names={filterNames} />
          {bulk({ ...anyTask, statuses: segmentStatuses[chosenSegment], workerId, text }, acts)}
          {mayAct ? (
            <Button
              acts
              look="primary"
              icon="plus"
              className="ml-auto"
              onClick={() => set({ new: '1' }, false)}
            >
              {t('task.new')}
            </Button>
          ) : null}
        </div>
        <TaskTable
          filter={{ statuses: segmentStatuses[chosenSegment], workerId, text }}
          chosen={taskId}
          scroller={scroller}
          empty={
            <EmptyTasks
              filtered={chosenSegment !== 'all' || workerId !== null || text !== ''}
              onClear={() => set({ status: null, worker: null, q: null })}
              onCreate={mayAct ? () => set({ new: '1' }, false) : null}
            />
          }
        />
        <Unseen />
      </div>
      {taskId === null ? null : (
        <div
          className={`flex min-h-0 w-full shrink-0 border-line ${wide ? '' : 'lg:w-[26rem] lg:border-l 2xl:w-[36rem]'}`}
        >
          <TaskDetail
            taskId={taskId}
            wide={wide}
            onWide={() => set({ full: wide ? null : '1' }, false)}
            onClose={() => set({ task: null, full: null })}
          />
        </div>
      )}
      <CreateTask
        open={creating}
        onClose={() => set({ new: null })}
        onCreated={(created) => set({ new: null, task: created })}
      />
    </div>
  )
}

/** What the wall does not hold is in the leader's database. */
function Unseen() {
  const { t } = useTranslation()
  const unseen = useSelector((state: WallState) => state.summary.unseen)
  if (unseen === 0) return null
  return (
    <p className="shrink-0 border-t border-line px-3 py-1.5 text-quiet">
      <Link screen="history" className="underline underline-offset-2">
        {t('task.unseen', { count: unseen })}
      </Link>
    </p>
  )
}

function MasterSelect({ value, onValue }: { value: string | null; onValue(value: string | null): void }) {
  const { t } = useTranslation()
  const workerIds = useSelector(selectWorkerIds)
  return (
    <Select
      aria-label={t('task.filterMaster')}
      value={value ?? ''}
      onChange={(event) => onValue(event.target.value === '' ? null : event.target.value)}
      choices={[
        { value: '', label: t('task.allMasters') },
        ...workerIds.map((workerId) => ({ value: workerId, label: workerId })),
      ]}
    />
  )
}

function EmptyTasks({
  filtered,
  onClear,
  onCreate,
}: {
  filtered: boolean
  onClear(): void
  /** null: this person may not. */
  readonly onCreate: (() => void) | null
}) {
  const { t } = useTranslation()
  const known = useSelector((state: WallState) => state.summary.known)
  if (!known) return <Notice title={t('empty.unknown')} />
  if (filtered) {
    return (
      <Notice
        title={t('empty.tasksFiltered')}
        action={<Button onClick={onClear}>{t('clearFilter')}</Button>}
      />
    )
  }
  return (
    <Notice
      title={t('empty.tasks')}
      action={
        onCreate === null ? null : (
          <Button acts icon="plus" onClick={onCreate}>
            {t('task.new')}
          </Button>
        )
      }
    >
      <code className="font-mono text-xs">agentflow task run -- echo hello</code>
    </Notice>
  )
}
