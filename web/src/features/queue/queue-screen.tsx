import { type ReactNode, type RefObject, useRef } from 'react'
import { useSelector } from 'react-redux'
import { selectWorkRunning } from '../../live/selectors.js'
import type { WallState } from '../../live/store.js'
import { useKeys } from '../../ui/keys.js'
import { useRowKeys } from '../../ui/row-keys.js'
import { Segments } from '../../ui/segments.js'
import { useTranslation } from '../../ui/translation.js'
import { goTo, hrefTo, hrefWith, usePlace } from '../../ui/url.js'
import { DeadLetters } from './dead-letters.js'
import { Limits } from './limits.js'
import { Schedules } from './schedules.js'
import { Templates } from './templates.js'
import { Triggers } from './triggers.js'
import { Waiting } from './waiting.js'
import { WorkList } from './work-list.js'

const views = ['waiting', 'dead', 'schedules', 'triggers', 'templates', 'limits', 'work'] as const
type View = (typeof views)[number]
const isView = (value: string | null): value is View => views.some((view) => view === value)

/** The queue from its every side; the side and the open task are in the address. */
export function QueueScreen({ detail }: { detail(taskId: string, onClose: () => void): ReactNode }) {
  const { t } = useTranslation()
  const place = usePlace()
  const asked = place.params.get('view')
  const view = isView(asked) ? asked : 'waiting'
  const taskId = place.params.get('task')
  const area = useRef<HTMLDivElement>(null)
  const { filter } = useRowKeys(area)
  const close = () => goTo(hrefWith(place, { task: null }), { replace: true })
  useKeys([
    {
      keys: 'Escape',
      label: t('keys.closeDetail'),
      group: t('keys.lists'),
      run: () => (taskId === null ? false : void close()),
    },
  ])
  return (
    <div className="flex min-h-0 flex-1">
      <div
        ref={area}
        className={`min-h-0 min-w-0 flex-1 flex-col ${taskId === null ? 'flex' : 'hidden lg:flex'}`}
      >
        <div className="shrink-0 border-b border-line px-3 py-1.5">
          <ViewSegments
            value={view}
            onValue={(next) => goTo(hrefTo(place, 'queue', { view: next === 'waiting' ? null : next }))}
          />
        </div>
        <Side view={view} chosen={taskId} filter={filter} />
      </div>
      {taskId === null ? null : (
        <div className="flex min-h-0 w-full shrink-0 border-line lg:w-[26rem] lg:border-l 2xl:w-[36rem]">
          {detail(taskId, close)}
        </div>
      )}
    </div>
  )
}

function Side({
  view,
  chosen,
  filter,
}: {
  view: View
  chosen: string | null
  filter: RefObject<HTMLInputElement | null>
}) {
  switch (view) {
    case 'waiting':
      return <Waiting chosen={chosen} filter={filter} />
    case 'dead':
      return <DeadLetters chosen={chosen} filter={filter} />
    case 'schedules':
      return <Schedules />
    case 'triggers':
      return <Triggers />
    case 'templates':
      return <Templates />
    case 'limits':
      return <Limits />
    case 'work':
      return <WorkList />
  }
}

function ViewSegments({ value, onValue }: { value: View; onValue(value: View): void }) {
  const { t } = useTranslation()
  const pending = useSelector((state: WallState) => state.summary.tasks.pending)
  const dead = useSelector((state: WallState) => state.summary.deadLetters)
  const running = useSelector(selectWorkRunning)
  return (
    <Segments
      label={t('screen.queue')}
      value={value}
      onValue={(next) => isView(next) && onValue(next)}
      segments={[
        { value: 'waiting', label: t('queue.view.waiting'), count: pending },
        { value: 'dead', label: t('queue.view.dead'), count: dead, mark: 'failed' },
        { value: 'schedules', label: t('queue.view.schedules') },
        { value: 'triggers', label: t('queue.view.triggers') },
        { value: 'templates', label: t('queue.view.templates') },
        { value: 'limits', label: t('queue.view.limits') },
        {
          value: 'work',
          label: t('queue.view.work'),
          ...(running === 0 ? {} : { count: running, mark: 'busy' as const }),
        },
      ]}
    />
  )
}
