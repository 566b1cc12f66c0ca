import { useEffect, useState } from 'react'
import { useSelector } from 'react-redux'
import type { AlertRules, SetAlertRules, ShownRule } from '../../../../src/contract/alert-rules.js'
import { live } from '../../live/live.js'
import type { WallState } from '../../live/store.js'
import { useRefusal } from '../../ui/refusal.js'
import { useTranslation } from '../../ui/translation.js'
import { AlertRuleRow } from './alert-rule-row.js'
import { Part } from './settings-part.js'

const path = '/api/settings/alert-rules'
type Rules = AlertRules['rules']
type Kind = keyof Rules

/** When alerts are raised: for the whole cluster, from now on. */
export function AlertRulesPart() {
  const { t } = useTranslation()
  const term = useSelector((state: WallState) =>
    state.connection.phase === 'live' ? state.connection.term : null,
  )
  const [rules, setRules] = useState<Rules | null>(null)
  const refusalOf = useRefusal()
  const [problem, setProblem] = useState<unknown>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another term may be another leader.
  useEffect(() => {
    const abort = new AbortController()
    live.rest.get<AlertRules>(path, abort.signal).then(
      ({ rules: found }) => setRules(found),
      (cause: unknown) => {
        if (!abort.signal.aborted) setProblem(cause)
      },
    )
    return () => abort.abort()
  }, [term])
  const change = (kind: Kind, wish: Partial<Omit<ShownRule, 'builtIn'>> | null) => {
    setProblem(null)
    const body: SetAlertRules = { rules: { [kind]: wish } }
    live.rest.put<AlertRules>(path, body).then(
      ({ rules: next }) => setRules(next),
      (cause: unknown) => setProblem(cause),
    )
  }
  return (
    <Part title={t('alertRule.title')}>
      <p className="text-quiet">{t('alertRule.hint')}</p>
      {rules === null ? null : (
        <ul aria-label={t('alertRule.list')} className="flex flex-col">
          {(Object.keys(rules) as readonly Kind[]).map((kind) => (
            <AlertRuleRow
              key={`${kind} ${JSON.stringify(rules[kind])}`}
              kind={kind}
              rule={rules[kind]}
              onChange={(wish) => change(kind, wish)}
            />
          ))}
        </ul>
      )}
      {problem === null ? null : (
        <p role="alert" className="text-failed">
          {refusalOf(problem)}
        </p>
      )}
    </Part>
  )
}
