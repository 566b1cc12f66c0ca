import { type Client, ControlError, type Line, type ServerMessage, type Task } from '../client/index.js'
import { News } from './news.js'

export interface FollowOptions {
  /** Each line in order, from the first one; absent = lines are not read. */
  readonly onLine?: (line: Line) => void
  readonly signal?: AbortSignal
}

export const isOver = (task: Task): boolean => task.completedAt !== null

/**
 * Waits for a task's end, told by the leader and not asked again and again; goes on over a restart of the leader.
 * Resolves with the whole task once its lines are told too; rejects with the signal's reason.
 */
export async function followTask(
  client: Client,
  taskId: string,
  { onLine, signal }: FollowOptions,
): Promise<Task> {
  let newest: Task | null = await client.task(taskId)
  const news = new News(signal)
  const live = client.live({
    topics: onLine === undefined ? [`tasks:${taskId}`] : [`tasks:${taskId}`, `logs:${taskId}`],
    onMessage: (message) => {
      if (message.type === 'TASK_UPDATE') newest = message.task
      // An empty picture: the leader holds it no more in memory and must be asked.
      if (message.type === 'SNAPSHOT' && message.topic.startsWith('tasks:')) newest = taskOf(message)
      news.wake()
    },
    onState: (state) => {
      if (state.phase === 'closed' && state.error !== null) news.fail(state.error)
      else if (state.phase === 'live') news.wake()
    },
  })
  try {
    for (let after = 0; ; ) {
      try {
        const task: Task = newest ?? (await client.task(taskId))
        const over = isOver(task)
        if (onLine !== undefined) after = await tellLines(client, taskId, { after, onLine })
        if (over) return await client.task(taskId)
      } catch (thrown) {
        // The leader is away: the live connection says when it is back.
        if (!(thrown instanceof ControlError && thrown.kind.retryable)) throw thrown
      }
      await news.next()
    }
  } finally {
    live.close()
  }
}

/** Every stored line after `after`; resolves with the last n. */
export async function tellLines(
  client: Client,
  taskId: string,
  options: { readonly after: number; readonly onLine: (line: Line) => void },
): Promise<number> {
  let { after } = options
  for (;;) {
    const { lines } = await client.taskLines(taskId, { after })
    for (const line of lines) options.onLine(line)
    const last = lines.at(-1)
    if (last === undefined) return after
    after = last.n
  }
}

function taskOf(message: Extract<ServerMessage, { type: 'SNAPSHOT' }>): Task | null {
  const [item] = message.items
  return item !== undefined && 'phase' in item ? item : null
}
