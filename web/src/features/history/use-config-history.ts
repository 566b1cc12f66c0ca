import { useCallback, useEffect, useState } from 'react'
import type { ConfigChange, ConfigPage } from '../../../../src/contract/config-history.js'
import { live } from '../../live/live.js'

export type ConfigResult = { readonly changes: readonly ConfigChange[] } & (
  | { readonly phase: 'loading' }
  | { readonly phase: 'loaded'; readonly nextCursor: string | null }
  | { readonly phase: 'failed'; readonly cause: unknown }
)

/** Changes of configuration, page by page; `search` is the query of the address. A newer one drops older answers. */
export function useConfigHistory(search: string): {
  readonly result: ConfigResult
  readonly more: () => void
  readonly again: () => void
} {
  const [result, setResult] = useState<ConfigResult>({ phase: 'loading', changes: [] })
  const [asked, setAsked] = useState<{ readonly cursor: string | null; readonly time: number }>({
    cursor: null,
    time: 0,
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: another query starts from the first page.
  useEffect(() => setAsked({ cursor: null, time: 0 }), [search])
  useEffect(() => {
    const abort = new AbortController()
    const params = new URLSearchParams(search)
    if (asked.cursor !== null) params.set('cursor', asked.cursor)
    const earlier = (known: readonly ConfigChange[]) => (asked.cursor === null ? [] : known)
    setResult(({ changes }) => ({ phase: 'loading', changes: earlier(changes) }))
    live.rest.get<ConfigPage>(`/api/config-history?${params}`, abort.signal).then(
      (page) =>
        setResult(({ changes }) => ({
          phase: 'loaded',
          changes: [...earlier(changes), ...page.changes],
          nextCursor: page.nextCursor,
        })),
      (cause: unknown) => {
        if (!abort.signal.aborted) setResult(({ changes }) => ({ phase: 'failed', changes, cause }))
      },
    )
    return () => abort.abort()
  }, [search, asked])
  const more = useCallback(() => {
    if (result.phase === 'loaded' && result.nextCursor !== null)
      setAsked({ cursor: result.nextCursor, time: 0 })
  }, [result])
  const again = useCallback(() => setAsked(({ cursor, time }) => ({ cursor, time: time + 1 })), [])
  return { result, more, again }
}
