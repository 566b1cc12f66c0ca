import { useEffect, useState } from 'react'
import { taskState } from '../../live/health.js'
import { live } from '../../live/live.js'
import { everyLine, type Task } from '../../live/protocol.js'
import { ActButtons } from '../../ui/act-buttons.js'
import { IconButton } from '../../ui/button.js'
import { useNow } from '../../ui/clock.js'
import { bytes, clock, dateTime, percent, useFormat } from '../../ui/format.js'
import { Link } from '../../ui/link.js'
import { LogView } from '../../ui/log-view.js'
import { Fact, Notice } from '../../ui/panel.js'
import { StateMark, stateColor } from '../../ui/state-mark.js'
import { useTranslation } from '../../ui/translation.js'
import { AttemptsChart } from './attempts-chart.js'
import { Effects } from './effects.js'
import { Attempts, Outcome, Receipts, SilenceNote, StallNote } from './task-parts.js'
import { Terms, WaitNote } from './task-terms.js'
import { commandText, phaseWord, taskTime } from './task-words.js'
import { useActs, useTask } from './use-tasks.js'

interface Frame {
  /** Fills the screen: its output stands beside the rest instead of below. */
  readonly wide?: boolean
  /** Widens or narrows it; absent where there is no room for that. */
  onWide?(): void
  onClose(): void
}

/** One task: what it is, how it stands, what was done to it, what it says. */
export function TaskDetail({ taskId, ...frame }: { taskId: string } & Frame) {
  const { t } = useTranslation()
  const { task, answered } = useTask(taskId)
  return (
    <section aria-label={t('task.detail')} className="flex min-h-0 min-w-0 flex-1 flex-col bg-panel">
      {task === undefined ? (
        <>
          <div className="flex justify-end p-1.5">
            <IconButton icon="close" label={t('close')} onClick={frame.onClose} />
          </div>
          <Notice title={answered ? t('task.notFound', { id: taskId }) : t('empty.unknown')}>
            {answered ? t('task.notFoundHint') : null}
          </Notice>
        </>
      ) : (
        <Known key={taskId} task={task} {...frame} />
      )}
    </section>
  )
}

function Known({ task, wide = false, onWide, onClose }: { task: Task } & Frame) {
  const { t } = useTranslation()
  const { acts, pending, act } = useActs(task)
  const state = taskState(task)
  return (
    <>
      <header className="shrink-0 border-b border-line px-4 pt-2 pb-3">
        <div className="flex items-start gap-2">
          <h2 className="min-w-0 flex-1 pt-1 text-lg font-semibold break-words">{task.name}</h2>
          {onWide === undefined ? null : (
            <IconButton
              icon={wide ? 'narrow' : 'fit'}
              label={wide ? t('task.narrow') : t('task.widen')}
              onClick={onWide}
              className="hidden lg:inline-flex"
            />
          )}
          <IconButton icon="close" label={t('close')} onClick={onClose} />
        </div>
        <p className="mb-2 flex flex-wrap items-center gap-x-2 text-quiet">
          <StateMark state={state} />
          <span className={stateColor[state]}>{phaseWord(task, t)}</span>
          <span className="font-mono text-xs">{task.taskId}</span>
        </p>
        <ActButtons
          taskId={task.taskId}
          taskName={task.name}
          acts={acts}
          pending={pending}
          onAct={act}
          full
          testIds={false}
        />
      </header>
      <div className={`flex min-h-0 flex-1 flex-col ${wide ? 'lg:flex-row' : ''}`}>
        <div className="flex min-h-0 min-w-0 flex-1 flex-col gap-5 overflow-y-auto p-4">
          <SilenceNote task={task} />
          <WaitNote task={task} />
          {task.stall === null ? null : <StallNote task={task} />}
          <Outcome task={task} />
          <Facts task={task} />
          <Terms task={task} />
          <AttemptsChart task={task} />
          <Effects task={task} />
          <Receipts taskId={task.taskId} />
          <Attempts task={task} />
        </div>
        <Output
          taskId={task.taskId}
          className={wide ? 'h-[34%] lg:h-auto lg:w-1/2 lg:border-t-0 lg:border-l' : 'h-[34%]'}
        />
      </div>
    </>
  )
}

function Facts({ task }: { task: Task }) {
  const { t } = useTranslation()
  const { duration, span } = useFormat()
  const nowMs = useNow()
  const limit = (ms: number) => (ms === 0 ? t('task.none') : duration(ms))
  return (
    <>
      <div>
        <h3 className="mb-1 text-xs text-quiet">{t('task.command')}</h3>
        <pre className="max-h-40 overflow-auto rounded-md bg-ground px-3 py-2 font-mono text-xs break-words whitespace-pre-wrap">
          {commandText(task) || JSON.stringify(task.payload, null, 2)}
        </pre>
        {typeof task.payload.cwd === 'string' ? (
          <p className="mt-1 font-mono text-xs break-all text-quiet">{task.payload.cwd}</p>
        ) : null}
      </div>
      <dl className="grid grid-cols-[repeat(auto-fill,minmax(8.5rem,1fr))] gap-x-4 gap-y-3">
        <Fact name={t('task.master')}>
          {task.workerId === null ? (
            (task.requirements.workerId ?? t('task.anyMaster'))
          ) : (
            <Link
              screen="masters"
              params={{ worker: task.workerId }}
              className="underline underline-offset-2"
            >
              {task.workerId}
            </Link>
          )}
        </Fact>
        <Fact name={t('task.agent')}>{task.agentId ?? '–'}</Fact>
        <Fact name={t('task.pid')}>{task.pid ?? '–'}</Fact>
        <Fact name={t('task.time')}>
          <span className="live-value">
            {(task.completedAt === null ? duration : span)(taskTime(task, nowMs))}
          </span>
        </Fact>
        <Fact name={t('task.progress')}>
          <span className="live-value">{percent(task.progress)}</span>
        </Fact>
        <Fact name={t('task.attempt')}>
          {task.attempt > task.retry.attemptsMax
            ? task.attempt
            : t('task.attemptOf', { attempt: task.attempt, max: task.retry.attemptsMax })}
        </Fact>
        <Fact name={t('task.created')}>{dateTime(task.createdAt)}</Fact>
        <Fact name={t('task.started')}>{task.startedAt === null ? '–' : clock(task.startedAt)}</Fact>
        <Fact name={t('task.completed')}>{task.completedAt === null ? '–' : clock(task.completedAt)}</Fact>
        <Fact name={t('task.project')}>{task.project}</Fact>
        <Fact name={t('task.priority')}>{task.priority}</Fact>
        <Fact name={t('task.fence')}>{task.fence ?? '–'}</Fact>
        <Fact name={t('task.timeout')}>{limit(task.requirements.timeout)}</Fact>
        <Fact name={t('task.stallAfter')}>{limit(task.stallAfterMs)}</Fact>
        <Fact name={t('task.onDisconnect')}>{t(`disconnect.${task.onDisconnect}`)}</Fact>
      </dl>
      {task.truncated === true ? <FullPayload task={task} /> : null}
    </>
  )
}

/** Pushed copies carry at most 4 KiB of a payload or result; the whole is one click away. */
function FullPayload({ task }: { task: Task }) {
  const { t } = useTranslation()
  const [whole, setWhole] = useState<string | null>(null)
  const [failed, setFailed] = useState(false)
  const load = async () => {
    try {
      const full = await live.rest.get<Task>(`/api/tasks/${encodeURIComponent(task.taskId)}`)
      setWhole(JSON.stringify({ payload: full.payload, result: full.result }, null, 2))
    } catch {
      setFailed(true)
    }
  }
  if (whole !== null) {
    return (
      <pre className="max-h-80 overflow-auto rounded-md bg-ground px-3 py-2 font-mono text-xs break-words whitespace-pre-wrap">
        {whole}
      </pre>
    )
  }
  return (
    <p className="text-quiet">
      {t('task.truncated', { size: bytes(4096) })}{' '}
      <button type="button" className="min-h-6 underline underline-offset-2" onClick={() => void load()}>
        {failed ? t('task.loadAgain') : t('task.loadWhole')}
      </button>
    </p>
  )
}

function Output({ taskId, className }: { taskId: string; className: string }) {
  const { t } = useTranslation()
  const key = `lines:${taskId}`
  useEffect(() => {
    live.watchLines(key, { ...everyLine, taskId })
    return () => live.unwatchLines(key)
  }, [key, taskId])
  return (
    <div className={`flex min-h-32 shrink-0 flex-col border-t border-line bg-ground ${className}`}>
      <h3 className="px-3 pt-2 text-xs text-quiet">{t('task.output')}</h3>
      <LogView
        source={live.lines.of(key)}
        label={t('task.output')}
        whoOf={(line) => (line.stream === 'err' ? <span className="text-quiet">{t('log.err')}</span> : null)}
        onOlder={() => live.olderLines(key)}
        empty={<Notice title={t('empty.output')} />}
      />
    </div>
  )
}
