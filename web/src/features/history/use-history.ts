import { useCallback, useEffect, useState } from 'react'
import { live } from '../../live/live.js'
import type { Task } from '../../live/protocol.js'

/** What is asked of the past; '' = any. Times are Unix ms. */
export interface HistoryQuery {
  readonly from: string
  readonly to: string
  readonly status: string
  readonly workerId: string
  readonly text: string
}

export type HistoryResult =
  | { readonly phase: 'loading'; readonly tasks: readonly Task[] }
  | { readonly phase: 'loaded'; readonly tasks: readonly Task[]; readonly nextCursor: string | null }
  | { readonly phase: 'failed'; readonly tasks: readonly Task[]; readonly cause: unknown }

interface Page {
  readonly tasks: readonly Task[]
  readonly nextCursor: string | null
}

/** Past runs from the leader's database, page by page. A newer query drops the answer to an older one. */
export function useHistory(query: HistoryQuery): {
  readonly result: HistoryResult
  readonly more: () => void
  readonly again: () => void
} {
  const [result, setResult] = useState<HistoryResult>({ phase: 'loading', tasks: [] })
  const [asked, setAsked] = useState<{ readonly cursor: string | null; readonly time: number }>({
    cursor: null,
    time: 0,
  })
  const search = searchOf(query)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another query starts from the first page.
  useEffect(() => setAsked({ cursor: null, time: 0 }), [search])
  useEffect(() => {
    const abort = new AbortController()
    const params = new URLSearchParams(search)
    if (asked.cursor !== null) params.set('cursor', asked.cursor)
    setResult((before) => ({ phase: 'loading', tasks: asked.cursor === null ? [] : before.tasks }))
    live.rest.get<Page>(`/api/history?${params}`, abort.signal).then(
      (page) =>
        setResult((before) => ({
          phase: 'loaded',
          tasks: asked.cursor === null ? page.tasks : [...before.tasks, ...page.tasks],
          nextCursor: page.nextCursor,
        })),
      (cause: unknown) => {
        if (abort.signal.aborted) return
        setResult((before) => ({ phase: 'failed', tasks: before.tasks, cause }))
      },
    )
    return () => abort.abort()
  }, [search, asked])
  const more = useCallback(() => {
    if (result.phase === 'loaded' && result.nextCursor !== null)
      setAsked({ cursor: result.nextCursor, time: 0 })
  }, [result])
  const again = useCallback(
    () => setAsked((before) => ({ cursor: before.cursor, time: before.time + 1 })),
    [],
  )
  return { result, more, again }
}

function searchOf(query: HistoryQuery): string {
  const params = new URLSearchParams({ limit: '100' })
  for (const [name, value] of Object.entries(query)) if (value !== '') params.set(name, value)
  return params.toString()
}
