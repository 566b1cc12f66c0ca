import { useEffect, useState } from 'react'
import { live } from '../../live/live.js'
import type { FoundLines, Task } from '../../live/protocol.js'

/** A run and the end of its output. */
export interface Run {
  readonly task: Task
  readonly lines: readonly string[]
  /** There is more output before these lines. */
  readonly isCut: boolean
}
export type RunState =
  | { readonly phase: 'loading' }
  | { readonly phase: 'loaded'; readonly run: Run }
  | { readonly phase: 'failed'; readonly cause: unknown }

/** Pages of output that are read of each run. */
const pagesMax = 4

export function useRun(taskId: string): RunState {
  const [state, setState] = useState<RunState>({ phase: 'loading' })
  useEffect(() => {
    const abort = new AbortController()
    setState({ phase: 'loading' })
    read(taskId, abort.signal).then(
      (run) => setState({ phase: 'loaded', run }),
      (cause: unknown) => {
        if (!abort.signal.aborted) setState({ phase: 'failed', cause })
      },
    )
    return () => abort.abort()
  }, [taskId])
  return state
}

async function read(taskId: string, signal: AbortSignal): Promise<Run> {
  const task = await live.rest.get<Task>(`/api/tasks/${encodeURIComponent(taskId)}`, signal)
  const lines: string[] = []
  let cursor: string | null = null
  for (let page = 0; page === 0 || (page < pagesMax && cursor !== null); page += 1) {
    const search = new URLSearchParams({ taskId, ...(cursor === null ? {} : { cursor }) })
    const found: FoundLines = await live.rest.get<FoundLines>(`/api/logs?${search}`, signal)
    lines.unshift(...found.lines.flatMap((line) => ('text' in line ? [line.text] : [])))
    cursor = found.nextCursor
  }
  return { task, lines, isCut: cursor !== null }
}
