import { useEffect, useRef } from 'react'
import type { TaskFilterWords } from '../../../../src/contract/work.js'
import type { TaskAction, Work } from '../../live/protocol.js'
import { Button } from '../../ui/button.js'
import { Dialog } from '../../ui/dialog.js'
import { Link } from '../../ui/link.js'
import { StateMark } from '../../ui/state-mark.js'
import { useTranslation } from '../../ui/translation.js'
import { useFilterWords } from './filter-words.js'
import { type Bulk, useBulk } from './use-bulk.js'
import { WorkProgress } from './work-progress.js'
import { WorkRefusals } from './work-refusals.js'
import { useWorkResult, workMark } from './work-words.js'

/** Asks the leader how many tasks match, asks a person, and shows what comes of it. */
export function BulkDialog({
  action,
  filter,
  onClose,
}: {
  action: TaskAction
  filter: TaskFilterWords
  onClose(): void
}) {
  const { t } = useTranslation()
  const bulk = useBulk(action, filter)
  const wordsOf = useFilterWords()
  const begun = useRef(false)
  useEffect(() => {
    // Once, although React may run an effect twice.
    if (begun.current) return
    begun.current = true
    bulk.count()
  })
  const close = () => {
    if (bulk.given === null) bulk.stop()
    onClose()
  }
  return (
    <Dialog open onClose={close} title={t('bulk.title', { act: t(`act.${action}`) })}>
      <div className="flex flex-col gap-4">
        <p className="text-quiet">{t('bulk.filter', { words: wordsOf(filter).join(' · ') })}</p>
        <Answer bulk={bulk} action={action} />
        {bulk.act.refusal === null ? null : (
          <p role="alert" className="border-l-2 border-failed pl-3 text-failed">
            {bulk.act.refusal}
          </p>
        )}
        <Ways bulk={bulk} action={action} onClose={close} />
      </div>
    </Dialog>
  )
}

/** How many match; then how far it is, and what came of it. */
function Answer({ bulk, action }: { bulk: Bulk; action: TaskAction }) {
  const { t } = useTranslation()
  const { counted, given } = bulk
  if (given !== null) return <Progress work={given} label={t('work.acts', { act: t(`act.${action}`) })} />
  if (counted === null) return bulk.act.refusal === null ? <p role="status">{t('bulk.counting')}</p> : null
  if (counted.state === 'running') return <WorkProgress work={counted} label={t('bulk.counting')} />
  return (
    <div role="status" className="flex flex-col gap-1">
      <p className="text-md font-medium">{t('bulk.matched', { count: counted.matched })}</p>
      {counted.done === counted.matched ? null : (
        <p>{t('bulk.reached', { act: t(`act.${action}`), count: counted.done })}</p>
      )}
      <WorkRefusals work={counted} />
    </div>
  )
}

function Progress({ work, label }: { work: Work; label: string }) {
  const { t } = useTranslation()
  const result = useWorkResult()(work).join(' · ')
  const isRunning = work.state === 'running'
  return (
    <div className="flex flex-col gap-2">
      <p className="flex items-center gap-2">
        <StateMark state={workMark(work)} />
        {/* The end is told with its numbers; on the way there they change too often to be read out. */}
        <span role="status" className="flex gap-2">
          <span className="font-medium">{t(`work.states.${work.state}`)}</span>
          {isRunning ? null : <span>{result}</span>}
        </span>
        {isRunning ? <span className="live-value">{result}</span> : null}
      </p>
      {isRunning ? <WorkProgress work={work} label={label} /> : null}
      {work.detail === null ? null : <p className="text-quiet">{work.detail}</p>}
      <WorkRefusals work={work} />
    </div>
  )
}

/** The ways on: yes or no; then to stop it, or to let it go on by itself. */
function Ways({ bulk, action, onClose }: { bulk: Bulk; action: TaskAction; onClose(): void }) {
  const { t } = useTranslation()
  const { counted, given, act } = bulk
  if (given !== null) {
    return (
      <div className="flex flex-wrap items-center justify-end gap-2">
        <Link
          screen="queue"
          params={{ view: 'work' }}
          onClick={onClose}
          className="mr-auto py-1 underline underline-offset-2"
        >
          {t('bulk.seeWork')}
        </Link>
        {given.state === 'running' ? (
          <Button acts icon="cancel" disabled={act.busy} onClick={bulk.stop}>
            {t('work.stop')}
          </Button>
        ) : null}
        <Button look="primary" onClick={onClose}>
          {t('close')}
        </Button>
      </div>
    )
  }
  const many = counted?.state === 'done' ? counted.done : 0
  return (
    <div className="flex justify-end gap-2">
      <Button onClick={onClose}>{t('bulk.leave')}</Button>
      <Button acts look="primary" disabled={act.busy || many === 0} onClick={bulk.give}>
        {many === 0 ? t(`act.${action}`) : t('bulk.do', { act: t(`act.${action}`), count: many })}
      </Button>
    </div>
  )
}
