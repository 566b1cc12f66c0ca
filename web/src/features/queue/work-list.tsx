import { useSelector } from 'react-redux'
import { live } from '../../live/live.js'
import type { Work } from '../../live/protocol.js'
import type { WallState } from '../../live/store.js'
import { Button } from '../../ui/button.js'
import { useNow } from '../../ui/clock.js'
import { useFormat } from '../../ui/format.js'
import { Notice } from '../../ui/panel.js'
import { StateMark } from '../../ui/state-mark.js'
import { useTranslation } from '../../ui/translation.js'
import { type Act, useAct } from '../../ui/use-act.js'
import { EntityList, NothingKnown } from './entity-list.js'
import { useFilterWords } from './filter-words.js'
import { cell } from './queue-row.js'
import { WorkProgress } from './work-progress.js'
import { WorkRefusals } from './work-refusals.js'
import { useWorkResult, useWorkTitle, workMark } from './work-words.js'

/** Batches and acts on many tasks: how far each is, what came of it, and stopping it. Mere counts are left out. */
export function WorkList() {
  const { t } = useTranslation()
  const known = useSelector((state: WallState) => state.work)
  const act = useAct()
  if (known === null) return <NothingKnown />
  const found = Object.values(known)
    .filter((work) => !work.dryRun)
    .sort((a, b) => rank(a) - rank(b) || b.createdAt - a.createdAt)
  return (
    <EntityList
      name={t('queue.view.work')}
      hint={t('work.hint')}
      act={act}
      heads={[t('work.what'), t('work.progress'), t('work.result'), t('work.state'), t('work.begun')]}
      empty={
        <Notice title={t('work.empty')}>
          {t('work.emptyHint')} <code className="font-mono text-xs">agentflow batch submit --help</code>
        </Notice>
      }
    >
      {found.map((work) => (
        <WorkRow key={work.workId} work={work} act={act} />
      ))}
    </EntityList>
  )
}

const rank = (work: Work): number => (work.state === 'running' ? 0 : 1)

function WorkRow({ work, act }: { work: Work; act: Act }) {
  const { t } = useTranslation()
  const title = useWorkTitle()(work)
  const filterWords = useFilterWords()
  const resultOf = useWorkResult()
  const about = work.filter === null ? (work.atomic ? [t('work.atomic')] : []) : filterWords(work.filter)
  return (
    <tr
      data-testid={`work-${work.workId}`}
      data-state={work.state}
      className="border-b border-line hover:bg-raised"
    >
      <td className={`${cell} max-w-80`}>
        <span className="font-medium">{title}</span>
        <span className="block text-xs break-words text-quiet">
          <span className="font-mono">{work.workId}</span>
          {about.map((word) => ` · ${word}`).join('')}
        </span>
      </td>
      <td className={cell}>
        <WorkProgress work={work} label={t('work.progressOf', { title })} />
      </td>
      <td className={cell}>
        <span className="live-value">{resultOf(work).join(' · ')}</span>
        <WorkRefusals work={work} />
      </td>
      <td className={cell}>
        <span className="flex items-center gap-1.5">
          <StateMark state={workMark(work)} />
          {t(`work.states.${work.state}`)}
        </span>
        {work.detail === null ? null : (
          <span className="block max-w-64 text-xs break-words text-quiet">{work.detail}</span>
        )}
      </td>
      <td className={`${cell} live-value whitespace-nowrap text-quiet`}>
        <Begun work={work} />
      </td>
      <td className={`${cell} w-24 text-right`}>
        {work.state !== 'running' ? null : (
          <Button
            acts
            icon="cancel"
            disabled={act.busy}
            aria-label={t('work.stopOf', { title })}
            onClick={() =>
              void act.run(() => live.rest.delete(`/api/work/${encodeURIComponent(work.workId)}`))
            }
          >
            {t('work.stop')}
          </Button>
        )}
      </td>
    </tr>
  )
}

function Begun({ work }: { work: Work }) {
  const { t } = useTranslation()
  const { duration, span } = useFormat()
  const nowMs = useNow()
  return (
    <>
      {t('ago', { duration: duration(Math.max(0, nowMs - work.createdAt)) })}
      {work.finishedAt === null ? null : (
        <span className="block text-xs">
          {t('work.took', { span: span(work.finishedAt - work.createdAt) })}
        </span>
      )}
    </>
  )
}
