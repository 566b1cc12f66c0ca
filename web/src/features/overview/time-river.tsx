import type { MouseEvent } from 'react'
import { useSelector } from 'react-redux'
import type { WallState } from '../../live/store.js'
import { useNow } from '../../ui/clock.js'
import { clock } from '../../ui/format.js'
import { useTranslation } from '../../ui/translation.js'
import { currentPlace, goTo, hrefWith, usePlace } from '../../ui/url.js'
import { drawRiver, instantAt, type RiverDrawing } from './river-drawing.js'

const lookAt = (atMs: number) => goTo(hrefWith(currentPlace(), { at: String(atMs) }))

/** What ended in the last hour by minute, failures as diamonds; pressing it looks at that time. */
export function TimeRiver() {
  const { t } = useTranslation()
  const nowMs = useNow()
  const river = useSelector((state: WallState) => state.summary.river)
  const isLive = useSelector((state: WallState) => state.connection.phase === 'live')
  const at = Number(usePlace().params.get('at'))
  const drawing = drawRiver(river, nowMs)
  const cursor = at > 0 ? (at - drawing.fromMs) / (drawing.untilMs - drawing.fromMs) : null
  const press = (event: MouseEvent<HTMLButtonElement>) => {
    // Pressed with a key there is no place: the last failure is what one would look for.
    const last = drawing.failures.at(-1)?.atMs ?? drawing.fromMs
    const { left, width } = event.currentTarget.getBoundingClientRect()
    lookAt(event.detail === 0 ? last : instantAt(drawing, (event.clientX - left) / width, nowMs))
  }
  return (
    <section
      aria-label={t('river.name')}
      data-testid="wall-river"
      className="flex min-h-0 items-stretch gap-4 px-3 py-1"
    >
      <h2 className="flex w-24 shrink-0 flex-col justify-center text-sm font-semibold">
        {t('river.title')}
        <span className={cursor === null ? 'font-normal text-quiet' : 'text-waiting'}>
          {cursor !== null ? t('river.replay') : isLive ? t('river.live') : t('river.notLive')}
        </span>
      </h2>
      <button
        type="button"
        aria-label={t('river.look', { done: drawing.done, failed: drawing.failed })}
        onClick={press}
        className="live-area relative min-w-0 flex-1"
      >
        <Drawing drawing={drawing} cursor={cursor} />
      </button>
      <p className="flex w-36 shrink-0 flex-col justify-center text-right text-md">
        <span className="live-value">{t('river.done', { count: drawing.done })}</span>
        <span className={`live-value ${drawing.failed > 0 ? 'text-failed' : 'text-quiet'}`}>
          {t('tally.failed', { count: drawing.failed })}
        </span>
      </p>
    </section>
  )
}

function Drawing({ drawing, cursor }: { drawing: RiverDrawing; cursor: number | null }) {
  const { t } = useTranslation()
  const share = (part: number) => `${part * 100}%`
  const quarters = [0, 0.25, 0.5, 0.75]
  const atOf = (part: number) => drawing.fromMs + part * (drawing.untilMs - drawing.fromMs)
  return (
    <>
      {drawing.unknown > 0 ? (
        <span
          title={t('river.unknown')}
          className="hatched absolute top-0 bottom-5 left-0"
          style={{ width: share(drawing.unknown) }}
        />
      ) : null}
      <span className="absolute inset-x-0 top-0 bottom-5 border-b border-strong">
        {drawing.bars.map((bar) => (
          <span
            key={bar.atMs}
            className="meter-fill absolute bottom-0 bg-mark-ok"
            style={{
              left: share(bar.x),
              width: share(bar.width * 0.8),
              // The top is left to the diamonds.
              height: share(bar.height * 0.6),
            }}
          />
        ))}
        {drawing.failures.map((failure) => (
          <span
            key={failure.atMs}
            data-testid="river-failure"
            className="absolute top-0 flex -translate-x-1/2 items-center gap-0.5 text-xs text-failed"
            style={{ left: share(failure.x) }}
          >
            <svg viewBox="0 0 12 12" aria-hidden="true" className="size-3 text-mark-failed">
              <path className="mark-solid" d="M6 .75 11.25 6 6 11.25.75 6Z" fill="currentColor" />
            </svg>
            {failure.count > 1 ? <span className="live-value">{failure.count}</span> : null}
          </span>
        ))}
        <span
          className={`absolute inset-y-0 w-0.5 ${cursor === null ? 'bg-busy' : 'bg-waiting'}`}
          style={cursor === null ? { right: 0 } : { left: share(Math.min(1, Math.max(0, cursor))) }}
        />
      </span>
      {quarters.map((part) => (
        <time key={part} className="absolute bottom-0 text-xs text-quiet" style={{ left: share(part) }}>
          {clock(atOf(part)).slice(0, 5)}
        </time>
      ))}
    </>
  )
}
