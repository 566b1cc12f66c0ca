import type { useTranslation } from 'react-i18next'
import { useTranslation as useWords } from 'react-i18next'
import { useSelector } from 'react-redux'
import type { Verdict as Facts } from '../../live/health.js'
import { selectVerdict } from '../../live/selectors.js'
import type { WallState } from '../../live/store.js'
import { StateMark, stateColor } from '../../ui/state-mark.js'

type Translate = ReturnType<typeof useTranslation>['t']

/** One sentence that answers "is the fleet fine?". */
export function Verdict({ className = '' }: { className?: string }) {
  const { t } = useWords()
  const facts = useSelector(selectVerdict)
  const isLive = useSelector((state: WallState) => state.connection.phase === 'live')
  return (
    <p
      data-testid="verdict"
      data-state={facts.state}
      className={`flex min-w-0 items-center gap-[0.5em] ${className}`}
    >
      <StateMark state={facts.state} className="size-[0.75em]" />
      <span
        className={`min-w-0 truncate ${facts.state === 'ok' || facts.state === 'busy' ? 'text-ink' : stateColor[facts.state]}`}
      >
        {sentence(facts, isLive, t)}
      </span>
    </p>
  )
}

export function sentence(facts: Facts, isLive: boolean, t: Translate): string {
  if (!isLive) return t('verdict.notLive')
  if (facts.workers === 0) return t('verdict.noMasters')
  const named = (ids: readonly string[], one: 'down' | 'deaf' | 'silent' | 'quarantined') =>
    ids.length === 0 ? [] : [t(`verdict.${one}`, { count: ids.length, name: ids[0] })]
  const parts = [
    ...(facts.attention > 0 ? [t('verdict.attention', { count: facts.attention })] : []),
    ...named(facts.down, 'down'),
    ...named(facts.deaf, 'deaf'),
    ...named(facts.silent, 'silent'),
    ...named(facts.quarantined, 'quarantined'),
  ]
  return parts.length > 0 ? parts.join(' · ') : t(facts.running > 0 ? 'verdict.busy' : 'verdict.ok')
}

/** The counts beside the sentence. */
export function Tally({ className = '' }: { className?: string }) {
  const { t } = useWords()
  const facts = useSelector(selectVerdict)
  return (
    <p className={`live-value flex flex-wrap gap-x-[1em] whitespace-nowrap text-quiet ${className}`}>
      <span>{t('tally.masters', { live: facts.live, all: facts.workers })}</span>
      <span>{t('tally.running', { count: facts.running })}</span>
      <span>{t('tally.pending', { count: facts.pending })}</span>
      <span className={facts.failed > 0 ? 'text-failed' : ''}>
        {t('tally.failed', { count: facts.failed })}
      </span>
    </p>
  )
}
