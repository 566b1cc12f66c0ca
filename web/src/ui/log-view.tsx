import { useVirtualizer } from '@tanstack/react-virtual'
import { memo, type ReactNode, useLayoutEffect, useMemo, useRef, useSyncExternalStore } from 'react'
import { textRuns } from './ansi.js'
import { Button } from './button.js'
import { clock } from './format.js'
import { Notice } from './panel.js'
import { StateMark } from './state-mark.js'
import { type Translate, useTranslation } from './translation.js'

/** A line as the view needs it; a gap has no text. */
export interface LogLine {
  readonly taskId: string
  readonly n: number
  readonly at: number
  readonly nodeId: string
  readonly stream: 'out' | 'err'
  readonly level?: 'debug' | 'info' | 'warning' | 'error'
  readonly text?: string
  readonly gap?: { readonly from: number; readonly to: number; readonly reason: string }
}
export interface LogSource {
  subscribe(listener: () => void): () => void
  read(): {
    readonly lines: readonly LogLine[]
    readonly dropped: number
    readonly skipped: number
    readonly complete: boolean
    readonly known: boolean
  }
}

/**
 * A stream of lines that follows its end while the reader is there and stands still while he reads. Only the lines on
 * screen are in the DOM. Text is text: no line can become markup.
 */
export function LogView({
  source,
  label,
  empty,
  whoOf,
  onOlder,
  testId,
}: {
  source: LogSource
  label: string
  /** Shown once it is known that there are none. */
  empty: ReactNode
  /** What stands before a line: whose it is. */
  whoOf(line: LogLine): ReactNode
  /** Asks for older lines; absent when there is no paging. */
  onOlder?: (() => void) | undefined
  testId?: string
}) {
  const { t } = useTranslation()
  const shown = useSyncExternalStore(source.subscribe, source.read)
  const { lines } = shown
  const scroller = useRef<HTMLDivElement>(null)
  const virtualizer = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 24,
    getItemKey: (index) => keyOf(lines[index], index),
    anchorTo: 'end',
    followOnAppend: true,
    scrollEndThreshold: 24,
    overscan: 8,
  })
  const hasLines = lines.length > 0
  useLayoutEffect(() => {
    if (hasLines) virtualizer.scrollToEnd()
  }, [hasLines, virtualizer])
  if (!hasLines)
    return <div className="min-h-0 flex-1">{shown.known ? empty : <Notice title={t('loading')} />}</div>
  const away = !virtualizer.isAtEnd(24)
  return (
    <div className="live-area relative min-h-0 flex-1">
      <div
        ref={scroller}
        role="log"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: without a stop of its own no key could scroll it.
        tabIndex={0}
        aria-label={label}
        aria-live="off"
        data-testid={testId}
        className="h-full overflow-y-auto overscroll-contain font-mono text-xs"
      >
        <Head shown={shown} onOlder={onOlder} />
        <div className="relative mb-1 w-full" style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map((item) => {
            const line = lines[item.index]
            return line === undefined ? null : (
              <div
                key={item.key}
                ref={virtualizer.measureElement}
                data-index={item.index}
                className="absolute top-0 left-0 w-full"
                style={{ transform: `translateY(${item.start}px)` }}
              >
                <Row line={line} who={whoOf(line)} />
              </div>
            )
          })}
        </div>
      </div>
      {away ? (
        <Button icon="down" className="absolute right-4 bottom-2" onClick={() => virtualizer.scrollToEnd()}>
          {t('log.latest')}
        </Button>
      ) : null}
    </div>
  )
}

function Head({
  shown,
  onOlder,
}: {
  shown: ReturnType<LogSource['read']>
  onOlder?: (() => void) | undefined
}) {
  const { t } = useTranslation()
  const lost = shown.skipped
  return (
    <div className="flex flex-wrap items-center gap-3 px-3 py-1 text-quiet">
      {shown.complete ? <span>{t('log.start')}</span> : null}
      {!shown.complete && shown.dropped === 0 && onOlder !== undefined ? (
        <button
          type="button"
          className="min-h-6 underline underline-offset-2 hover:text-ink"
          onClick={onOlder}
        >
          {t('log.older')}
        </button>
      ) : null}
      {shown.dropped > 0 ? <span>{t('log.dropped', { count: shown.dropped })}</span> : null}
      {lost > 0 ? <span className="text-waiting">{t('log.skipped', { count: lost })}</span> : null}
    </div>
  )
}

const levelMark = { debug: null, info: null, warning: 'waiting', error: 'failed' } as const

const Row = memo(function Row({ line, who }: { line: LogLine; who: ReactNode }) {
  const { t } = useTranslation()
  const runs = useMemo(() => textRuns(line.text ?? ''), [line.text])
  if (line.gap !== undefined) {
    const count = Math.max(1, line.gap.to - line.gap.from)
    return (
      <div className="hatched px-3 py-0.5 text-quiet">
        {t('log.gap', { count, reason: reasonText(t, line.gap.reason) })}
      </div>
    )
  }
  const mark = levelMark[line.level ?? 'info']
  return (
    <div className="flex gap-2 px-3 py-[3px] leading-[1.125rem] hover:bg-raised">
      <time className="shrink-0 text-quiet" dateTime={new Date(line.at).toISOString()}>
        {clock(line.at)}
      </time>
      <span className="shrink-0">{who}</span>
      <span
        className="flex w-3 shrink-0 items-center justify-center"
        title={t(`level.${line.level ?? 'info'}`)}
      >
        {mark === null ? null : (
          <>
            <StateMark state={mark} className="size-2.5" />
            <span className="sr-only">{t(`level.${line.level ?? 'info'}`)}</span>
          </>
        )}
      </span>
      <span
        className={`min-w-0 flex-1 break-words whitespace-pre-wrap [overflow-wrap:anywhere] ${line.level === 'debug' ? 'text-quiet' : ''}`}
      >
        {runs.map((run, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the runs of a line never move.
          <span key={index} className={run.className}>
            {run.text}
          </span>
        ))}
      </span>
    </div>
  )
})

function reasonText(t: Translate, reason: string): string {
  return reason === 'not_received' ? t('log.gapNotReceived') : reason
}

function keyOf(line: LogLine | undefined, index: number): string | number {
  return line === undefined ? index : `${line.taskId}/${line.n}`
}
