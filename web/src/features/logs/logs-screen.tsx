import { useRef, useState } from 'react'
import { useSelector } from 'react-redux'
import { live } from '../../live/live.js'
import { everyLine, type LineQuery } from '../../live/protocol.js'
import type { WallState } from '../../live/store.js'
import { Button } from '../../ui/button.js'
import { useKeys } from '../../ui/keys.js'
import { useRowKeys } from '../../ui/row-keys.js'
import { useTranslation } from '../../ui/translation.js'
import { goTo, hrefWith, usePlace } from '../../ui/url.js'
import { ExportDialog } from './export-dialog.js'
import { isLevel, LogFilters } from './log-filters.js'
import { LogStream } from './log-stream.js'
import { LogTime } from './log-time.js'
import { usePause } from './use-pause.js'

const streamKey = 'log-screen'

/** The rolling log; its filter is in the address, so that a view can be shared. */
export function LogsScreen() {
  const { t } = useTranslation()
  const { query, set } = useQuery()
  const area = useRef<HTMLDivElement>(null)
  const { filter } = useRowKeys(area)
  const pause = usePause(live.lines.of(streamKey))
  const [exporting, setExporting] = useState(false)
  const waits = pause.isPaused && pause.waiting > 0
  useKeys([
    {
      keys: ' ',
      label: t('logs.pause'),
      group: t('screen.logs'),
      run: () => pause.toggle() as undefined,
    },
    {
      keys: 'e',
      label: t('logs.export'),
      group: t('screen.logs'),
      run: () => setExporting(true) as undefined,
    },
  ])
  return (
    <div ref={area} className="flex min-h-0 flex-1 flex-col">
      <div className="flex shrink-0 flex-wrap items-center gap-2 border-b border-line px-3 py-1.5">
        <LogFilters query={query} onQuery={set} inputRef={filter} />
        <LogTime query={query} onQuery={set} />
        {query.taskId === null ? null : (
          <OnlyTask id={query.taskId} onAll={() => set({ ...query, taskId: null })} />
        )}
        <span className="ml-auto flex items-center gap-2 wall:hidden">
          {waits ? <span className="text-quiet">{t('logs.waiting', { count: pause.waiting })}</span> : null}
          <Button
            icon={pause.isPaused ? 'resume' : 'pause'}
            aria-pressed={pause.isPaused}
            onClick={pause.toggle}
          >
            {t(pause.isPaused ? 'logs.follow' : 'logs.pause')}
          </Button>
          <Button icon="down" onClick={() => setExporting(true)}>
            {t('logs.export')}
          </Button>
        </span>
      </div>
      <LogStream
        streamKey={streamKey}
        query={query}
        source={pause.shown}
        emptyAction={<Button onClick={() => set(everyLine)}>{t('clearFilter')}</Button>}
      />
      {exporting ? <ExportDialog query={query} onClose={() => setExporting(false)} /> : null}
    </div>
  )
}

/** The filter as the address says it. */
function useQuery(): { readonly query: LineQuery; readonly set: (query: LineQuery) => void } {
  const place = usePlace()
  const level = place.params.get('level')
  const query: LineQuery = {
    nodeId: place.params.get('worker'),
    taskId: place.params.get('task'),
    level: isLevel(level) ? level : null,
    text: place.params.get('q') ?? '',
    sinceMs: msIn(place.params.get('since')),
    untilMs: msIn(place.params.get('until')),
  }
  const set = (next: LineQuery) =>
    goTo(
      hrefWith(place, {
        worker: next.nodeId,
        task: next.taskId,
        level: next.level,
        q: next.text,
        since: next.sinceMs?.toString() ?? null,
        until: next.untilMs?.toString() ?? null,
      }),
      { replace: true },
    )
  return { query, set }
}

const msIn = (value: string | null): number | null =>
  value !== null && /^\d{1,15}$/.test(value) ? Number(value) : null

function OnlyTask({ id, onAll }: { id: string; onAll(): void }) {
  const { t } = useTranslation()
  const name = useSelector((state: WallState) => state.tasks[id]?.name)
  return (
    <Button icon="close" onClick={onAll} className="max-w-64 truncate">
      {t('log.onlyTask', { id: name ?? id })}
    </Button>
  )
}
