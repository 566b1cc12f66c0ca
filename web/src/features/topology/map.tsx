import {
  type Node,
  type NodeTypes,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
  type ViewportHelperFunctions,
} from '@xyflow/react'
import '@xyflow/react/dist/base.css'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useSelector } from 'react-redux'
import { IconButton } from '../../ui/button.js'
import { useKeys } from '../../ui/keys.js'
import { useTranslation } from '../../ui/translation.js'
import { leaderBox, type Placed, place } from './layout.js'
import { Links } from './links.js'
import { AgentNode, LeaderNode, MasterNode } from './nodes.js'
import { selectPlan } from './plan.js'
import { nextInDirection, type Walkable } from './walk.js'

const nodeTypes: NodeTypes = { leader: LeaderNode, master: MasterNode, agent: AgentNode }

/** The map of the fleet. `zoomMax` limits how large a small fleet is drawn. */
export function TopologyMap({ leaderId, zoomMax = 1.25 }: { leaderId: string; zoomMax?: number }) {
  return (
    <ReactFlowProvider>
      <Canvas leaderId={leaderId} zoomMax={zoomMax} />
    </ReactFlowProvider>
  )
}

function Canvas({ leaderId, zoomMax }: { leaderId: string; zoomMax: number }) {
  const { t } = useTranslation()
  // The plan changes only when a master or an agent joins or leaves.
  const plan = useSelector(selectPlan)
  const placed = useMemo(() => place(plan), [plan])
  const nodes = useMemo(() => nodesOf(placed, plan, leaderId), [placed, plan, leaderId])
  const flow = useReactFlow()
  const frame = useRef<HTMLDivElement>(null)
  const touched = useRef(false)
  const [far, setFar] = useState(false)
  const showAll = useFit(frame, flow, placed, zoomMax, touched)
  const walkable = useMemo(() => walkableOf(placed, plan, leaderId), [placed, plan, leaderId])
  useMapKeys(frame, walkable, leaderId, flow)
  return (
    <section
      ref={frame}
      data-far={far}
      data-map-nodes={plan.reduce((sum, master) => sum + 1 + master.agents.length, 0)}
      className="live-area relative h-full w-full"
      aria-label={t('map.name')}
    >
      <ReactFlow
        nodes={nodes}
        edges={noEdges}
        nodeTypes={nodeTypes}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        elementsSelectable={false}
        edgesFocusable={false}
        disableKeyboardA11y
        onlyRenderVisibleElements={nodes.length > 200}
        minZoom={0.05}
        maxZoom={6}
        onViewportChange={(viewport) => setFar(viewport.zoom < farZoom)}
        onMoveStart={(event) => {
          if (event !== null) touched.current = true
        }}
      >
        <Links placed={placed} />
      </ReactFlow>
      <div className="absolute top-2 right-2 flex gap-1 rounded-md border border-line bg-panel wall:hidden">
        <IconButton icon="plus" label={t('map.zoomIn')} onClick={() => void flow.zoomIn()} />
        <IconButton icon="minus" label={t('map.zoomOut')} onClick={() => void flow.zoomOut()} />
        <IconButton
          icon="fit"
          label={t('map.fit')}
          onClick={() => {
            touched.current = false
            showAll()
          }}
        />
      </div>
    </section>
  )
}

const noEdges: [] = []
/** Below this zoom meters could not be read: a card says only who it is and how it is, larger. */
const farZoom = 0.62

function nodesOf(placed: Placed, plan: ReturnType<typeof selectPlan>, leaderId: string): Node[] {
  const still = { draggable: false, selectable: false } as const
  const leader = { id: leaderId, type: 'leader', position: leaderBox, data: {}, ...size(leaderBox), ...still }
  const nodes: Node[] = [leader]
  for (const { id, agents } of plan) {
    const box = placed.masters[id]
    if (box === undefined) continue
    nodes.push({ id, type: 'master', position: box, data: {}, ...size(box), ...still })
    for (const agentId of agents) {
      const at = placed.agents[agentId]
      if (at === undefined) continue
      nodes.push({ id: agentId, type: 'agent', position: at, data: { workerId: id }, ...size(at), ...still })
    }
  }
  return nodes
}

function walkableOf(placed: Placed, plan: ReturnType<typeof selectPlan>, leaderId: string): Walkable {
  const parents: Record<string, string> = {}
  for (const { id, agents } of plan) {
    parents[id] = leaderId
    for (const agentId of agents) parents[agentId] = id
  }
  return { boxes: { [leaderId]: leaderBox, ...placed.masters, ...placed.agents }, parents }
}

const size = ({ width, height }: { readonly width: number; readonly height: number }) => ({ width, height })

/** Keeps the whole map in view until a person moves it; the answer fits it once. */
function useFit(
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

/** Arrows walk from node to node; the map follows. */
function useMapKeys(
  frame: React.RefObject<HTMLDivElement | null>,
  map: Walkable,
  leaderId: string,
  flow: ViewportHelperFunctions,
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
    const target = frame.current?.querySelector<HTMLElement>(`[data-map-node="${CSS.escape(next)}"]`)
    target?.focus({ preventScroll: true })
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

function bringIntoView(
  frame: HTMLElement | null,
  flow: ViewportHelperFunctions,
  box: { x: number; y: number; width: number; height: number },
): void {
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
