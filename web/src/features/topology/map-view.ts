import type { State } from '../../live/health.js'

/** What a person chose to see of the map. All of it stands in the address, so that a link shows the same. */
export interface MapView {
  /** Words that a node must have to be lit up; '' = none is looked for. */
  readonly text: string
  /** Label by whose value masters stand together; null = none. */
  readonly groupBy: string | null
  readonly hiddenStates: ReadonlySet<State>
  /** `name=value` of masters that are not drawn, their agents neither. */
  readonly hiddenLabels: ReadonlySet<string>
  /** The node whose panel is open; null = none. */
  readonly selected: string | null
}

export const plainView: MapView = {
  text: '',
  groupBy: null,
  hiddenStates: new Set(),
  hiddenLabels: new Set(),
  selected: null,
}

export const states: readonly State[] = ['failed', 'waiting', 'busy', 'ok', 'nodata']
const isState = (word: string): word is State => states.some((state) => state === word)

export function viewOf(params: URLSearchParams): MapView {
  const hidden = (params.get('hide') ?? '').split(',').filter((word) => word !== '')
  return {
    text: params.get('q') ?? '',
    groupBy: params.get('group') || null,
    hiddenStates: new Set(hidden.filter(isState)),
    hiddenLabels: new Set(hidden.filter((word) => word.includes('='))),
    selected: params.get('agent') ?? params.get('worker'),
  }
}

/** The parameter `hide` with one state or `name=value` added or taken away; null = nothing is hidden. */
export function hideWith(view: MapView, word: string, hide: boolean): string | null {
  const words = new Set<string>([...view.hiddenStates, ...view.hiddenLabels])
  if (hide) words.add(word)
  else words.delete(word)
  return words.size === 0 ? null : [...words].sort().join(',')
}

/** Parameters that select a node; an agent's id carries its master: `master-1/p1`. */
export function selecting(nodeId: string | null): Readonly<Record<string, string | null>> {
  if (nodeId === null) return { worker: null, agent: null }
  const slash = nodeId.indexOf('/')
  return slash < 0 ? { worker: nodeId, agent: null } : { worker: nodeId.slice(0, slash), agent: nodeId }
}
