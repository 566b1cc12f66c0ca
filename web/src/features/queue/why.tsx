import { useTranslation } from 'react-i18next'
import type { Task } from '../../live/protocol.js'

const codes = [
  'no_capability',
  'no_label',
  'no_slot',
  'no_memory',
  'worker_offline',
  'cordoned',
  'concurrency',
  'rate',
  'capacity_paused',
  'dependency',
  'delayed',
  'schedule',
] as const
type Code = (typeof codes)[number]
const isCode = (code: string): code is Code => codes.some((known) => known === code)

/** The words for a reason; a code that this wall does not know stands for itself. */
export function useReasonWord(): (code: string) => string {
  const { t } = useTranslation()
  return (code) => (code === '' ? t('why.none') : isCode(code) ? t(`why.${code}`) : code)
}

/** Why a task waits: the reason, and the leader's sentence. */
export function Why({ task }: { task: Task }) {
  const wordOf = useReasonWord()
  const { waitReason } = task
  return (
    <>
      <span className="block">{wordOf(waitReason?.code ?? '')}</span>
      {waitReason === null ? null : (
        <span className="block max-w-[36rem] text-xs break-words text-quiet">{waitReason.text}</span>
      )}
    </>
  )
}
