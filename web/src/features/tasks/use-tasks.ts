import { useEffect, useMemo } from 'react'
import { useSelector } from 'react-redux'
import { actsOn } from '../../live/health.js'
import { live } from '../../live/live.js'
import type { Task, TaskAction, TaskList, TaskOrder, TaskQuery, TaskStatus } from '../../live/protocol.js'
import { selectList, selectMayAct, selectPendingAction } from '../../live/selectors.js'
import type { WallState } from '../../live/store.js'
import { anyTask } from '../../live/task-query.js'

/** What a list shows: the part of a query that a person chooses. */
export interface TaskFilter {
  readonly statuses: readonly TaskStatus[]
  readonly workerId: string | null
  readonly text: string
}

/** Keeps a list on screen; undefined until its first answer. */
export function useTaskList(
  key: string,
  filter: TaskFilter,
  shown: { readonly order: TaskOrder; readonly from: number; readonly limit: number },
): TaskList | undefined {
  const statuses = filter.statuses.join(',')
  const { workerId, text } = filter
  const { order, from, limit } = shown
  const query = useMemo<TaskQuery>(
    () => ({
      ...anyTask,
      statuses: statuses === '' ? [] : (statuses.split(',') as TaskStatus[]),
      workerId,
      text,
      order,
      from,
      limit,
    }),
    [statuses, workerId, text, order, from, limit],
  )
  useEffect(() => live.watchTasks(key, query), [key, query])
  useEffect(() => () => live.unwatchTasks(key), [key])
  return useSelector((state: WallState) => selectList(state, key))
}

/** Keeps one task on screen, also one that is over for long. */
export function useTask(taskId: string): { readonly task: Task | undefined; readonly answered: boolean } {
  const key = `task:${taskId}`
  useEffect(() => {
    live.watchTasks(key, { ...anyTask, taskId, limit: 1 })
    return () => live.unwatchTasks(key)
  }, [key, taskId])
  const task = useSelector((state: WallState) => state.tasks[taskId])
  const known = useSelector((state: WallState) => state.summary.known)
  return { task, answered: known }
}

/** What may be done with a task, what is being done, and how to ask. */
export function useActs(task: Task): {
  readonly acts: readonly TaskAction[]
  readonly pending: TaskAction | null
  readonly act: (action: TaskAction) => void
} {
  const pending = useSelector((state: WallState) => selectPendingAction(state, task.taskId))
  const mayAct = useSelector(selectMayAct)
  return {
    acts: mayAct ? actsOn(task) : [],
    pending,
    act: (action) => void live.command(task.taskId, action),
  }
}
