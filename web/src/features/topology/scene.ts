import { live } from '../../live/live.js'
import type { WallState } from '../../live/store.js'
import type { Box, Placed } from './layout.js'
import { alertedTasks, type MasterReading, readMaster } from './node-state.js'
import { isEdge, type PlannedMaster } from './plan.js'
import type { Sight } from './sight.js'

/** What stands where, and who is drawn by whom. Changes with topology and with what a person chooses to see. */
export interface Scene {
  readonly masters: readonly SceneMaster[]
  readonly placed: Placed
  /** Nodes that have something written or lit: null = nothing is looked for. */
  readonly found: ReadonlySet<string> | null
  readonly selected: string | null
  /** Masters that React Flow draws as cards; the canvas leaves them out. */
  readonly cards: ReadonlySet<string>
  /** False: agents are React Flow's too. */
  readonly drawsAgents: boolean
}

export interface SceneMaster {
  readonly id: string
  readonly box: Box
  readonly isEdge: boolean
  /** `index`: its rank in the master's list. */
  readonly agents: readonly { readonly id: string; readonly index: number; readonly box: Box }[]
}

export function sceneMasters(
  plan: readonly PlannedMaster[],
  placed: Placed,
  sight: Sight,
): readonly SceneMaster[] {
  return plan.flatMap((master) => {
    const box = placed.masters[master.id]
    if (box === undefined || sight.hidden.has(master.id)) return []
    const agents = master.agents.flatMap((id, index) => {
      const at = placed.agents[id]
      return at === undefined || sight.hidden.has(id) ? [] : [{ id, index, box: at }]
    })
    return [{ id: master.id, box, isEdge: isEdge(master), agents }]
  })
}

/** How these masters and their agents stand now. */
export function readMasters(
  masters: readonly { readonly id: string }[],
  state: WallState,
  nowMs: number,
): ReadonlyMap<string, MasterReading> {
  const isLive = state.connection.phase === 'live'
  const alerted = alertedTasks(state.alerts)
  const readings = new Map<string, MasterReading>()
  for (const { id } of masters) {
    const worker = state.workers[id]
    if (worker === undefined) continue
    const sample = live.samples.of(id).read().at(-1)
    readings.set(id, readMaster(worker, { sample, isLive, nowMs, alerted }))
  }
  return readings
}

/** The node that is drawn at a point of the map; null = none. */
export function nodeAt({ masters }: Pick<Scene, 'masters'>, x: number, y: number): string | null {
  const holds = (box: Box) => x >= box.x && x < box.x + box.width && y >= box.y && y < box.y + box.height
  for (const master of masters) {
    if (holds(master.box)) return master.id
    const agent = master.agents.find(({ box }) => holds(box))
    if (agent !== undefined) return agent.id
  }
  return null
}
