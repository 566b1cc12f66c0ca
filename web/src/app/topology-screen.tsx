import { useSelector } from 'react-redux'
import { LogStream } from '../features/logs/log-stream.js'
import { MasterActs } from '../features/masters/master-acts.js'
import { TopologyWorkbench } from '../features/topology/workbench.js'
import type { Worker } from '../live/protocol.js'
import { selectMayAct } from '../live/selectors.js'
import { Link } from '../ui/link.js'
import { useTranslation } from '../ui/translation.js'
import { usePlace } from '../ui/url.js'
import { useLeaderId } from './leader-id.js'

/** The map alone, as large as the page, with what may be done about what it shows. */
export function TopologyScreen() {
  const leaderId = useLeaderId()
  const isWall = usePlace().params.get('wall') === '1'
  return <TopologyWorkbench leaderId={leaderId} zoomMax={isWall ? 6 : 1.5} parts={parts} />
}

const parts = {
  acts: (worker: Worker) => <Acts worker={worker} />,
  lines: (workerId: string) => <LastLines workerId={workerId} />,
}

/** Who may only look is offered nothing that acts. */
function Acts({ worker }: { worker: Worker }) {
  return useSelector(selectMayAct) ? <MasterActs worker={worker} /> : null
}

const anyLine = { nodeId: null, taskId: null, level: null, text: '', sinceMs: null, untilMs: null }

function LastLines({ workerId }: { workerId: string }) {
  const { t } = useTranslation()
  return (
    <div className="flex h-56 flex-col">
      <Link screen="logs" params={{ worker: workerId }} className="py-1 text-xs text-quiet underline">
        {t('topo.lines')}
      </Link>
      <LogStream streamKey="map" withWho={false} query={{ ...anyLine, nodeId: workerId }} />
    </div>
  )
}
