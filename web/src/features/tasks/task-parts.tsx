import { useEffect } from 'react'
import { useSelector } from 'react-redux'
import { isFinalReceipt } from '../../live/command-book.js'
import { live } from '../../live/live.js'
import type { Receipt, Task } from '../../live/protocol.js'
import type { WallState } from '../../live/store.js'
import { reveal } from '../../ui/ansi.js'
import { useNow } from '../../ui/clock.js'
import { clock, useFormat } from '../../ui/format.js'
import { Link } from '../../ui/link.js'
import { StateMark } from '../../ui/state-mark.js'
import { useTranslation } from '../../ui/translation.js'

const heading = 'mb-1 text-xs text-quiet'
const output =
  'max-h-48 overflow-auto rounded-md bg-ground px-3 py-2 font-mono text-xs break-words whitespace-pre-wrap'

/** Why its master calls it stalled; the alert has the whole evidence. */
export function StallNote({ task }: { task: Task }) {
  const { t } = useTranslation()
  const { duration } = useFormat()
  const nowMs = useNow()
  if (task.stall === null) return null
  return (
    <div className="border-l-2 border-mark-waiting pl-3">
      <p className="flex flex-wrap items-center gap-2">
        <StateMark state="waiting" />
        <strong className="font-semibold">{t(`stall.${task.stall.kind}`)}</strong>
        <span className="live-value text-quiet">
          {t('since', { duration: duration(nowMs - task.stall.since) })}
        </span>
        <Link screen="alerts" className="underline underline-offset-2">
          {t('task.evidence')}
        </Link>
      </p>
      {task.stall.lines.length > 0 ? (
        <pre className={`mt-2 ${output}`}>{task.stall.lines.slice(-5).map(reveal).join('\n')}</pre>
      ) : null}
    </div>
  )
}

/** Why nobody knows how it stands, what comes of it, and when. */
export function SilenceNote({ task }: { task: Task }) {
  const { t } = useTranslation()
  const { duration } = useFormat()
  const nowMs = useNow()
  if (task.phase !== 'unknown') return null
  const leftMs = (task.leaseUntil ?? 0) - nowMs
  return (
    <div className="border-l-2 border-mark-waiting pl-3">
      <p className="flex flex-wrap items-center gap-2">
        <StateMark state="waiting" />
        <span className="min-w-0 break-words">
          {t(`task.silent.${task.onDisconnect}`, { worker: task.workerId ?? '' })}
        </span>
        {task.onDisconnect === 'restart' && leftMs > 0 ? (
          <span className="live-value text-quiet">{t('task.silentFor', { duration: duration(leftMs) })}</span>
        ) : null}
      </p>
    </div>
  )
}

/** How it ended: the error in words, the exit, what it left. */
export function Outcome({ task }: { task: Task }) {
  const { t } = useTranslation()
  const { result, error } = task
  if (result === null && error === null) return null
  const value = result?.value ?? null
  return (
    <div className="flex flex-col gap-3">
      {error === null ? null : (
        <div className="border-l-2 border-mark-failed pl-3">
          <p className="flex flex-wrap items-center gap-2">
            <StateMark state="failed" />
            <span className="min-w-0 break-words">{reveal(error.message)}</span>
          </p>
          <p className="font-mono text-xs text-quiet">{error.code}</p>
        </div>
      )}
      {result === null ? null : (
        <p>
          <span className="text-quiet">{t('task.exit')} </span>
          {result.signal === null ? (result.exitCode ?? '–') : t('task.signal', { signal: result.signal })}
        </p>
      )}
      {value === null ? null : (
        <div>
          <h3 className={heading}>{t('task.value')}</h3>
          <pre className={output}>{reveal(JSON.stringify(value, null, 2))}</pre>
        </div>
      )}
      {result === null || result.tail === '' || task.status !== 'failed' ? null : (
        <div>
          <h3 className={heading}>{t('task.tail')}</h3>
          <pre className={output}>{reveal(result.tail)}</pre>
        </div>
      )}
    </div>
  )
}

/** Commands on this task, newest first, each with its timed steps. */
export function Receipts({ taskId }: { taskId: string }) {
  const { t } = useTranslation()
  const receipts = useSelector((state: WallState) => state.receipts)
  useEffect(() => live.loadReceipts(taskId), [taskId])
  const ofTask = Object.values(receipts)
    .filter((receipt) => receipt.taskId === taskId)
    .sort((a, b) => (b.steps[0]?.at ?? 0) - (a.steps[0]?.at ?? 0))
  if (ofTask.length === 0) return null
  return (
    <div>
      <h3 className={heading}>{t('task.receipts')}</h3>
      <ul className="flex flex-col gap-2">
        {ofTask.map((receipt) => (
          <ReceiptLine key={receipt.commandId} receipt={receipt} />
        ))}
      </ul>
    </div>
  )
}

function ReceiptLine({ receipt }: { receipt: Receipt }) {
  const { t } = useTranslation()
  const { span } = useFormat()
  const first = receipt.steps[0]?.at ?? 0
  const bad = receipt.state === 'refused' || receipt.state === 'expired'
  const detail = receipt.steps.at(-1)?.detail ?? ''
  return (
    <li className="flex flex-wrap items-center gap-x-2">
      <StateMark state={bad ? 'failed' : isFinalReceipt(receipt) ? 'ok' : 'busy'} />
      <span>{t(`act.${receipt.action}`)}</span>
      {receipt.steps.map((step) => (
        <span key={`${step.state}${step.at}`} className="text-xs text-quiet" title={step.detail}>
          → {t(`receipt.${step.state as Receipt['state']}`)}
          {step.at > first ? ` +${span(step.at - first)}` : ` ${clock(step.at)}`}
        </span>
      ))}
      {detail === '' ? null : <span className="w-full pl-5 text-xs text-quiet">{reveal(detail)}</span>}
    </li>
  )
}

const outcomes = ['succeeded', 'exit', 'spawn_failed', 'timeout', 'lost', 'cancelled'] as const
const isOutcome = (outcome: string): outcome is (typeof outcomes)[number] =>
  outcomes.some((known) => known === outcome)

/** Runs that are over. */
export function Attempts({ task }: { task: Task }) {
  const { t } = useTranslation()
  const { span } = useFormat()
  if (task.attempts.length === 0) return null
  return (
    <div>
      <h3 className={heading}>{t('task.attempts')}</h3>
      <table className="w-full text-left">
        <thead className="text-xs text-quiet">
          <tr>
            <th className="pr-3 font-normal">#</th>
            <th className="pr-3 font-normal">{t('task.master')}</th>
            <th className="pr-3 font-normal">{t('task.outcome')}</th>
            <th className="pr-3 font-normal">{t('task.exit')}</th>
            <th className="text-right font-normal">{t('task.time')}</th>
          </tr>
        </thead>
        <tbody>
          {task.attempts.map((run) => (
            <tr key={run.fence} className="border-t border-line">
              <td className="py-1 pr-3">{run.attempt}</td>
              <td className="pr-3">{run.workerId}</td>
              <td className="pr-3">
                {isOutcome(run.outcome) ? t(`phase.${run.outcome}`) : run.outcome}
                {run.message === null ? null : (
                  <span className="block text-xs text-quiet">{reveal(run.message)}</span>
                )}
              </td>
              <td className="pr-3">{run.signal ?? run.exitCode ?? '–'}</td>
              <td className="text-right">
                {run.startedAt === null ? '–' : span(run.endedAt - run.startedAt)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
