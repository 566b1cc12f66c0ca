import { type ReactNode, useEffect } from 'react'
import { useSelector } from 'react-redux'
import { live } from '../../live/live.js'
import type { LineQuery } from '../../live/protocol.js'
import type { Observable, ShownLines } from '../../live/rings.js'
import type { WallState } from '../../live/store.js'
import { Link } from '../../ui/link.js'
import { type LogLine, LogView } from '../../ui/log-view.js'
import { Notice } from '../../ui/panel.js'
import { useTranslation } from '../../ui/translation.js'

/** The rolling log over all tasks that match. `source`: what is shown of it; else the stream itself. */
export function LogStream({
  query,
  streamKey,
  source,
  withWho = true,
  emptyAction,
}: {
  query: LineQuery
  streamKey: string
  source?: Observable<ShownLines>
  /** False where it is plain whose lines they are. */
  withWho?: boolean
  emptyAction?: ReactNode
}) {
  const { t } = useTranslation()
  const { nodeId, taskId, level, text, sinceMs, untilMs } = query
  useEffect(() => {
    live.watchLines(streamKey, { nodeId, taskId, level, text, sinceMs, untilMs })
  }, [streamKey, nodeId, taskId, level, text, sinceMs, untilMs])
  useEffect(() => () => live.unwatchLines(streamKey), [streamKey])
  const filtered = Object.values(query).some((value) => value !== null && value !== '')
  return (
    <LogView
      source={source ?? live.lines.of(streamKey)}
      label={t('log.name')}
      testId="log"
      whoOf={(line) => (withWho ? <Who line={line} /> : null)}
      onOlder={() => live.olderLines(streamKey)}
      empty={
        <Notice
          title={filtered ? t('empty.linesFiltered') : t('empty.lines')}
          action={filtered ? emptyAction : null}
        />
      }
    />
  )
}

/** Whose line it is: master and task, the task by its name where it is on screen. */
function Who({ line }: { line: LogLine }) {
  const name = useSelector((state: WallState) => state.tasks[line.taskId]?.name)
  return (
    <span className="flex gap-2">
      <span className="w-20 truncate text-quiet" title={line.nodeId}>
        {line.nodeId}
      </span>
      <Link
        screen="tasks"
        params={{ task: line.taskId }}
        className="w-28 truncate hover:underline"
        title={name ?? line.taskId}
      >
        {name ?? line.taskId}
      </Link>
    </span>
  )
}
