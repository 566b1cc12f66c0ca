import { useEffect, useState } from 'react'
import { useRemPx } from './rem.js'

/** The element that is measured, and how many rows have room in it. */
export interface Room {
  /** Its ref. */
  readonly area: (element: HTMLElement | null) => void
  /** Rows of this height (rem) that fit beside what else stands there (`takenRem`). */
  rowsOf(rowRem: number, takenRem?: number): number
}

/** Measures how much has room in an element, so that what does not can be counted instead of cut. */
export function useRoom(): Room {
  const remPx = useRemPx()
  const [element, area] = useState<HTMLElement | null>(null)
  const [heightPx, setHeight] = useState(0)
  useEffect(() => {
    if (element === null) return
    const observer = new ResizeObserver(() => setHeight(element.clientHeight))
    observer.observe(element)
    return () => observer.disconnect()
  }, [element])
  const rowsOf = (rowRem: number, takenRem = 0) =>
    Math.max(0, Math.floor((heightPx / remPx - takenRem) / rowRem))
  return { area, rowsOf }
}
