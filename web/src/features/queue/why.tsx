import { useSelector } from 'react-redux'
import { isWaitCode } from '../../../../src/contract/wait-codes.js'
import type { Task } from '../../live/protocol.js'
import type { WallState } from '../../live/store.js'
import { waitFacts } from '../../live/wait-facts.js'
import { useTranslation } from '../../ui/translation.js'
import { useWaitWords } from '../../ui/wait-words.js'

/** The words for a reason; a code that this wall does not know stands for itself. */
export function useReasonWord(): (code: string) => string {
  const { t } = useTranslation()
  return (code) => (code === '' ? t('why.none') : isWaitCode(code) ? t(`why.${code}`) : code)
}

/** Why a task waits: the reason, and a sentence; the leader's own is its title. */
export function Why({ task }: { task: Task }) {
  const wordOf = useReasonWord()
  const say = useWaitWords()
  const { waitReason } = task
  const worker = useSelector((state: WallState) => state.workers[waitReason?.nearest?.workerId ?? ''])
  const limits = useSelector((state: WallState) => state.limits)
  const facts = waitFacts(task, { worker, limits })
  return (
    <>
      <span className="block">{wordOf(waitReason?.code ?? '')}</span>
      {waitReason === null ? null : (
        <span title={waitReason.text} className="block max-w-[36rem] text-xs break-words text-quiet">
          {facts === null ? waitReason.text : say(facts)}
        </span>
      )}
    </>
  )
}
