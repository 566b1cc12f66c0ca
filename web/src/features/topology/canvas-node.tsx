import { useStore, ViewportPortal } from '@xyflow/react'
import { useLayoutEffect, useRef } from 'react'
import { useSelector } from 'react-redux'
import type { WallState } from '../../live/store.js'
import { Link } from '../../ui/link.js'
import { useTranslation } from '../../ui/translation.js'
import type { Box } from './layout.js'
import { useNodeAddress } from './node-address.js'
import { selectNodeState } from './node-state.js'

/** The element of a node that only the canvas draws, while it has the focus. */
export function CanvasNode({
  nodeId,
  box,
  onLeave,
}: {
  nodeId: string
  box: Box | undefined
  onLeave(): void
}) {
  const { t } = useTranslation()
  const zoom = useStore((state) => state.transform[2])
  const state = useSelector((wall: WallState) => selectNodeState(wall, nodeId))
  const address = useNodeAddress(nodeId)
  const element = useRef<HTMLAnchorElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: each node takes the focus when the arrows reach it.
  useLayoutEffect(() => element.current?.focus({ preventScroll: true }), [nodeId])
  if (box === undefined) return null
  return (
    <ViewportPortal>
      <Link
        {...address}
        ref={element}
        tabIndex={-1}
        data-map-node={nodeId}
        data-testid={`node-${nodeId}`}
        aria-label={t('topo.node', { id: nodeId, state: t(`state.${state}`) })}
        onBlur={onLeave}
        className="pointer-events-auto absolute rounded-sm"
        style={{
          left: box.x,
          top: box.y,
          width: box.width,
          height: box.height,
          outlineWidth: 3 / zoom,
          outlineOffset: 1 / zoom,
        }}
      />
    </ViewportPortal>
  )
}
