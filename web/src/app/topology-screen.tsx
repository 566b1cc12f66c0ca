import { Legend } from '../features/topology/legend.js'
import { TopologyMap } from '../features/topology/map.js'
import { usePlace } from '../ui/url.js'
import { useLeaderId } from './leader-id.js'

/** The map alone, as large as the page. */
export function TopologyScreen() {
  const leaderId = useLeaderId()
  const isWall = usePlace().params.get('wall') === '1'
  return (
    <div className="relative min-h-0 flex-1">
      <TopologyMap leaderId={leaderId} zoomMax={isWall ? 6 : 1.5} />
      <Legend />
    </div>
  )
}
