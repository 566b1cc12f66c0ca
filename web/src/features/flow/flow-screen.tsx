import { createSelector } from '@reduxjs/toolkit'
import { useEffect, useMemo, useRef } from 'react'
import { useSelector } from 'react-redux'
import { bounds } from '../../live/bounds.js'
import { errorTrace } from '../../live/error-trace.js'
import { live } from '../../live/live.js'
import type { Task } from '../../live/protocol.js'
import { selectListIds, selectTask } from '../../live/selectors.js'
import type { WallState } from '../../live/store.js'
import { anyTask } from '../../live/task-query.js'
import { Button } from '../../ui/button.js'
import { useKeys } from '../../ui/keys.js'
import { Notice } from '../../ui/panel.js'
import { useRowKeys } from '../../ui/row-keys.js'
import { Segments } from '../../ui/segments.js'
import { useTranslation } from '../../ui/translation.js'
import { goTo, hrefWith, usePlace } from '../../ui/url.js'
import { FlowGraph } from './flow-graph.js'
import { planKey, planOf } from './flow-plan.js'
import { Trace } from './trace.js'
import { Waterfall } from './waterfall.js'

const listKey = 'flow'
const views = ['waterfall', 'trace'] as const

const selectFlow = createSelector(
  [(state: WallState) => selectListIds(state, listKey), (state: WallState) => state.tasks],
  (ids, tasks): readonly Task[] => ids.flatMap((id) => tasks[id] ?? []),
)

/** Which task fed which, where the time went, and what went wrong first. One flow, or everything that is connected. */
export function FlowScreen() {
  const { t } = useTranslation()
  const place = usePlace()
  const taskId = place.params.get('task')
  const view = place.params.get('view') === 'trace' ? 'trace' : 'waterfall'
  const set = (params: Record<string, string | null>) => goTo(hrefWith(place, params), { replace: true })
  useFlow(taskId)
  const tasks = useSelector(selectFlow)
  const known = useSelector((state: WallState) => state.summary.known)
  const total = useSelector((state: WallState) => state.lists[listKey]?.total ?? 0)
  const plan = usePlan(tasks)
  const area = useRef<HTMLDivElement>(null)
  useRowKeys(area)
  useKeys([
    {
      keys: 'Escape',
      label: t('flow.all'),
      group: t('keys.lists'),
      run: () => (taskId === null ? false : void set({ task: null })),
    },
  ])
  if (tasks.length === 0) {
    return (
      <Notice
        title={known ? t('flow.empty') : t('empty.unknown')}
        action={taskId === null ? null : <Button onClick={() => set({ task: null })}>{t('flow.all')}</Button>}
      >
        <code className="font-mono text-xs">agentflow task run --after ID -- COMMAND</code>
      </Notice>
    )
  }
  return (
    <div ref={area} className="flex min-h-0 flex-1 flex-col">
      <div className="flex min-h-10 shrink-0 flex-wrap items-center gap-2 border-b border-line px-3 py-1.5">
        <p className="text-quiet">
          {taskId === null
            ? t('flow.showsAll', { count: tasks.length })
            : t('flow.showsOne', { count: tasks.length })}
          {total > tasks.length ? ` ${t('list.cut', { shown: tasks.length, total })}` : null}
        </p>
        {taskId === null ? null : (
          <Button icon="close" onClick={() => set({ task: null })}>
            {t('flow.all')}
          </Button>
        )}
      </div>
      <div className="min-h-64 flex-[3]">
        <FlowGraph plan={plan} chosen={taskId} />
      </div>
      <div className="flex min-h-40 flex-[2] flex-col border-t border-line">
        <div className="shrink-0 border-b border-line px-2 py-1">
          <Segments
            label={t('flow.view')}
            segments={views.map((each) => ({ value: each, label: t(`flow.${each}`) }))}
            value={view}
            onValue={(value) => set({ view: value === 'waterfall' ? null : value })}
          />
        </div>
        {view === 'waterfall' ? <Waterfall tasks={tasks} chosen={taskId} /> : <Traced taskId={taskId} />}
      </div>
    </div>
  )
}

/** Follows one flow, or all that is connected, the newest first. */
function useFlow(taskId: string | null): void {
  useEffect(() => {
    live.watchTasks(listKey, {
      ...anyTask,
      ...(taskId === null ? { connected: true } : { relatedTo: taskId }),
      limit: bounds.relatedMax,
    })
    return () => live.unwatchTasks(listKey)
  }, [taskId])
}

/** The same plan as long as nobody joins or leaves: a change of state draws one node. */
function usePlan(tasks: readonly Task[]) {
  const made = planOf(tasks)
  const key = planKey(made)
  // biome-ignore lint/correctness/useExhaustiveDependencies: plans with the same key are the same.
  return useMemo(() => made, [key])
}

function Traced({ taskId }: { taskId: string | null }) {
  const { t } = useTranslation()
  const tasks = useSelector((state: WallState) => state.tasks)
  const task = useSelector((state: WallState) => (taskId === null ? undefined : selectTask(state, taskId)))
  if (task === undefined) return <Notice title={t('flow.traceChoose')} />
  const steps = errorTrace(task, (id) => tasks[id])
  return steps.length === 0 ? <Notice title={t('flow.traceNone')} /> : <Trace steps={steps} />
}
