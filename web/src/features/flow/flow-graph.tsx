import {
  type Edge,
  Handle,
  type Node,
  type NodeProps,
  type NodeTypes,
  Position,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
} from '@xyflow/react'
import '@xyflow/react/dist/base.css'
import { memo, useEffect, useMemo, useState } from 'react'
import { useSelector } from 'react-redux'
import { taskState } from '../../live/health.js'
import type { Task } from '../../live/protocol.js'
import { selectTask } from '../../live/selectors.js'
import type { WallState } from '../../live/store.js'
import { useNow } from '../../ui/clock.js'
import { useFormat } from '../../ui/format.js'
import { Link } from '../../ui/link.js'
import { Notice } from '../../ui/panel.js'
import { type MarkState, StateMark, stateColor } from '../../ui/state-mark.js'
import { useTranslation } from '../../ui/translation.js'
import { usePlace } from '../../ui/url.js'
import { ZoomButtons } from '../../ui/zoom-buttons.js'
import { layoutOf, nodeBox, type Place } from './flow-layout.js'
import { type FlowEdge, type FlowPlan, planKey } from './flow-plan.js'

const nodeTypes: NodeTypes = { task: memo(TaskNode), unknown: memo(UnknownNode), source: memo(SourceNode) }

/** The graph of dependencies, each node with how it stands. */
export function FlowGraph({ plan, chosen }: { plan: FlowPlan; chosen: string | null }) {
  return (
    <ReactFlowProvider>
      <Graph plan={plan} chosen={chosen} />
    </ReactFlowProvider>
  )
}

function Graph({ plan, chosen }: { plan: FlowPlan; chosen: string | null }) {
  const { t } = useTranslation()
  const places = usePlaces(plan)
  const flow = useReactFlow()
  // Read from across the room, a small flow is drawn as large as it may be.
  const maxZoom = usePlace().params.get('wall') === '1' ? 4 : 1
  const nodes = useMemo(() => (places === null ? [] : nodesOf(plan, places, chosen)), [plan, places, chosen])
  const edges = useEdges(plan.edges)
  useEffect(() => {
    if (nodes.length > 0) requestAnimationFrame(() => void flow.fitView({ maxZoom, padding: 0.06 }))
  }, [nodes.length, flow, maxZoom])
  if (places === null) return <Notice title={t('flow.placing')} />
  return (
    <section className="live-area relative h-full w-full" aria-label={t('flow.graph')}>
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        elementsSelectable={false}
        edgesFocusable={false}
        disableKeyboardA11y
        fitView
        minZoom={0.05}
        maxZoom={4}
      />
      <ZoomButtons
        onIn={() => void flow.zoomIn()}
        onOut={() => void flow.zoomOut()}
        onFit={() => void flow.fitView({ maxZoom })}
      />
    </section>
  )
}

/** Places of the newest plan; what was placed stays until the next places have come. */
function usePlaces(plan: FlowPlan): ReadonlyMap<string, Place> | null {
  const [places, setPlaces] = useState<ReadonlyMap<string, Place> | null>(null)
  const key = planKey(plan)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a plan with the same key has the same places.
  useEffect(() => {
    const abort = new AbortController()
    void layoutOf(plan, abort.signal).then((made) => {
      if (!abort.signal.aborted) setPlaces(made)
    })
    return () => abort.abort()
  }, [key])
  return places
}

function nodesOf(plan: FlowPlan, places: ReadonlyMap<string, Place>, chosen: string | null): Node[] {
  return plan.nodes.flatMap((node) => {
    const position = places.get(node.id)
    if (position === undefined) return []
    const type = node.kind === 'task' || node.kind === 'unknown' ? node.kind : 'source'
    const data = { ...node, isChosen: node.id === chosen }
    return [{ id: node.id, type, position, data, ...nodeBox, draggable: false, selectable: false }]
  })
}

/** Colour and form of a link by how its source stands; its words are the nodes'. */
const edgeLooks: Readonly<Record<MarkState, { readonly stroke: string; readonly strokeDasharray?: string }>> =
  {
    ok: { stroke: 'var(--mark-ok)' },
    busy: { stroke: 'var(--mark-busy)' },
    waiting: { stroke: 'var(--mark-waiting)', strokeDasharray: '8 4' },
    failed: { stroke: 'var(--mark-failed)', strokeDasharray: '3 6' },
    nodata: { stroke: 'var(--quiet)', strokeDasharray: '1 5' },
  }

function useEdges(edges: readonly FlowEdge[]): Edge[] {
  const states = useSelector((state: WallState) =>
    edges.map(({ from }) => sourceState(state.tasks[from])).join(' '),
  )
  return useMemo(() => {
    const looks = states.split(' ') as MarkState[]
    return edges.map(({ id, from, to }, index) => ({
      id,
      source: from,
      target: to,
      style: { strokeWidth: 1.5, ...edgeLooks[looks[index] ?? 'nodata'] },
    }))
  }, [edges, states])
}

/** What has not run yet feeds nobody so far. */
function sourceState(task: Task | undefined): MarkState {
  if (task === undefined || task.status === 'pending') return 'nodata'
  return task.status === 'cancelled' ? 'failed' : taskState(task)
}

function Ends() {
  return (
    <>
      <Handle type="target" position={Position.Left} isConnectable={false} className="invisible" />
      <Handle type="source" position={Position.Right} isConnectable={false} className="invisible" />
    </>
  )
}

const box = 'pointer-events-auto flex h-full flex-col justify-center rounded-lg border px-2.5'

function TaskNode({ id, data }: NodeProps) {
  const { t } = useTranslation()
  const { span } = useFormat()
  const nowMs = useNow()
  const task = useSelector((state: WallState) => selectTask(state, id))
  if (task === undefined) return null
  const state = taskState(task)
  const tookMs = task.startedAt === null ? null : (task.completedAt ?? nowMs) - task.startedAt
  return (
    <>
      <Link
        screen="flow"
        params={{ task: id }}
        data-row=""
        data-testid={`flow-${id}`}
        data-status={task.status}
        aria-current={data.isChosen === true ? 'true' : undefined}
        className={`${box} ${data.isChosen === true ? 'border-busy bg-chosen' : 'border-strong bg-panel'}`}
      >
        <span className="flex min-w-0 items-center gap-2">
          <StateMark state={state} />
          <span className="min-w-0 truncate font-medium" title={task.name}>
            {task.name}
          </span>
        </span>
        <span className="flex gap-2 text-xs">
          <span className={stateColor[state]}>{t(`phase.${task.phase}`)}</span>
          <span className="live-value ml-auto text-quiet">{tookMs === null ? '' : span(tookMs)}</span>
        </span>
      </Link>
      <Ends />
    </>
  )
}

function UnknownNode({ id }: NodeProps) {
  const { t } = useTranslation()
  return (
    <>
      <Link screen="tasks" params={{ task: id }} className={`hatched ${box} border-line`}>
        <span className="flex items-center gap-2">
          <StateMark state="nodata" />
          <span className="font-mono text-xs">{id}</span>
        </span>
        <span className="text-xs text-quiet">{t('flow.notHeld')}</span>
      </Link>
      <Ends />
    </>
  )
}

const viewOf = { schedule: 'schedules', trigger: 'triggers', template: 'templates' } as const

function SourceNode({ data }: NodeProps) {
  const { t } = useTranslation()
  const kind = data.kind as keyof typeof viewOf
  return (
    <>
      <Link screen="queue" params={{ view: viewOf[kind] }} className={`${box} border-line bg-raised`}>
        <span className="text-xs text-quiet">{t(`flow.source.${kind}`)}</span>
        <span className="truncate font-medium">{String(data.name)}</span>
      </Link>
      <Ends />
    </>
  )
}
