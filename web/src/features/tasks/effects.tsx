import { useEffect, useState } from 'react'
import type { Effect } from '../../../../src/contract/effect.js'
import { live } from '../../live/live.js'
import type { Task } from '../../live/protocol.js'
import { reveal } from '../../ui/ansi.js'
import { clock } from '../../ui/format.js'
import { type MarkState, StateMark } from '../../ui/state-mark.js'
import { useTranslation } from '../../ui/translation.js'

const marks: Readonly<Record<Effect['state'], MarkState>> = {
  intent: 'busy',
  done: 'ok',
  failed: 'failed',
  ambiguous: 'waiting',
}

/** What the runs of a task did to the world outside, and of what nobody knows whether it happened. */
export function Effects({ task }: { task: Task }) {
  const { t } = useTranslation()
  const { effects, failed, again } = useEffects(task)
  if (task.effects === null) return null
  return (
    <section aria-label={t('task.effects')}>
      <h3 className="mb-1 text-xs text-quiet">{t('task.effects')}</h3>
      {failed ? (
        <button type="button" className="min-h-6 underline underline-offset-2" onClick={again}>
          {t('task.loadAgain')}
        </button>
      ) : null}
      {effects.length === 0 ? null : <EffectTable effects={effects} />}
      {task.effects.ambiguous === 0 ? null : (
        <p className="mt-1 text-xs text-quiet">{t('task.ambiguousHint')}</p>
      )}
    </section>
  )
}

function EffectTable({ effects }: { effects: readonly Effect[] }) {
  const { t } = useTranslation()
  return (
    <table className="w-full text-left">
      <thead className="text-xs text-quiet">
        <tr>
          <th className="pr-3 font-normal">{t('task.effect')}</th>
          <th className="pr-3 font-normal">{t('task.effectState')}</th>
          <th className="pr-3 font-normal whitespace-nowrap">{t('task.attempt')}</th>
          <th className="text-right font-normal">{t('task.effectAt')}</th>
        </tr>
      </thead>
      <tbody>
        {effects.map(({ key, fence, attempt, state, intentAt, settledAt, value }) => (
          <tr key={`${fence} ${key}`} className="border-t border-line">
            <td className="py-1 pr-3 break-all">
              {reveal(key)}
              {value === null ? null : (
                <span className="block font-mono text-xs text-quiet">{reveal(JSON.stringify(value))}</span>
              )}
            </td>
            <td className="pr-3 whitespace-nowrap">
              <span className="flex items-center gap-2">
                <StateMark state={marks[state]} />
                {t(`effect.${state}`)}
              </span>
            </td>
            <td className="pr-3">{attempt}</td>
            <td className="text-right">{clock(settledAt ?? intentAt ?? 0)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** Read again whenever the pushed counts say that one of them stands otherwise. */
function useEffects({ taskId, attempt, effects: counts }: Task) {
  const [effects, setEffects] = useState<readonly Effect[]>([])
  const [failed, setFailed] = useState(false)
  const [tries, setTries] = useState(0)
  const standing = counts === null ? null : JSON.stringify([attempt, counts, tries])
  useEffect(() => {
    if (standing === null) return
    let isWanted = true
    live.rest.get<{ effects: Effect[] }>(`/api/tasks/${encodeURIComponent(taskId)}/effects`).then(
      (answer) => {
        if (!isWanted) return
        setEffects(answer.effects)
        setFailed(false)
      },
      () => isWanted && setFailed(true),
    )
    return () => {
      isWanted = false
    }
  }, [taskId, standing])
  return { effects, failed, again: () => setTries(tries + 1) }
}
