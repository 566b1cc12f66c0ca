import type { TraceStep } from '../../live/error-trace.js'
import { reveal } from '../../ui/ansi.js'
import { dateTime } from '../../ui/format.js'
import { Link } from '../../ui/link.js'
import { StateMark } from '../../ui/state-mark.js'
import { useTranslation } from '../../ui/translation.js'

/** From the root cause, through retries and dependencies, to the task that was asked about. */
export function Trace({ steps }: { steps: readonly TraceStep[] }) {
  const { t } = useTranslation()
  return (
    <ol aria-label={t('flow.trace')} className="flex min-h-0 flex-1 flex-col overflow-y-auto p-3">
      {steps.map((step, index) => (
        <li key={step.task.taskId} className="flex gap-3">
          <span className="flex flex-col items-center" aria-hidden="true">
            <StateMark state="failed" className="mt-1 size-3.5" />
            {index < steps.length - 1 ? <span className="w-px flex-1 bg-strong" /> : null}
          </span>
          <Step step={step} isRoot={index === 0} />
        </li>
      ))}
    </ol>
  )
}

function Step({ step, isRoot }: { step: TraceStep; isRoot: boolean }) {
  const { t } = useTranslation()
  const { task, failures, byDependency } = step
  return (
    <div className="flex min-w-0 flex-1 flex-col gap-1 pb-4">
      <p className="flex flex-wrap items-baseline gap-x-2">
        <Link
          screen="tasks"
          params={{ task: task.taskId, full: '1' }}
          className="font-semibold underline underline-offset-2"
        >
          {task.name}
        </Link>
        <span className="text-failed">{t(`phase.${task.phase}`)}</span>
        {isRoot ? <span className="text-xs text-quiet">{t('flow.root')}</span> : null}
      </p>
      {byDependency ? <p className="text-quiet">{task.error?.message ?? t('flow.byDependency')}</p> : null}
      {failures.length > 0 ? (
        <ul className="flex flex-col gap-0.5">
          {failures.map((run) => (
            <li key={run.attempt} className="flex flex-wrap gap-x-2">
              <span className="text-quiet">
                {t('flow.attempt', { attempt: run.attempt, name: run.workerId, at: dateTime(run.endedAt) })}
              </span>
              <span>{reveal(run.message ?? run.outcome)}</span>
            </li>
          ))}
        </ul>
      ) : null}
      {task.result?.tail ? (
        <pre className="mt-1 max-h-24 overflow-auto rounded-md bg-raised p-2 font-mono text-xs whitespace-pre-wrap">
          {reveal(task.result.tail)}
        </pre>
      ) : null}
      {failures.length === 0 ? null : (
        <Link
          screen="logs"
          params={{ task: task.taskId }}
          className="self-start py-0.5 text-xs underline underline-offset-2"
        >
          {t('flow.logs')}
        </Link>
      )}
    </div>
  )
}
