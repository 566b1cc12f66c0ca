import { useEffect, useMemo, useState } from 'react'
import type { Observable, ShownLines } from '../../live/rings.js'

/**
 * A stream that can stand still for reading while lines come. `waiting`: how many have come since, at most those that
 * the stream keeps.
 */
export function usePause(source: Observable<ShownLines>): {
  readonly shown: Observable<ShownLines>
  readonly isPaused: boolean
  readonly waiting: number
  readonly toggle: () => void
} {
  const [still, setStill] = useState<ShownLines | null>(null)
  const [waiting, setWaiting] = useState(0)
  useEffect(() => {
    if (still === null) return undefined
    const count = () => {
      const { lines } = source.read()
      const last = still.lines.at(-1)
      const at = last === undefined ? -1 : lines.lastIndexOf(last)
      setWaiting(lines.length - at - 1)
    }
    count()
    return source.subscribe(count)
  }, [source, still])
  const shown = useMemo(
    () => (still === null ? source : { subscribe: () => () => {}, read: () => still }),
    [source, still],
  )
  return {
    shown,
    isPaused: still !== null,
    waiting: still === null ? 0 : waiting,
    toggle: () => setStill(still === null ? source.read() : null),
  }
}
