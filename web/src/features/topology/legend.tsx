import type { LinkHealth } from '../../live/health.js'
import { StateMark } from '../../ui/state-mark.js'
import { useTranslation } from '../../ui/translation.js'
import { linkDashes } from './palette.js'

const strokes: Readonly<Record<LinkHealth, string>> = {
  ok: 'stroke-mark-ok',
  slow: 'stroke-mark-waiting',
  stale: 'stroke-quiet [stroke-linecap:round]',
  down: 'stroke-mark-failed',
}
const healths: readonly LinkHealth[] = ['ok', 'slow', 'stale', 'down']
const states = ['ok', 'busy', 'waiting', 'failed', 'nodata'] as const

/** What shapes and lines mean. */
export function Legend() {
  const { t } = useTranslation()
  return (
    <div className="pointer-events-none absolute bottom-2 left-2 flex max-w-[calc(100%-6rem)] rounded-md bg-ground px-2 py-1 flex-wrap items-center gap-x-4 gap-y-1 text-xs text-quiet wall:hidden">
      {states.map((state) => (
        <span key={state} className="flex items-center gap-1.5">
          <StateMark state={state} className="size-2.5" />
          {t(`state.${state}`)}
        </span>
      ))}
      <span className="ml-2">{t('map.legend')}</span>
      {healths.map((health) => (
        <span key={health} className="flex items-center gap-1.5">
          <svg viewBox="0 0 28 4" className="h-1 w-7" aria-hidden="true">
            <path
              d="M0 2H28"
              strokeWidth="2"
              strokeDasharray={linkDashes[health].join(' ')}
              fill="none"
              className={strokes[health]}
            />
          </svg>
          {t(`health.${health}`)}
        </span>
      ))}
    </div>
  )
}
