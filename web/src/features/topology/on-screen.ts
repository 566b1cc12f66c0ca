import { useStoreApi } from '@xyflow/react'
import { useEffect, useState } from 'react'
import type { Viewport } from './painter.js'
import type { SceneMaster } from './scene.js'

/** Nodes drawn as cards at once; more of them are hexes on the canvas. */
export const cardsMax = 500
/** Nearer than this a card of a large fleet can be read. */
const cardsZoomMin = 0.5
/** How often a map that is moved looks who has come on screen. */
const lookIntervalMs = 100
/** A card is there a little before it comes into view. */
const margin = 280

export interface OnScreen {
  /** Masters in view, in the order of the map; at most cardsMax. */
  readonly masters: readonly string[]
  /** They are near and few enough to be cards. */
  readonly areCards: boolean
}
const none: OnScreen = { masters: [], areCards: false }

/** Which masters are in view, read while the map moves but not at every frame. */
export function useOnScreen(masters: readonly SceneMaster[]): OnScreen {
  const flow = useStoreApi()
  const [seen, setSeen] = useState(none)
  useEffect(() => {
    const look = () => {
      const { transform, width, height } = flow.getState()
      const [x, y, zoom] = transform
      const next = onScreen(masters, { x, y, zoom }, { width, height })
      setSeen((before) => (isSame(before, next) ? before : next))
    }
    let timer: ReturnType<typeof setTimeout> | undefined
    const lookSoon = () => {
      timer ??= setTimeout(() => {
        timer = undefined
        look()
      }, lookIntervalMs)
    }
    // Not at once: a map that has just come is not where it will stand.
    lookSoon()
    const unsubscribe = flow.subscribe(lookSoon)
    return () => {
      unsubscribe()
      clearTimeout(timer)
    }
  }, [flow, masters])
  return seen
}

export function onScreen(
  masters: readonly SceneMaster[],
  { x, y, zoom }: Viewport,
  { width, height }: { readonly width: number; readonly height: number },
): OnScreen {
  const [left, top] = [-x / zoom - margin, -y / zoom - margin]
  const [right, bottom] = [(width - x) / zoom + margin, (height - y) / zoom + margin]
  const seen = masters.filter(
    ({ box }) => box.x < right && box.x + box.width > left && box.y < bottom && box.y + box.height > top,
  )
  return {
    masters: seen.slice(0, cardsMax).map(({ id }) => id),
    areCards: zoom >= cardsZoomMin && seen.length <= cardsMax,
  }
}

const isSame = (a: OnScreen, b: OnScreen): boolean =>
  a.areCards === b.areCards &&
  a.masters.length === b.masters.length &&
  a.masters.every((id, index) => id === b.masters[index])
