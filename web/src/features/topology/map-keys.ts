import type { ViewportHelperFunctions } from '@xyflow/react'
import { useKeys } from '../../ui/keys.js'
import { useTranslation } from '../../ui/translation.js'
import type { Box } from './layout.js'
import { nextInDirection, type Walkable } from './walk.js'

/** Arrows walk from node to node; the map follows. */
export function useMapKeys(
  frame: React.RefObject<HTMLDivElement | null>,
  map: Walkable,
  leaderId: string,
  flow: ViewportHelperFunctions,
  /** Puts the focus on a node; one that only the canvas draws gets an element for that. */
  focus: (nodeId: string) => void,
): void {
  const { t } = useTranslation()
  const walk = (direction: 'up' | 'down' | 'left' | 'right') => (): boolean => {
    const active = document.activeElement
    const inside = frame.current?.contains(active) === true
    // Elsewhere arrows scroll; on a page where nothing has the focus they enter the map.
    if (!inside && active !== document.body) return false
    const from = inside ? active?.getAttribute('data-map-node') : null
    const next = from == null ? leaderId : nextInDirection(map, from, direction)
    const box = next === null ? undefined : map.boxes[next]
    if (next === null || box === undefined) return true
    focus(next)
    bringIntoView(frame.current, flow, box)
    return true
  }
  const group = t('keys.map')
  useKeys([
    { keys: 'ArrowUp', label: t('keys.up'), group, run: walk('up') },
    { keys: 'ArrowDown', label: t('keys.down'), group, run: walk('down') },
    { keys: 'ArrowLeft', label: t('keys.left'), group, run: walk('left') },
    { keys: 'ArrowRight', label: t('keys.right'), group, run: walk('right') },
  ])
}

export function bringIntoView(frame: HTMLElement | null, flow: ViewportHelperFunctions, box: Box): void {
  if (frame === null) return
  const { x, y, zoom } = flow.getViewport()
  const left = box.x * zoom + x
  const top = box.y * zoom + y
  const seen =
    left >= 0 &&
    top >= 0 &&
    left + box.width * zoom <= frame.clientWidth &&
    top + box.height * zoom <= frame.clientHeight
  if (!seen) void flow.setCenter(box.x + box.width / 2, box.y + box.height / 2, { zoom })
}
