import { useEffect, useMemo } from 'react'
import { useSelector } from 'react-redux'
import { live } from '../../live/live.js'
import type { TaskList, TaskQuery } from '../../live/protocol.js'
import { selectList } from '../../live/selectors.js'
import type { WallState } from '../../live/store.js'
import { anyTask } from '../../live/task-query.js'

/** Rows of a list that are drawn; the rest is counted. */
const rowsMax = 200

/** Keeps a list of the queue on screen; undefined until its first answer. */
export function useQueueList(
  key: string,
  { statuses, phases, band, reason, text, order }: Partial<TaskQuery>,
): TaskList | undefined {
  const query = useMemo<TaskQuery>(
    () => ({
      ...anyTask,
      statuses: statuses ?? [],
      phases: phases ?? [],
      band: band ?? null,
      reason: reason ?? null,
      text: text ?? '',
      order: order ?? 'newest',
      limit: rowsMax,
    }),
    [statuses, phases, band, reason, text, order],
  )
  useEffect(() => live.watchTasks(key, query), [key, query])
  useEffect(() => () => live.unwatchTasks(key), [key])
  return useSelector((state: WallState) => selectList(state, key))
}
