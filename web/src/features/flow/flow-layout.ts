import type { ElkNode } from 'elkjs'
import ELK from 'elkjs/lib/elk-api.js'
import elkWorker from 'elkjs/lib/elk-worker.min.js?url'
import type { FlowPlan } from './flow-plan.js'

export interface Place {
  readonly x: number
  readonly y: number
}
export const nodeBox = { width: 208, height: 52 } as const
const gap = { x: 56, y: 20 } as const
/** A layout that takes longer is given up: columns by depth stand in its place. */
const layoutMsMax = 2_000

/** Places from left to right along the edges, made in a worker of its own, at most `layoutMsMax`. */
export async function layoutOf(plan: FlowPlan, signal: AbortSignal): Promise<ReadonlyMap<string, Place>> {
  const elk = new ELK({ workerFactory: () => new Worker(elkWorker) })
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), layoutMsMax)
    signal.addEventListener('abort', () => resolve(null), { once: true })
  })
  try {
    const laid = await Promise.race([elk.layout(graphOf(plan)), late])
    if (laid === null) return columnsOf(plan)
    return new Map(laid.children?.map(({ id, x = 0, y = 0 }) => [id, { x, y }]))
  } catch {
    return columnsOf(plan)
  } finally {
    clearTimeout(timer)
    elk.terminateWorker()
  }
}

const graphOf = ({ nodes, edges }: FlowPlan): ElkNode => ({
  id: 'flow',
  layoutOptions: {
    'elk.algorithm': 'layered',
    'elk.direction': 'RIGHT',
    'elk.spacing.nodeNode': String(gap.y),
    'elk.layered.spacing.nodeNodeBetweenLayers': String(gap.x),
    'elk.separateConnectedComponents': 'true',
    'elk.spacing.componentComponent': '36',
    'elk.aspectRatio': '1.6',
  },
  children: nodes.map(({ id }) => ({ id, ...nodeBox })),
  edges: edges.map(({ id, from, to }) => ({ id, sources: [from], targets: [to] })),
})

/** A column for each depth, in the order of the plan. */
export function columnsOf({ nodes, edges }: FlowPlan): ReadonlyMap<string, Place> {
  const depths = new Map(nodes.map(({ id }) => [id, 0]))
  // Each pass moves at least one node a column on; a circle ends with the passes.
  for (let pass = 0, moved = true; moved && pass < nodes.length; pass += 1) {
    moved = false
    for (const { from, to } of edges) {
      const depth = (depths.get(from) ?? 0) + 1
      if (depth <= (depths.get(to) ?? 0) || depth > nodes.length) continue
      depths.set(to, depth)
      moved = true
    }
  }
  const taken = new Map<number, number>()
  return new Map(
    nodes.map(({ id }) => {
      const depth = depths.get(id) ?? 0
      const row = taken.get(depth) ?? 0
      taken.set(depth, row + 1)
      return [id, { x: depth * (nodeBox.width + gap.x), y: row * (nodeBox.height + gap.y) }]
    }),
  )
}
