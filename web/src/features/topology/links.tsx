import { ViewportPortal } from '@xyflow/react'
import { memo } from 'react'
import { useSelector } from 'react-redux'
import { type LinkHealth, linkHealth } from '../../live/health.js'
import { live } from '../../live/live.js'
import type { WallState } from '../../live/store.js'
import { useNow } from '../../ui/clock.js'
import { useObservable } from '../../ui/observable.js'
import { useTranslation } from '../../ui/translation.js'
import { agentLink, type Box, masterLink, type Placed } from './layout.js'

export const linkStrokes: Readonly<Record<LinkHealth, string>> = {
  ok: 'stroke-mark-ok',
  slow: 'stroke-mark-waiting [stroke-dasharray:8_4]',
  stale: 'stroke-quiet [stroke-dasharray:1_5] [stroke-linecap:round]',
  down: 'stroke-mark-failed [stroke-dasharray:3_7]',
}

/** Every link of the map in one picture behind the nodes: one path each, drawn by health, none animated. */
export const Links = memo(function Links({ placed }: { placed: Placed }) {
  return (
    <ViewportPortal>
      <svg
        aria-hidden="true"
        className="pointer-events-none absolute overflow-visible"
        style={{ left: 0, top: 0, width: 1, height: 1, zIndex: -1 }}
      >
        {Object.entries(placed.masters).map(([workerId, box]) => (
          <MasterLinks key={workerId} workerId={workerId} box={box} placed={placed} />
        ))}
      </svg>
    </ViewportPortal>
  )
})

/** How the link to a master stands now. */
export function useLinkHealth(workerId: string): LinkHealth {
  const worker = useSelector((state: WallState) => state.workers[workerId])
  const trusted = useSelector((state: WallState) => state.connection.phase === 'live')
  const samples = useObservable(live.samples.of(workerId))
  const nowMs = useNow()
  return worker === undefined ? 'stale' : linkHealth(worker, samples.at(-1), trusted, nowMs)
}

function MasterLinks({ workerId, box, placed }: { workerId: string; box: Box; placed: Placed }) {
  const { t } = useTranslation()
  const health = useLinkHealth(workerId)
  const agents = useSelector((state: WallState) => state.workers[workerId]?.agents)
  const stroke = linkStrokes[health]
  const end = { x: box.x + box.width / 2, y: box.y }
  const hidden = placed.hidden[workerId] ?? 0
  return (
    <g fill="none">
      <path
        d={masterLink(box)}
        data-testid={`link-${workerId}`}
        data-health={health}
        strokeWidth="2"
        className={stroke}
      >
        <title>{t('map.link', { name: workerId, health: t(`health.${health}`) })}</title>
      </path>
      {agents?.map(({ agentId }) => {
        const agent = placed.agents[agentId]
        return agent === undefined ? null : (
          <path
            key={agentId}
            d={agentLink(box, agent)}
            data-testid={`link-${agentId}`}
            data-health={health}
            strokeWidth="1.25"
            className={`${stroke} opacity-70`}
          />
        )
      })}
      {hidden > 0 ? (
        <text
          x={end.x}
          y={combBottom(placed, agents ?? [], box) + 18}
          textAnchor="middle"
          className="fill-quiet text-xs"
        >
          {t('map.more', { count: hidden })}
        </text>
      ) : null}
      {health === 'down' && box.y < 200 ? (
        <path
          d={`M${end.x - 5} ${end.y - 17}l10 10m0-10l-10 10`}
          strokeWidth="2"
          className="stroke-mark-failed"
        />
      ) : null}
    </g>
  )
}

/** Lower edge of what is drawn of a master. */
function combBottom(placed: Placed, agents: readonly { readonly agentId: string }[], box: Box): number {
  const bottoms = agents.flatMap(({ agentId }) => {
    const agent = placed.agents[agentId]
    return agent === undefined ? [] : agent.y + agent.height
  })
  return Math.max(box.y + box.height, ...bottoms)
}
