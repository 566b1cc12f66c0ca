import { type Node, type NodeTypes, ReactFlow, ReactFlowProvider, useReactFlow } from '@xyflow/react'
import '@xyflow/react/dist/base.css'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useSelector } from 'react-redux'
import { useTranslation } from '../../ui/translation.js'
import { ZoomButtons } from '../../ui/zoom-buttons.js'
import { CanvasNode } from './canvas-node.js'
import { agentsDrawnMax, leaderBox, type Placed, place } from './layout.js'
import { MapCanvas } from './map-canvas.js'
import { bringIntoView, useMapKeys } from './map-keys.js'
import { type MapView, plainView } from './map-view.js'
import { Marks } from './marks.js'
import { AgentNode, LeaderNode, MasterNode } from './nodes.js'
import { cardsMax, type OnScreen, useOnScreen } from './on-screen.js'
import { nodesIn, selectPlan } from './plan.js'
import { nodeAt, type Scene, type SceneMaster, sceneMasters } from './scene.js'
import { useFit } from './use-fit.js'
import { useKept, useSight } from './use-sight.js'
import type { Walkable } from './walk.js'

const nodeTypes: NodeTypes = { leader: LeaderNode, master: MasterNode, agent: AgentNode }

interface TopologyMapProps {
  readonly leaderId: string
  /** Limits how large a small fleet is drawn. */
  readonly zoomMax?: number
  /** What a person chose to see; default everything. */
  readonly view?: MapView
  /** A node that only the canvas draws was clicked, or the ground (null). */
  readonly onChoose?: (nodeId: string | null) => void
}

/** The map of the fleet: cards while they are few or near, hexes on a canvas for all. */
export function TopologyMap(props: TopologyMapProps) {
  return (
    <ReactFlowProvider>
      <Canvas {...props} />
    </ReactFlowProvider>
  )
}

/** Below this zoom meters could not be read: a card says only who it is and how it is, larger. */
const farZoom = 0.62
/** With more cards than this nothing on them eases: each step of it would draw all of them anew. */
const manyCards = 60
const noEdges: [] = []

function Canvas({ leaderId, zoomMax = 1.25, view = plainView, onChoose }: TopologyMapProps) {
  const { t } = useTranslation()
  const flow = useReactFlow()
  const frame = useRef<HTMLDivElement>(null)
  const touched = useRef(false)
  const [far, setFar] = useState(false)
  const [moved, setMoved] = useState(false)
  const [cursor, setCursor] = useState<string | null>(null)
  const map = useMap(leaderId, view, far)
  const { plan, placed, nodes, walkable, scene } = map
  const showAll = useFit(frame, flow, placed, zoomMax, touched)
  const focus = (nodeId: string) => {
    if (focusNode(frame.current, nodeId)) return
    setCursor(nodeId)
  }
  useMapKeys(frame, walkable, leaderId, flow, focus)
  const { selected } = view
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another selection moves the map, not another layout.
  useEffect(() => {
    const box = selected === null ? undefined : walkable.boxes[selected]
    if (box !== undefined) bringIntoView(frame.current, flow, box)
  }, [selected])
  const at = (event: { clientX: number; clientY: number }) => {
    const { x, y } = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY })
    return nodeAt(scene, x, y)
  }
  return (
    <section
      ref={frame}
      data-far={far}
      data-moved={moved}
      data-many={nodes.length > manyCards}
      data-map-nodes={nodesIn(plan)}
      className="live-area relative h-full w-full"
      aria-label={t('map.name')}
    >
      <MapCanvas scene={scene} isMoved={moved} />
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
        minZoom={0.03}
        maxZoom={6}
        onViewportChange={(viewport) => setFar(viewport.zoom < farZoom)}
        onMoveStart={(event) => {
          if (event === null) return
          touched.current = true
          setMoved(true)
        }}
        onMoveEnd={() => setMoved(false)}
        onPaneClick={(event) => onChoose?.(at(event))}
      >
        {cursor === null || nodes.some(({ id }) => id === cursor) ? null : (
          <CanvasNode nodeId={cursor} box={walkable.boxes[cursor]} onLeave={() => setCursor(null)} />
        )}
      </ReactFlow>
      <Marks masters={scene.masters} onScreen={map.onScreen} drawn={nodes} isSmall={map.isSmall} />
      <ZoomButtons
        onIn={() => void flow.zoomIn()}
        onOut={() => void flow.zoomOut()}
        onFit={() => {
          touched.current = false
          showAll()
        }}
      />
    </section>
  )
}

/** Everything on the map and where. `nodes` changes with topology, with what is chosen, and with who comes near. */
function useMap(leaderId: string, view: MapView, isFar: boolean) {
  // The plan changes only when a master or an agent joins or leaves.
  const plan = useSelector(selectPlan)
  const kept = useKept(plan, agentsDrawnMax)
  const { groupBy, selected } = view
  const placed = useMemo(() => place(plan, { groupBy, kept }), [plan, groupBy, kept])
  const sight = useSight(plan, view)
  const masters = useMemo(() => sceneMasters(plan, placed, sight), [plan, placed, sight])
  const onScreen = useOnScreen(masters)
  const isSmall = nodesIn(plan) <= cardsMax
  const found = useMemo(() => (sight.found === null ? null : new Set(sight.found)), [sight])
  const nodes = useMemo(
    () => nodesOf(masters, { leaderId, isSmall, isFar, onScreen, found, selected }),
    [masters, leaderId, isSmall, isFar, onScreen, found, selected],
  )
  const scene = useMemo<Scene>(() => {
    const cards = new Set(nodes.filter(({ type }) => type === 'master').map(({ id }) => id))
    return { masters, placed, found, selected, cards, drawsAgents: !isSmall }
  }, [masters, placed, found, selected, nodes, isSmall])
  const walkable = useMemo(() => walkableOf(masters, leaderId), [masters, leaderId])
  return { plan, placed, nodes, scene, walkable, onScreen, isSmall }
}

interface Drawn {
  readonly leaderId: string
  /** All of the fleet fits into cards. */
  readonly isSmall: boolean
  readonly isFar: boolean
  readonly onScreen: OnScreen
  readonly found: ReadonlySet<string> | null
  readonly selected: string | null
}

function nodesOf(masters: readonly SceneMaster[], drawn: Drawn): Node[] {
  const { leaderId, isSmall, isFar, onScreen, found, selected } = drawn
  const near = new Set(onScreen.areCards ? onScreen.masters : [])
  const nodeOf = (id: string, type: string, box: Placed['masters'][string], data = {}): Node => ({
    ...{ id, type, position: box, width: box.width, height: box.height, draggable: false, selectable: false },
    data: {
      ...data,
      isFar,
      look: id === selected ? 'found' : found === null ? 'lit' : found.has(id) ? 'found' : 'dim',
    },
  })
  const cards = isSmall ? masters : masters.filter(({ id }) => near.has(id))
  return [
    nodeOf(leaderId, 'leader', leaderBox),
    ...cards.flatMap(({ id, box, agents }) => [
      nodeOf(id, 'master', box),
      ...(isSmall ? agents.map((agent) => nodeOf(agent.id, 'agent', agent.box, { workerId: id })) : []),
    ]),
  ]
}

function walkableOf(masters: readonly SceneMaster[], leaderId: string): Walkable {
  const parents: Record<string, string> = {}
  const boxes: Record<string, Placed['masters'][string]> = { [leaderId]: leaderBox }
  for (const { id, box, agents } of masters) {
    parents[id] = leaderId
    boxes[id] = box
    for (const agent of agents) {
      parents[agent.id] = id
      boxes[agent.id] = agent.box
    }
  }
  return { boxes, parents }
}

/** False: it has no element of its own. */
function focusNode(frame: HTMLElement | null, nodeId: string): boolean {
  const target = frame?.querySelector<HTMLElement>(`[data-map-node="${CSS.escape(nodeId)}"]`)
  target?.focus({ preventScroll: true })
  return target !== null && target !== undefined
}
