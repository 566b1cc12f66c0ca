import { useSelector } from 'react-redux'
import type { TaskAction, TaskStatus } from '../../live/protocol.js'
import type { WallState } from '../../live/store.js'
import { Segments } from '../../ui/segments.js'
import { useTranslation } from '../../ui/translation.js'

/** Which statuses a choice of the filter stands for. */
export const segmentStatuses = {
  open: ['pending', 'running', 'failed'],
  all: [],
  pending: ['pending'],
  running: ['running'],
  failed: ['failed'],
  completed: ['completed'],
  cancelled: ['cancelled'],
} as const satisfies Record<string, readonly TaskStatus[]>
/** What may be done with all tasks of a choice at once. */
const segmentActs = {
  open: [],
  all: [],
  pending: ['cancel'],
  running: ['pause', 'cancel'],
  failed: ['retry'],
  completed: [],
  cancelled: ['retry'],
} as const satisfies Record<keyof typeof segmentStatuses, readonly TaskAction[]>

export type TaskSegment = keyof typeof segmentStatuses

export const isTaskSegment = (value: string | null): value is TaskSegment =>
  value !== null && Object.hasOwn(segmentStatuses, value)

/** What may be done with all of them now: nothing where there is none, held by this wall or not. */
export function useSegmentActs(segment: TaskSegment): readonly TaskAction[] {
  const counts = useSelector((state: WallState) => state.summary.tasks)
  const unseen = useSelector((state: WallState) => state.summary.unseen)
  const held = segmentStatuses[segment].reduce((sum, status) => sum + counts[status], 0)
  return held + unseen === 0 ? [] : segmentActs[segment]
}

export function TaskSegments({
  choices,
  value,
  onValue,
}: {
  choices: readonly TaskSegment[]
  value: TaskSegment
  onValue(value: TaskSegment): void
}) {
  const { t } = useTranslation()
  const counts = useSelector((state: WallState) => state.summary.tasks)
  const all = counts.pending + counts.running + counts.completed + counts.failed + counts.cancelled
  return (
    <Segments
      label={t('task.filterStatus')}
      value={value}
      onValue={(next) => isTaskSegment(next) && onValue(next)}
      segments={choices.map((choice) => ({
        value: choice,
        label: t(`segment.${choice}`),
        ...(choice === 'open' ? {} : { count: choice === 'all' ? all : counts[choice] }),
        ...(choice === 'failed' ? { mark: 'failed' as const } : {}),
      }))}
    />
  )
}
