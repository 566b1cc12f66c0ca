import { useStoreApi } from '@xyflow/react'
import { useEffect, useRef } from 'react'
import { useMedia } from '../../ui/media.js'
import { useTranslation } from '../../ui/translation.js'
import type { Scene } from './scene.js'
import { Stage } from './stage.js'

/** Links, and the hexes of a large fleet, on one canvas behind the cards; what moves is on a second one. */
export function MapCanvas({ scene, isMoved }: { scene: Scene; isMoved: boolean }) {
  const { t } = useTranslation()
  const flow = useStoreApi()
  const frame = useRef<HTMLDivElement>(null)
  const base = useRef<HTMLCanvasElement>(null)
  const dots = useRef<HTMLCanvasElement>(null)
  const stage = useRef<Stage | null>(null)
  const isStill = useMedia('(prefers-reduced-motion: reduce)')
  useEffect(() => {
    if (frame.current === null || base.current === null || dots.current === null) return
    const made = new Stage(frame.current, base.current, dots.current)
    stage.current = made
    const follow = () => {
      const [x, y, zoom] = flow.getState().transform
      made.setViewport({ x, y, zoom })
    }
    follow()
    let last = flow.getState().transform
    const unsubscribe = flow.subscribe(({ transform }) => {
      if (transform === last) return
      last = transform
      follow()
    })
    return () => {
      unsubscribe()
      made.end()
      stage.current = null
    }
  }, [flow])
  useEffect(() => {
    stage.current?.setScene(scene, { more: (count) => t('map.more', { count }), none: t('topo.groupNone') })
  }, [scene, t])
  useEffect(() => stage.current?.setMotion(!isStill, isMoved), [isStill, isMoved])
  return (
    <div ref={frame} aria-hidden="true" className="pointer-events-none absolute inset-0 overflow-hidden">
      <canvas ref={base} className="absolute will-change-transform" />
      <canvas ref={dots} className="absolute inset-0" />
    </div>
  )
}
