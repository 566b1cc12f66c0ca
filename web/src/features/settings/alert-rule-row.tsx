import { type FormEvent, useState } from 'react'
import type { AlertRules, ShownRule } from '../../../../src/contract/alert-rules.js'
import { useActsBlocked } from '../../ui/acts.js'
import { Button } from '../../ui/button.js'
import { TextInput } from '../../ui/field.js'
import { useTranslation } from '../../ui/translation.js'

const minuteMs = 60_000

type Wish = Partial<Omit<ShownRule, 'builtIn'>>

/** One rule: whether it is on, and where it measures something, how much for how long. */
export function AlertRuleRow({
  kind,
  rule,
  onChange,
}: {
  kind: keyof AlertRules['rules']
  rule: ShownRule
  /** null = as built in. */
  onChange(wish: Wish | null): void
}) {
  const { t } = useTranslation()
  const isBlocked = useActsBlocked() !== null
  const { on, above, forMs, builtIn } = rule
  const isShare = kind === 'cpu' || kind === 'memory' || kind === 'disk'
  const name = t(`alert.${kind}`)
  const shown = { above: String(figure(above, isShare)), minutes: String((forMs ?? 0) / minuteMs) }
  const [limit, setLimit] = useState(shown.above)
  const [minutes, setMinutes] = useState(shown.minutes)
  const isOther = on !== builtIn.on || above !== builtIn.above || forMs !== builtIn.forMs
  const isEdited = limit !== shown.above || minutes !== shown.minutes
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const amount = Number(limit)
    onChange({ above: isShare ? amount / 100 : amount, forMs: Math.round(Number(minutes) * minuteMs) })
  }
  return (
    <li data-testid={`rule-${kind}`} className="border-b border-line">
      <form onSubmit={submit} className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 py-1.5">
        <label className="flex w-52 cursor-pointer items-center gap-2.5 py-1">
          <input
            type="checkbox"
            disabled={isBlocked}
            checked={on}
            onChange={(event) => onChange({ on: event.target.checked })}
            className="size-4 cursor-pointer accent-busy"
          />
          <span className="font-medium">{name}</span>
          <span className="text-quiet">{t(on ? 'alertRule.on' : 'alertRule.off')}</span>
        </label>
        {above === null || forMs === null ? null : (
          <span className={`flex flex-wrap items-center gap-1.5 ${on ? '' : 'text-quiet'}`}>
            <span className="text-quiet">{t('alertRule.above')}</span>
            <TextInput
              type="number"
              aria-label={`${name}: ${t('alertRule.above')} (${isShare ? '%' : t('alertRule.tasks')})`}
              min={isShare ? 1 : 0}
              max={isShare ? 100 : 250_000}
              required
              value={limit}
              onChange={(event) => setLimit(event.target.value)}
              className="w-16 text-right"
            />
            <span>{isShare ? '%' : t('alertRule.tasks')}</span>
            <span className="text-quiet">
              {t(kind === 'failures' ? 'alertRule.within' : 'alertRule.for')}
            </span>
            <TextInput
              type="number"
              aria-label={`${name}: ${t(kind === 'failures' ? 'alertRule.within' : 'alertRule.for')} (${t('alertRule.minutes')})`}
              min={0}
              max={24 * 60}
              step="any"
              required
              value={minutes}
              onChange={(event) => setMinutes(event.target.value)}
              className="w-16 text-right"
            />
            <span>{t('alertRule.minutes')}</span>
          </span>
        )}
        <span className="ml-auto flex items-center gap-2">
          {isEdited ? (
            <Button acts type="submit">
              {t('alertRule.set')}
            </Button>
          ) : null}
          {isOther && !isEdited ? (
            <Button
              acts
              look="bare"
              aria-label={t('alertRule.resetOf', { name })}
              onClick={() => onChange(null)}
            >
              {t('alertRule.reset')}
            </Button>
          ) : null}
        </span>
      </form>
    </li>
  )
}

/** Shares are shown in percent, to a hundredth. */
const figure = (above: number | null, isShare: boolean): number =>
  isShare ? Math.round((above ?? 0) * 10_000) / 100 : (above ?? 0)
