import { usePlace } from '../../ui/url.js'
import { selecting } from './map-view.js'

/** Where a click on a node leads: to its panel on the topology screen, with what else is chosen there. */
export function useNodeAddress(nodeId: string): {
  readonly screen: string
  readonly params: Readonly<Record<string, string | null>>
} {
  const { screen, params } = usePlace()
  const kept = screen === 'topology' ? Object.fromEntries(params) : {}
  return { screen: 'topology', params: { ...kept, ...selecting(nodeId) } }
}
