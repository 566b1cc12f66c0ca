import type { Node } from '@xyflow/react'
import { memo, useMemo } from 'react'
import { useSelector } from 'react-redux'
import type { WallState } from '../../live/store.js'
import { useTranslation } from '../../ui/translation.js'
import { useLinkHealth } from './link-health.js'
import { selectNodeState } from './node-state.js'
import { cardsMax, type OnScreen } from './on-screen.js'
import type { SceneMaster } from './scene.js'

/**
 * Names for what the canvas draws of what is on screen, so that programs find it: a mark for each link, and for each
 * node without an element of its own. Nobody reads them: the tree beside the map has the same facts for people.
 */
export function Marks({
  masters,
  onScreen,
  drawn,
  isSmall,
}: {
  masters: readonly SceneMaster[]
  onScreen: OnScreen
  drawn: readonly Node[]
  isSmall: boolean
}) {
  const marked = useMemo(() => {
    const seen = new Set(onScreen.masters)
    const shown = masters.filter(({ id }) => isSmall || seen.has(id)).slice(0, cardsMax)
    const elements = new Set(drawn.map(({ id }) => id))
    let room = cardsMax - shown.length
    return shown.map(({ id, agents }) => {
      const named = isSmall || onScreen.areCards ? agents.slice(0, Math.max(0, room)) : []
      room -= named.length
      return {
        id,
        hasElement: elements.has(id),
        agents: named.map((agent) => ({ id: agent.id, hasElement: elements.has(agent.id) })),
      }
    })
  }, [masters, onScreen, drawn, isSmall])
  return (
    <ul aria-hidden="true" className="sr-only">
      {marked.map(({ id, hasElement, agents }) => (
        <MasterMark
          key={id}
          workerId={id}
          hasElement={hasElement}
          agents={agents.map((agent) => `${agent.hasElement ? '+' : '-'}${agent.id}`).join(' ')}
        />
      ))}
    </ul>
  )
}

/** `agents`: ids, each after + (it has an element) or −; as a text, so that equal ones draw nothing anew. */
const MasterMark = memo(function MasterMark({
  workerId,
  hasElement,
  agents,
}: {
  workerId: string
  hasElement: boolean
  agents: string
}) {
  const { t } = useTranslation()
  const health = useLinkHealth(workerId)
  const state = useSelector((wall: WallState) => selectNodeState(wall, workerId))
  return (
    <li>
      {hasElement ? null : (
        <span data-testid={`node-${workerId}`} data-state={state}>
          {workerId}
        </span>
      )}
      <span data-testid={`link-${workerId}`} data-health={health}>
        {t('map.link', { name: workerId, health: t(`health.${health}`) })}
      </span>
      {agents === ''
        ? null
        : agents.split(' ').map((agent) => {
            const agentId = agent.slice(1)
            return (
              <span key={agentId}>
                <span data-testid={`link-${agentId}`} data-health={health}>
                  {agentId}
                </span>
                {agent.startsWith('-') ? <span data-testid={`node-${agentId}`}>{agentId}</span> : null}
              </span>
            )
          })}
    </li>
  )
})
