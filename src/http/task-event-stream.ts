import type { LinePage } from '../contract/line.js'
import type { ServerMessage } from '../contract/socket.js'
import type { Task } from '../contract/task.js'
import { limits } from '../core/limits.js'
import type { Caller, ControlPlane, WallSink } from '../ports/control-plane.js'

export interface TaskEventsOptions {
  readonly plane: ControlPlane
  readonly caller: Caller & { readonly signal: AbortSignal }
  /** As it was when the call came: one that is over may be held by no topic any more. */
  readonly task: Task
  /** Versions up to seq and lines up to n are known to the reader. */
  readonly after: { readonly seq: number; readonly line: number }
}

/**
 * One task as server-sent events, until it is final: `status` (the task), `progress`, `partial` (a result so far), `output` (a line). The id is
 * `seq:n`: versions up to seq and lines up to n are told. It is pulled, so a slow reader gets the newest version
 * instead of all, and every line.
 */
export async function* taskEvents({
  plane,
  caller,
  task: first,
  after,
}: TaskEventsOptions): AsyncGenerator<string> {
  const { taskId } = first
  const news = new TaskNews(first, after.seq)
  caller.signal.addEventListener('abort', () => news.close(), { once: true })
  const session = plane.openWall(caller, news.sink, { frames: false, resume: null })
  session.subscribe([`tasks:${taskId}`, `logs:${taskId}`])
  let { line } = after
  let told: Task | null = null
  let toldPartial: string | undefined
  try {
    while (!news.closed) {
      const { task, seq } = news.take()
      // Lines before the status: when a task is over, its output has been told.
      for (;;) {
        const page = JSON.parse(await plane.taskLines(caller, taskId, line, limits.linesPageMax)) as LinePage
        for (const entry of page.lines) {
          line = entry.n
          yield sse('output', `${seq}:${line}`, entry)
        }
        if (page.lines.length < limits.linesPageMax) break
      }
      if (task !== null && task !== told) {
        const event = told !== null && standing(told) === standing(task) ? 'progress' : 'status'
        told = task
        yield sse(event, `${seq}:${line}`, event === 'status' ? task : progressOf(task))
        session.ack(seq)
        if (isOver(task)) return
        const partial = await partialOf(plane, caller, task)
        if (partial !== undefined && partial !== toldPartial) {
          toldPartial = partial
          yield `event: partial\nid: ${seq}:${line}\ndata: ${partial}\n\n`
        }
      }
      if (!(await news.wait(limits.wallPingIntervalMs))) yield ': still here\n\n'
    }
  } finally {
    session.closed()
  }
}

export const isOver = (task: Pick<Task, 'completedAt'>): boolean => task.completedAt !== null

/** What has come since the last look: the newest version, and whether there may be more lines. */
class TaskNews {
  readonly sink: WallSink
  /** The reader is gone, or the leader ended the session. */
  closed = false
  #newest: { readonly task: Task | null; readonly seq: number }
  #fresh = true
  #wake: (() => void) | null = null

  constructor(first: Task, afterSeq: number) {
    const { taskId } = first
    this.#newest = { task: isOver(first) ? first : null, seq: afterSeq }
    this.sink = {
      send: (bytes) => this.#hear(JSON.parse(new TextDecoder().decode(bytes)) as ServerMessage, taskId),
      bufferedBytes: () => 0,
      close: () => this.close(),
    }
  }

  take(): { readonly task: Task | null; readonly seq: number } {
    this.#fresh = false
    return this.#newest
  }

  /** Resolves true at the next news, false after `timeoutMs`. */
  async wait(timeoutMs: number): Promise<boolean> {
    if (this.#fresh) return true
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#wake = null
        resolve(false)
      }, timeoutMs)
      this.#wake = () => {
        clearTimeout(timer)
        this.#wake = null
        resolve(true)
      }
    })
  }

  close(): void {
    this.closed = true
    this.#rouse()
  }

  #rouse(): void {
    this.#fresh = true
    this.#wake?.()
  }

  #hear(message: ServerMessage, taskId: string): void {
    if (message.type === 'TASK_UPDATE' && message.task.taskId === taskId) {
      this.#newest = { task: message.task, seq: message.seq }
    } else if (message.type === 'SNAPSHOT' && message.topic === `tasks:${taskId}`) {
      const [task] = message.items
      if (task !== undefined) this.#newest = { task: task as Task, seq: message.seq }
    } else if (message.type !== 'LOG' && message.type !== 'SNAPSHOT') {
      return
    }
    this.#rouse()
  }
}

/** The data of its event; undefined = none. One that was too large to be pushed is read. */
async function partialOf(plane: ControlPlane, caller: Caller, pushed: Task): Promise<string | undefined> {
  const isCut = pushed.truncated === true && pushed.partial === undefined
  const task = isCut ? (JSON.parse(await plane.task(caller, pushed.taskId)) as Task) : pushed
  if (task.partial === undefined || task.fence !== pushed.fence) return undefined
  const { taskId, attempt, fence, partial } = task
  return JSON.stringify({ taskId, attempt, fence, partial })
}

/** What makes a change a `status`; anything else that changes is `progress`. */
const standing = ({ phase, attempt, workerId, stall, effects }: Task): string =>
  JSON.stringify([phase, attempt, workerId, stall?.kind ?? null, effects])

const progressOf = ({ taskId, attempt, fence, pid, progress }: Task) => ({
  taskId,
  attempt,
  fence,
  pid,
  progress,
})

const sse = (event: string, id: string, data: unknown): string =>
  `event: ${event}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`
