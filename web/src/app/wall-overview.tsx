import { lazy, Suspense } from 'react'
import { AgentStrip } from '../features/overview/agent-strip.js'
import { Attention } from '../features/overview/attention.js'
import { LogStrip } from '../features/overview/log-strip.js'
import { Queues } from '../features/overview/queues.js'
import { TimeRiver } from '../features/overview/time-river.js'
import { Panel } from '../ui/panel.js'
import { useTranslation } from '../ui/translation.js'
import { useLeaderId } from './leader-id.js'

const TopologyMap = lazy(async () => ({ default: (await import('../features/topology/map.js')).TopologyMap }))

/** The overview on the big screen. Nothing scrolls here: every row fits, or is counted. */
export function WallOverview() {
  const { t } = useTranslation()
  const leaderId = useLeaderId()
  return (
    <div className="grid min-h-0 flex-1 grid-cols-12 grid-rows-[repeat(8,minmax(0,1fr))_repeat(2,3.75rem)_3.5rem_4rem] overflow-hidden">
      <div className="col-span-7 row-span-8 min-h-0 border-r border-line">
        <Suspense>
          <TopologyMap leaderId={leaderId} zoomMax={6} />
        </Suspense>
      </div>
      <div className="col-span-5 row-span-8 grid min-h-0 grid-rows-[minmax(0,1.5fr)_minmax(0,1fr)]">
        <Panel title={t('attention.title')} className="overflow-hidden">
          <Attention cardsMax={5} />
        </Panel>
        <Panel title={t('queues.title')} className="overflow-hidden border-t border-line">
          <Queues />
        </Panel>
      </div>
      <div className="col-span-12 row-span-2 grid min-h-0 border-t border-line">
        <AgentStrip />
      </div>
      <div className="col-span-12 grid min-h-0 border-t border-line">
        <TimeRiver />
      </div>
      <div className="col-span-12 min-h-0 overflow-hidden border-t border-line">
        <LogStrip rows={3} />
      </div>
    </div>
  )
}
