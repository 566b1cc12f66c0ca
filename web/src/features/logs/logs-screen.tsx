import { useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { LineQuery } from '../../live/protocol.js'
import { Button } from '../../ui/button.js'
import { useRowKeys } from '../../ui/row-keys.js'
import { goTo, hrefWith, usePlace } from '../../ui/url.js'
import { everyLine, isLevel, LogFilters } from './log-filters.js'
import { LogStream } from './log-stream.js'

/** The rolling log; its filter is in the address, so that a view can be shared. */
export function LogsScreen() {
  const { t } = useTranslation()
  const place = usePlace()
  const level = place.params.get('level')
  const query: LineQuery = {
    nodeId: place.params.get('worker'),
    taskId: place.params.get('task'),
    level: isLevel(level) ? level : null,
    text: place.params.get('q') ?? '',
  }
  const set = (next: LineQuery) =>
    goTo(hrefWith(place, { worker: next.nodeId, task: next.taskId, level: next.level, q: next.text }), {
      replace: true,
    })
  const area = useRef<HTMLDivElement>(null)
  const { filter } = useRowKeys(area)
  return (
    <div ref={area} className="flex min-h-0 flex-1 flex-col">
      <div className="flex shrink-0 flex-wrap items-center gap-2 border-b border-line px-3 py-1.5">
        <LogFilters query={query} onQuery={set} inputRef={filter} />
        {query.taskId === null ? null : (
          <Button icon="close" onClick={() => set({ ...query, taskId: null })}>
            {t('log.onlyTask', { id: query.taskId })}
          </Button>
        )}
      </div>
      <LogStream
        streamKey="log-screen"
        query={query}
        emptyAction={<Button onClick={() => set(everyLine)}>{t('clearFilter')}</Button>}
      />
    </div>
  )
}
