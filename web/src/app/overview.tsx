import { lazy, Suspense } from 'react'
import { LogPanel } from '../features/logs/log-panel.js'
import { TaskPanel } from '../features/tasks/task-panel.js'
import { Panel } from '../ui/panel.js'
import { useTranslation } from '../ui/translation.js'
import { usePlace } from '../ui/url.js'
import { useLeaderId } from './leader-id.js'

const WallOverview = lazy(async () => ({ default: (await import('./wall-overview.js')).WallOverview }))
const TopologyMap = lazy(async () => ({ default: (await import('../features/topology/map.js')).TopologyMap }))

/** Topology left, tasks right, the log below; on the big screen what matters from five metres. */
export function Overview() {
  const isWall = usePlace().params.get('wall') === '1'
  return isWall ? <WallOverview /> : <DeskOverview />
}

function DeskOverview() {
  const { t } = useTranslation()
  const leaderId = useLeaderId()
  return (
    <div className="grid min-h-0 flex-1 overflow-y-auto lg:grid-cols-[minmax(0,1.3fr)_minmax(22rem,1fr)] lg:grid-rows-[minmax(0,1.65fr)_minmax(0,1fr)] lg:overflow-hidden">
      <Panel title={t('screen.topology')} className="h-[24rem] lg:h-auto">
        <div className="min-h-0 flex-1">
          <Suspense>
            <TopologyMap leaderId={leaderId} />
          </Suspense>
        </div>
      </Panel>
      <div className="flex h-[26rem] min-h-0 flex-col border-line lg:h-auto lg:border-l">
        <TaskPanel />
      </div>
      <div className="h-[22rem] min-h-0 border-t border-line lg:col-span-2 lg:h-auto">
        <LogPanel />
      </div>
    </div>
  )
}
