import { useEffect } from 'react'
import { live } from '../../live/live.js'
import { everyLine } from '../../live/protocol.js'
import { textRuns } from '../../ui/ansi.js'
import { clock } from '../../ui/format.js'
import { useObservable } from '../../ui/observable.js'
import { StateMark } from '../../ui/state-mark.js'
import { useTranslation } from '../../ui/translation.js'

const key = 'log-strip'

/** The newest lines, as many as asked. For the big screen. */
export function LogStrip({ rows }: { rows: number }) {
  const { t } = useTranslation()
  useEffect(() => {
    live.watchLines(key, everyLine)
    return () => live.unwatchLines(key)
  }, [])
  const { lines, known } = useObservable(live.lines.of(key))
  const shown = lines.filter((line) => !('gap' in line)).slice(-rows)
  return (
    <div
      role="log"
      aria-label={t('log.name')}
      aria-live="off"
      data-testid="log"
      className="live-area flex h-full flex-col justify-end px-4 py-1 font-mono text-sm"
    >
      {shown.length === 0 ? (
        <p className="text-quiet">{known ? t('empty.lines') : t('empty.unknown')}</p>
      ) : null}
      {shown.map((line) => (
        <p key={`${line.taskId}/${line.n}`} className="flex min-w-0 items-center gap-3 whitespace-nowrap">
          <span className="shrink-0 text-quiet">{clock(line.at)}</span>
          <span className="shrink-0 text-quiet">{line.nodeId}</span>
          {'level' in line && (line.level === 'error' || line.level === 'warning') ? (
            <StateMark state={line.level === 'error' ? 'failed' : 'waiting'} className="size-2.5" />
          ) : null}
          <span className="min-w-0 truncate">
            {textRuns('text' in line ? line.text : '').map((run, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the runs of a line never move.
              <span key={index} className={run.className}>
                {run.text}
              </span>
            ))}
          </span>
        </p>
      ))}
    </div>
  )
}
