import type { ReactNode } from 'react'
import { useSelector } from 'react-redux'
import type { Task } from '../../live/protocol.js'
import type { WallState } from '../../live/store.js'
import { waitFacts } from '../../live/wait-facts.js'
import { bytes, dateTime, useFormat } from '../../ui/format.js'
import { Link } from '../../ui/link.js'
import { Fact } from '../../ui/panel.js'
import { StateMark } from '../../ui/state-mark.js'
import { useTranslation } from '../../ui/translation.js'
import { useWaitWords } from '../../ui/wait-words.js'

/** Why it does not run yet; the leader's own sentence is its title. */
export function WaitNote({ task }: { task: Task }) {
  const say = useWaitWords()
  const { waitReason } = task
  const worker = useSelector((state: WallState) => state.workers[waitReason?.nearest?.workerId ?? ''])
  const limits = useSelector((state: WallState) => state.limits)
  if (task.status !== 'pending' || waitReason === null) return null
  const facts = waitFacts(task, { worker, limits })
  return (
    <div className="border-l-2 border-mark-busy pl-3">
      <p className="flex flex-wrap items-center gap-2">
        <StateMark state="ok" />
        <span title={waitReason.text} className="min-w-0 break-words">
          {facts === null ? waitReason.text : say(facts)}
        </span>
      </p>
    </div>
  )
}

/** What a task waits for and needs; nothing is drawn for what it does not ask. */
export function Terms({ task }: { task: Task }) {
  const { t } = useTranslation()
  const { duration } = useFormat()
  const { requirements } = task
  const facts: [string, ReactNode][] = []
  if (task.runAt !== null) facts.push([t('terms.runAt'), dateTime(task.runAt)])
  if (task.delayMs !== null) facts.push([t('terms.delay'), duration(task.delayMs)])
  if (task.dependsOn.length > 0) {
    facts.push([t(`terms.after.${task.dependsMode}`), <TaskLinks key="after" ids={task.dependsOn} />])
    facts.push([t('screen.flow'), <FlowLink key="flow" taskId={task.taskId} />])
  }
  if (task.tags.length > 0) facts.push([t('terms.tags'), task.tags.join(', ')])
  if (task.concurrencyKey !== null) facts.push([t('terms.key'), task.concurrencyKey])
  if (task.capacity !== null) facts.push([t('terms.capacity'), task.capacity])
  if (task.queueTimeoutMs > 0) facts.push([t('terms.queueTimeout'), duration(task.queueTimeoutMs)])
  if (task.totalTimeoutMs > 0) facts.push([t('terms.totalTimeout'), duration(task.totalTimeoutMs)])
  const labels = Object.entries(requirements.labels).map(([name, value]) => `${name}=${value}`)
  if (labels.length > 0) facts.push([t('masters.labels'), labels.join(', ')])
  if (requirements.capabilities.length > 0)
    facts.push([t('terms.capabilities'), requirements.capabilities.join(', ')])
  if (requirements.gpus > 0) facts.push([t('masters.gpus'), requirements.gpus])
  if (requirements.slots > 1) facts.push([t('terms.slots'), requirements.slots])
  if (requirements.memoryBytes > 0) facts.push([t('terms.memory'), bytes(requirements.memoryBytes)])
  if (requirements.accountIdx !== null) facts.push([t('terms.account'), requirements.accountIdx])
  if (facts.length === 0) return null
  return (
    <dl className="grid grid-cols-[repeat(auto-fill,minmax(8.5rem,1fr))] gap-x-4 gap-y-3 border-t border-line pt-3">
      {facts.map(([name, value]) => (
        <Fact key={name} name={name}>
          {value}
        </Fact>
      ))}
    </dl>
  )
}

function TaskLinks({ ids }: { ids: readonly string[] }) {
  return (
    <span className="flex flex-wrap gap-x-2">
      {ids.map((taskId) => (
        <Link
          key={taskId}
          screen="tasks"
          params={{ task: taskId }}
          className="font-mono text-xs underline underline-offset-2"
        >
          {taskId}
        </Link>
      ))}
    </span>
  )
}

/** All that hangs together with it, as a graph. */
function FlowLink({ taskId }: { taskId: string }) {
  const { t } = useTranslation()
  return (
    <Link screen="flow" params={{ task: taskId }} className="underline underline-offset-2">
      {t('flow.open')}
    </Link>
  )
}
