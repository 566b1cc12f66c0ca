import { useState } from 'react'
import { everyLine } from '../../live/protocol.js'
import { Button } from '../../ui/button.js'
import { Panel } from '../../ui/panel.js'
import { useTranslation } from '../../ui/translation.js'
import { LogFilters } from './log-filters.js'
import { LogStream } from './log-stream.js'

/** The rolling log with its filters, for the overview. */
export function LogPanel() {
  const { t } = useTranslation()
  const [query, setQuery] = useState(everyLine)
  return (
    <Panel
      title={t('screen.logs')}
      className="h-full"
      tools={
        <span className="ml-auto flex flex-wrap items-center gap-2">
          <LogFilters query={query} onQuery={setQuery} />
        </span>
      }
    >
      <LogStream
        streamKey="log-panel"
        query={query}
        emptyAction={<Button onClick={() => setQuery(everyLine)}>{t('clearFilter')}</Button>}
      />
    </Panel>
  )
}
