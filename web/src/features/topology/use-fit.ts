import type { ViewportHelperFunctions } from '@xyflow/react'
import { useEffect, useMemo, useRef } from 'react'
import { leaderBox, type Placed } from './layout.js'

/** Keeps the whole map in view until a person moves it; the answer fits it once. */
export function useFit(
  frame: React.RefObject<HTMLDivElement | null>,
  flow: ViewportHelperFunctions,
  placed: Placed,
  zoomMax: number,
  touched: React.RefObject<boolean>,
): () => void {
  const bounds = useMemo(() => boundsOf(placed), [placed])
  const fit = useRef(() => {})
  fit.current = () => {
    const element = frame.current
    if (element === null || touched.current) return
    const { clientWidth: width, clientHeight: height } = element
    if (width === 0 || height === 0) return
    const zoom = Math.min(zoomMax, width / (bounds.width + 48), height / (bounds.height + 40))
    void flow.setViewport({
      zoom,
      x: width / 2 - (bounds.x + bounds.width / 2) * zoom,
      y: height / 2 - (bounds.y + bounds.height / 2) * zoom,
    })
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: another extent of the map must be fitted anew.
  useEffect(() => fit.current(), [bounds, zoomMax])
  useEffect(() => {
    if (frame.current === null) return
    const observer = new ResizeObserver(() => fit.current())
    observer.observe(frame.current)
    return () => observer.disconnect()
  }, [frame])
  return () => fit.current()
}

function boundsOf(placed: Placed) {
  const boxes = [leaderBox, ...Object.values(placed.masters), ...Object.values(placed.agents)]
  const left = Math.min(...boxes.map((box) => box.x))
  const right = Math.max(...boxes.map((box) => box.x + box.width))
  const bottom = Math.max(...boxes.map((box) => box.y + box.height))
  return { x: left, y: 0, width: right - left, height: bottom }
}
