import { useSelector } from 'react-redux'
import { selectVerdict } from '../../live/selectors.js'
import type { WallState } from '../../live/store.js'
import type { Concern, Verdict as Facts } from '../../live/verdict.js'
import { useNow } from '../../ui/clock.js'
import { useFormat } from '../../ui/format.js'
import { StateMark, stateColor } from '../../ui/state-mark.js'
import { type Translate, useTranslation } from '../../ui/translation.js'

/** One sentence that answers "is the fleet fine, and what needs a human?". */
export function Verdict({ className = '' }: { className?: string }) {
  const { t } = useTranslation()
  const { duration } = useFormat()
  const nowMs = useNow()
  const facts = useSelector((state: WallState) => selectVerdict(state, nowMs))
  const text = sentence(facts, t, (sinceMs) => duration(nowMs - sinceMs))
  return (
    <p
      data-testid="verdict"
      data-state={facts.state}
      title={text}
      className={`flex min-w-0 items-center gap-[0.5em] ${className}`}
    >
      <StateMark state={facts.state} className="size-[0.75em]" />
      <span
        data-level="1"
        className={`min-w-0 truncate ${facts.state === 'ok' || facts.state === 'busy' ? 'text-ink' : stateColor[facts.state]}`}
      >
        {text}
      </span>
    </p>
  )
}

/** `since`: how long ago, in words. */
export function sentence(facts: Facts, t: Translate, since: (sinceMs: number) => string): string {
  const { trust, concerns } = facts
  if (trust.kind === 'unknown') return t('verdict.notLive')
  if (trust.kind === 'old') return t('verdict.old', { duration: since(trust.sinceMs) })
  if (facts.workers === 0) return t('verdict.noMasters')
  if (concerns.length > 0) return concerns.map((concern) => words(concern, t)).join(' · ')
  if (facts.running > 0) return t('verdict.busy')
  return t(facts.pending > 0 ? 'verdict.waiting' : 'verdict.ok')
}

function words(concern: Concern, t: Translate): string {
  if (!('ids' in concern)) return t(`verdict.${concern.kind}`, { count: concern.count })
  const { kind, ids } = concern
  return t(`verdict.${kind}`, { count: ids.length, name: ids[0] ?? '' })
}

/** The counts beside the sentence. */
export function Tally({ className = '' }: { className?: string }) {
  const { t } = useTranslation()
  const nowMs = useNow()
  const facts = useSelector((state: WallState) => selectVerdict(state, nowMs))
  return (
    <p className={`flex flex-wrap gap-x-[1em] whitespace-nowrap text-quiet ${className}`}>
      <span className="live-value">{t('tally.masters', { live: facts.live, all: facts.workers })}</span>
      <span className="live-value">{t('tally.running', { count: facts.running })}</span>
      <span className="live-value">{t('tally.pending', { count: facts.pending })}</span>
      <span className={`live-value ${facts.failed > 0 ? 'text-failed' : ''}`}>
        {t('tally.failed', { count: facts.failed })}
      </span>
    </p>
  )
}
