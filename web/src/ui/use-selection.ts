import { useCallback, useMemo, useState } from 'react'

/** Rows that a person has ticked. Only those that are still listed count. */
export interface Selection {
  readonly ids: readonly string[]
  readonly has: (id: string) => boolean
  readonly toggle: (id: string) => void
  /** Ticks every listed row, or none when all are ticked. */
  readonly toggleAll: () => void
  readonly clear: () => void
  readonly all: boolean
}

export function useSelection(listed: readonly string[]): Selection {
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set())
  const ids = useMemo(() => listed.filter((id) => ticked.has(id)), [listed, ticked])
  const all = ids.length > 0 && ids.length === listed.length
  const toggle = useCallback((id: string) => {
    setTicked((before) => {
      const next = new Set(before)
      if (!next.delete(id)) next.add(id)
      return next
    })
  }, [])
  const toggleAll = useCallback(() => setTicked(all ? new Set() : new Set(listed)), [all, listed])
  const clear = useCallback(() => setTicked(new Set()), [])
  return { ids, has: (id) => ticked.has(id), toggle, toggleAll, clear, all }
}
