import { useMemo, useRef } from 'react'
import { useSelector } from 'react-redux'
import { useKeys } from '../../ui/keys.js'
import { useTranslation } from '../../ui/translation.js'
import { goTo, hrefWith, usePlace } from '../../ui/url.js'
import { Finder } from './finder.js'
import { Legend } from './legend.js'
import { TopologyMap } from './map.js'
import { selecting, viewOf } from './map-view.js'
import { NodePanel, type PanelParts } from './node-panel.js'
import { selectPlan } from './plan.js'
import { MapTree } from './tree.js'
import { useSight } from './use-sight.js'

/** The map with its tools: find, hide and group above, the tree at its left, the selected node at its right. */
export function TopologyWorkbench({
  leaderId,
  zoomMax,
  parts,
}: {
  leaderId: string
  zoomMax: number
  parts: PanelParts
}) {
  const { t } = useTranslation()
  const place = usePlace()
  const { params } = place
  const view = useMemo(() => viewOf(params), [params])
  const plan = useSelector(selectPlan)
  const sight = useSight(plan, view)
  const input = useRef<HTMLInputElement>(null)
  const isTreeOpen = params.get('list') === '1'
  const isWall = params.get('wall') === '1'
  const change = (next: Readonly<Record<string, string | null>>) =>
    goTo(hrefWith(place, next), { replace: true })
  const select = (nodeId: string | null) => change(selecting(nodeId))
  const step = (by: 1 | -1) => {
    const { found } = sight
    if (found === null || found.length === 0) return
    const at = view.selected === null ? -1 : found.indexOf(view.selected)
    select(found[(at + by + found.length) % found.length] ?? null)
  }
  const group = t('keys.map')
  useKeys([
    {
      keys: '/',
      label: t('topo.find'),
      group,
      run: () => {
        input.current?.focus()
        input.current?.select()
        return input.current !== null
      },
    },
    {
      keys: 'Escape',
      label: t('keys.closeDetail'),
      group,
      run: () => {
        if (view.selected === null) return false
        select(null)
        return true
      },
    },
  ])
  return (
    <div className="flex min-h-0 min-w-0 flex-1 flex-col">
      {isWall ? null : (
        <Finder {...{ plan, view, sight, input, isTreeOpen }} onChange={change} onStep={step} />
      )}
      <div className="flex min-h-0 flex-1 flex-col lg:flex-row">
        {isWall ? null : (
          <div className={isTreeOpen ? openTree : quietTree}>
            <MapTree {...{ plan, sight, leaderId }} selected={view.selected} onSelect={select} />
          </div>
        )}
        <div className="relative min-h-64 min-w-0 flex-1">
          <TopologyMap leaderId={leaderId} zoomMax={zoomMax} view={view} onChoose={select} />
          <Legend />
        </div>
        {view.selected === null || isWall ? null : (
          <NodePanel nodeId={view.selected} leaderId={leaderId} parts={parts} onClose={() => select(null)} />
        )}
      </div>
    </div>
  )
}

const openTree = 'flex h-56 min-h-0 shrink-0 flex-col border-line lg:h-auto lg:w-[26rem] lg:border-r'
/** Not on screen, but there for whoever reads with ears; it shows itself while it has the focus. */
const quietTree =
  'sr-only focus-within:not-sr-only focus-within:flex focus-within:min-h-0 focus-within:shrink-0 focus-within:flex-col focus-within:border-r focus-within:border-line lg:focus-within:w-[26rem]'
