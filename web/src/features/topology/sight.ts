import type { State } from '../../live/health.js'
import type { MapView } from './map-view.js'
import type { PlannedMaster } from './plan.js'

/** What of the fleet is drawn, and what is lit up. */
export interface Sight {
  readonly hidden: ReadonlySet<string>
  /** Nodes that have the words, in the order of the map; null = nothing is looked for. */
  readonly found: readonly string[] | null
}

/** State of a node, and the words that a person may know it by. */
export interface NodeWords {
  state(nodeId: string): State
  words(nodeId: string): string
}

/**
 * Hides by state and by label. A master stays as long as one of its agents is drawn: nothing hangs from nowhere.
 * Nobody moves: a hidden node keeps its place.
 */
export function sightOf(plan: readonly PlannedMaster[], view: MapView, nodes: NodeWords): Sight {
  const hidden = new Set<string>()
  for (const master of plan) {
    const byLabel = Object.entries(master.labels).some(([name, value]) =>
      view.hiddenLabels.has(`${name}=${value}`),
    )
    const isHidden = (id: string) => byLabel || view.hiddenStates.has(nodes.state(id))
    const agents = master.agents.filter(isHidden)
    for (const agentId of agents) hidden.add(agentId)
    if (agents.length === master.agents.length && isHidden(master.id)) hidden.add(master.id)
  }
  return { hidden, found: foundIn(plan, view.text, hidden, nodes) }
}

function foundIn(
  plan: readonly PlannedMaster[],
  text: string,
  hidden: ReadonlySet<string>,
  nodes: NodeWords,
): readonly string[] | null {
  const wanted = text.toLowerCase().split(/\s+/).filter(Boolean)
  if (wanted.length === 0) return null
  const labelled = ({ labels }: PlannedMaster) =>
    Object.entries(labels).map(([name, value]) => `${name}=${value}`)
  return plan.flatMap((master) => {
    const labels = labelled(master).join(' ')
    return [master.id, ...master.agents].filter((id) => {
      if (hidden.has(id)) return false
      const haystack = `${id} ${labels} ${nodes.words(id)}`.toLowerCase()
      return wanted.every((word) => haystack.includes(word))
    })
  })
}

export function areSame(a: Sight, b: Sight): boolean {
  return (
    a.hidden.size === b.hidden.size &&
    [...a.hidden].every((id) => b.hidden.has(id)) &&
    (a.found === null) === (b.found === null) &&
    (a.found ?? []).length === (b.found ?? []).length &&
    (a.found ?? []).every((id, index) => id === b.found?.[index])
  )
}
