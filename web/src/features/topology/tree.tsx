import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, memo, useEffect, useMemo, useRef, useState } from 'react'
import { useSelector } from 'react-redux'
import { live } from '../../live/live.js'
import type { WallState } from '../../live/store.js'
import { useFormat } from '../../ui/format.js'
import { useObservable } from '../../ui/observable.js'
import { useRemPx } from '../../ui/rem.js'
import { StateMark, stateColor } from '../../ui/state-mark.js'
import { useTranslation } from '../../ui/translation.js'
import { useAgeMs, useLinkHealth } from './link-health.js'
import { masterState, selectNodeState } from './node-state.js'
import type { PlannedMaster } from './plan.js'
import type { Sight } from './sight.js'
import { type TreeKey, type TreeRow, treeRows, treeStep } from './tree-rows.js'

/** Height of a line: h-8. */
const rowRem = 2

/** The map as a tree with the same facts, for whoever reads rather than looks. Only the lines in view are in the DOM. */
export function MapTree({
  plan,
  sight,
  leaderId,
  selected,
  onSelect,
}: {
  plan: readonly PlannedMaster[]
  sight: Sight
  leaderId: string
  selected: string | null
  onSelect(nodeId: string): void
}) {
  const { t } = useTranslation()
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set())
  const [active, setActive] = useState(leaderId)
  const rows = useMemo(() => treeRows(plan, sight, { leaderId, open }), [plan, sight, leaderId, open])
  const index = Math.max(
    0,
    rows.findIndex(({ id }) => id === active),
  )
  const scroller = useRef<HTMLDivElement>(null)
  const rowPx = rowRem * useRemPx()
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    overscan: 8,
  })
  useFollowed(selected, setActive, setOpen)
  useEffect(() => virtualizer.scrollToIndex(index), [virtualizer, index])
  const onKeyDown = (event: KeyboardEvent) => {
    const row = rows[index]
    if (event.key === 'Enter' || event.key === ' ') {
      if (row !== undefined) onSelect(row.id)
    } else if (treeKeys.has(event.key)) {
      const step = treeStep(rows, index, event.key as TreeKey)
      if (step.kind === 'go') setActive(rows[step.index]?.id ?? leaderId)
      if (step.kind === 'open' || step.kind === 'close') setOpen(toggled(open, step.id, step.kind === 'open'))
    } else return
    event.preventDefault()
  }
  return (
    <div ref={scroller} className="live-area min-h-0 flex-1 overflow-y-auto">
      <div
        role="tree"
        aria-label={t('topo.tree')}
        aria-activedescendant={`tree-${rows[index]?.id ?? leaderId}`}
        tabIndex={0}
        onKeyDown={onKeyDown}
        className="relative"
        style={{ height: virtualizer.getTotalSize() }}
      >
        {virtualizer.getVirtualItems().map((item) => {
          const row = rows[item.index]
          return row === undefined ? null : (
            <TreeLine
              key={row.id}
              row={row}
              top={item.start}
              isActive={item.index === index}
              isSelected={row.id === selected}
              onPress={() => {
                setActive(row.id)
                onSelect(row.id)
              }}
              onToggle={() => setOpen(toggled(open, row.id, row.isOpen !== true))}
            />
          )
        })}
      </div>
    </div>
  )
}

const treeKeys: ReadonlySet<string> = new Set([
  'ArrowUp',
  'ArrowDown',
  'ArrowLeft',
  'ArrowRight',
  'Home',
  'End',
] satisfies TreeKey[])

function toggled(open: ReadonlySet<string>, id: string, isOpen: boolean): ReadonlySet<string> {
  const next = new Set(open)
  if (isOpen) next.add(id)
  else next.delete(id)
  return next
}

/** What is selected on the map is the line that the tree is at. */
function useFollowed(
  selected: string | null,
  setActive: (id: string) => void,
  setOpen: (change: (open: ReadonlySet<string>) => ReadonlySet<string>) => void,
): void {
  useEffect(() => {
    if (selected === null) return
    setActive(selected)
    const slash = selected.indexOf('/')
    if (slash > 0) setOpen((open) => toggled(open, selected.slice(0, slash), true))
  }, [selected, setActive, setOpen])
}

interface LineProps {
  readonly row: TreeRow
  readonly top: number
  readonly isActive: boolean
  readonly isSelected: boolean
  onPress(): void
  onToggle(): void
}

function TreeLine({ row, top, isActive, isSelected, onPress, onToggle }: LineProps) {
  const { id, level, position, of, isOpen } = row
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the tree has the focus and says which line it is at.
    // biome-ignore lint/a11y/useKeyWithClickEvents: keys are the tree's.
    <div
      id={`tree-${id}`}
      role="treeitem"
      aria-level={level}
      aria-posinset={position}
      aria-setsize={of}
      aria-selected={isSelected}
      {...(isOpen === null ? {} : { 'aria-expanded': isOpen })}
      onClick={onPress}
      className={`absolute left-0 flex h-8 w-full cursor-pointer items-center gap-2 border-b border-line pr-3 ${indents[level]} ${isSelected ? 'bg-chosen' : 'hover:bg-raised'} ${isActive ? 'tree-active' : ''}`}
      style={{ transform: `translateY(${top}px)` }}
    >
      <span
        aria-hidden="true"
        className="inline-flex size-6 shrink-0 items-center justify-center text-quiet"
        onClick={(event) => {
          if (row.kind !== 'master' || isOpen === null) return
          event.stopPropagation()
          onToggle()
        }}
      >
        {isOpen === null ? '' : isOpen ? '▾' : '▸'}
      </span>
      <RowFacts row={row} />
    </div>
  )
}

const indents = { 1: 'pl-1', 2: 'pl-3', 3: 'pl-8' } as const

const RowFacts = memo(function RowFacts({ row }: { row: TreeRow }) {
  if (row.kind === 'leader') return <LeaderFacts id={row.id} />
  return row.kind === 'master' ? <MasterFacts id={row.id} isEdge={row.isEdge} /> : <AgentFacts id={row.id} />
})

function LeaderFacts({ id }: { id: string }) {
  const { t } = useTranslation()
  const isLive = useSelector((state: WallState) => state.connection.phase === 'live')
  const state = isLive ? 'ok' : 'nodata'
  return (
    <>
      <StateMark state={state} />
      <span className="min-w-0 flex-1 truncate font-medium">{id}</span>
      <span className={`shrink-0 text-xs ${stateColor[state]}`}>
        {t('map.leader')} · {t(`state.${state}`)}
      </span>
    </>
  )
}

function MasterFacts({ id, isEdge }: { id: string; isEdge: boolean }) {
  const { t } = useTranslation()
  const { duration } = useFormat()
  const worker = useSelector((state: WallState) => state.workers[id])
  const health = useLinkHealth(id)
  const ageMs = useAgeMs(id)
  const rttMs = useObservable(live.samples.of(id)).at(-1)?.rttMs ?? worker?.rttMs ?? null
  if (worker === undefined) return <span className="truncate text-quiet">{id}</span>
  const state = masterState(worker, health)
  const facts = [
    t(`worker.${worker.status}`),
    isEdge ? t('topo.edge') : null,
    t('topo.link', { health: t(`health.${health}`) }),
    ageMs !== null
      ? t('ago', { duration: duration(ageMs) })
      : rttMs === null
        ? null
        : t('ms', { count: Math.round(rttMs * 10) / 10 }),
    t('map.agents', { busy: worker.busyAgents, max: worker.maxAgents }),
  ].filter((fact) => fact !== null)
  return (
    <>
      <StateMark state={state} />
      <span className="min-w-16 flex-1 truncate">{id}</span>
      <span className={`live-value min-w-0 truncate text-xs ${stateColor[state]}`}>{facts.join(' · ')}</span>
    </>
  )
}

function AgentFacts({ id }: { id: string }) {
  const { t } = useTranslation()
  const state = useSelector((wall: WallState) => selectNodeState(wall, id))
  const task = useSelector(({ workers }: WallState) => {
    const agents = workers[id.slice(0, id.indexOf('/'))]?.agents
    return agents?.find(({ agentId }) => agentId === id)?.currentTask ?? null
  })
  return (
    <>
      <StateMark state={state} />
      <span className="min-w-16 flex-1 truncate">{id}</span>
      <span className={`live-value min-w-0 truncate text-xs ${stateColor[state]}`}>
        {t(`state.${state}`)} · {task ?? t('map.noTask')}
      </span>
    </>
  )
}
