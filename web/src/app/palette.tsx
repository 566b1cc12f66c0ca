import { Dialog as Base } from '@base-ui/react/dialog'
import { Command } from 'cmdk'
import { useEffect, useState } from 'react'
import { useSelector } from 'react-redux'
import { selectAlertViews } from '../live/alert-selectors.js'
import { live } from '../live/live.js'
import type { Alert } from '../live/protocol.js'
import { selectActsNow, selectListIds, selectWorkers } from '../live/selectors.js'
import type { WallState } from '../live/store.js'
import { anyTask } from '../live/task-query.js'
import { useBothWords } from '../ui/both-words.js'
import { KeyCaps } from '../ui/key-caps.js'
import { actsOf, useAllKeys } from '../ui/keys.js'
import { useRefusal } from '../ui/refusal.js'
import { StateMark } from '../ui/state-mark.js'
import { useTranslation } from '../ui/translation.js'
import { currentPlace, goTo, hrefTo } from '../ui/url.js'
import { notices } from './notices.js'
import { type Entry, entriesOf, type HoldAct, type PaletteFacts, searchOf } from './palette-entries.js'

const groups = ['task', 'acts', 'masters', 'templates', 'found'] as const

/** Every act of the page by its name, and everything that can be opened. `taskId`: the open or chosen task. */
export function Palette({ taskId, onClose }: { taskId: string | null; onClose(): void }) {
  const { t } = useTranslation()
  const [query, setQuery] = useState('')
  const entries = entriesOf(useFacts(taskId, query), query)
  return (
    <Base.Root open onOpenChange={(next) => (next ? undefined : onClose())}>
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-40 bg-ground/70" />
        <Base.Popup
          aria-label={t('palette.name')}
          data-testid="palette"
          className="fixed top-[12vh] left-1/2 z-50 w-[min(40rem,94vw)] -translate-x-1/2 overflow-hidden rounded-lg border border-strong bg-panel"
        >
          <Command label={t('palette.name')} shouldFilter={false} vimBindings={false} loop>
            <Command.Input
              autoFocus
              value={query}
              onValueChange={setQuery}
              placeholder={t('palette.placeholder')}
              className="h-12 w-full border-b border-line bg-panel px-4 text-md text-ink outline-none"
            />
            {entries.length === 0 ? (
              <p role="status" className="p-4 text-center text-quiet">
                {t('palette.nothing')}
              </p>
            ) : null}
            <Command.List
              label={t('palette.name')}
              className={entries.length === 0 ? 'hidden' : 'max-h-[60vh] overflow-y-auto p-1.5'}
            >
              {groups.map((group) => (
                <Group
                  key={group}
                  heading={t(`palette.group.${group}`)}
                  entries={entries.filter((entry) => entry.group === group)}
                  onRun={(entry) => {
                    onClose()
                    // The dialog gives the focus back first, so that an act can take it.
                    requestAnimationFrame(() => entry.run())
                  }}
                />
              ))}
            </Command.List>
          </Command>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  )
}

function Group({
  heading,
  entries,
  onRun,
}: {
  heading: string
  entries: readonly Entry[]
  onRun(entry: Entry): void
}) {
  if (entries.length === 0) return null
  return (
    <Command.Group
      heading={heading}
      className="[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:py-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-quiet"
    >
      {entries.map((entry) => (
        <Command.Item
          key={entry.id}
          value={entry.id}
          onSelect={() => onRun(entry)}
          className="flex min-h-8 cursor-pointer items-center gap-2 rounded-md px-2.5 data-[selected=true]:bg-chosen"
        >
          {entry.mark === undefined ? null : <StateMark state={entry.mark} className="size-2.5" />}
          <span className="min-w-0 truncate">{entry.label}</span>
          {entry.hint === undefined ? null : (
            <span className="shrink-0 text-xs text-quiet">{entry.hint}</span>
          )}
          {entry.keys === undefined ? null : (
            <span className="ml-auto shrink-0">
              <KeyCaps keys={entry.keys} />
            </span>
          )}
        </Command.Item>
      ))}
    </Command.Group>
  )
}

const listKey = 'palette'

function useFacts(taskId: string | null, query: string): PaletteFacts {
  const words = useBothWords()
  const search = searchOf(query, words)
  useEffect(() => {
    if (search !== '') live.watchTasks(listKey, { ...anyTask, text: search, order: 'attention', limit: 10 })
  }, [search])
  useEffect(() => () => live.unwatchTasks(listKey), [])
  const known = useSelector((state: WallState) => state.tasks)
  const foundIds = useSelector((state: WallState) => selectListIds(state, listKey))
  const isAnswered = useSelector((state: WallState) => state.lists[listKey]?.query.text === search)
  const templates = useSelector((state: WallState) => state.templates)
  const { raised, acked } = useSelector(selectAlertViews)
  return {
    acts: actsOf(useAllKeys()),
    task: taskId === null ? null : (known[taskId] ?? null),
    tasks: isAnswered ? foundIds.flatMap((id) => known[id] ?? []) : [],
    workers: useSelector(selectWorkers),
    alerts: [...raised, ...acked].map(({ root }) => root),
    templates: Object.values(templates ?? {}),
    mayAct: useSelector(selectActsNow),
    words,
    nameOf: (alert: Alert) =>
      known[alert.taskId ?? '']?.name ?? alert.taskId ?? alert.nodeId ?? alert.alertId,
    command: (id, action) => void live.command(id, action),
    hold: useHold(),
    runTemplate: (templateId) =>
      goTo(hrefTo(currentPlace(), 'queue', { view: 'templates', run: templateId })),
    open: (screen, params) => goTo(hrefTo(currentPlace(), screen, params)),
  }
}

/** Holds a master or lets it go; the tray says what came of it. */
function useHold(): (workerId: string, act: HoldAct) => void {
  const { t } = useTranslation()
  const refusalOf = useRefusal()
  return (workerId, act) => {
    const words = { act: t(`hold.${act}`), name: workerId }
    live.rest.post(`/api/workers/${encodeURIComponent(workerId)}/${act}`, {}).then(
      () => notices.say(t('hold.asked', words), 'ok'),
      (cause: unknown) => notices.say(t('tray.refused', { ...words, message: refusalOf(cause) }), 'failed'),
    )
  }
}
