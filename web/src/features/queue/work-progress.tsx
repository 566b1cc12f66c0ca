import type { Work } from '../../live/protocol.js'
import { useTranslation } from '../../ui/translation.js'

/** How far a work item is: what it looked at, of all that it has to; a bar only while it goes on. */
export function WorkProgress({ work, label }: { work: Work; label: string }) {
  const { t } = useTranslation()
  const { seen, total } = work
  return (
    <span className="flex min-w-24 flex-col gap-1">
      {work.state === 'running' ? (
        <progress
          max={Math.max(1, total)}
          value={seen}
          aria-label={label}
          className="progress h-1.5 w-full"
        />
      ) : null}
      <span
        className={`live-value whitespace-nowrap ${work.state === 'running' ? 'text-xs text-quiet' : ''}`}
      >
        {t('work.seen', { seen: seen.toLocaleString('en'), total: total.toLocaleString('en') })}
      </span>
    </span>
  )
}
