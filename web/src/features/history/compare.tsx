import { useMemo, useState } from 'react'
import { taskState } from '../../live/health.js'
import { reveal } from '../../ui/ansi.js'
import { Button } from '../../ui/button.js'
import { dateTime, useFormat } from '../../ui/format.js'
import { Link } from '../../ui/link.js'
import { Notice } from '../../ui/panel.js'
import { useRefusal } from '../../ui/refusal.js'
import { StateMark, stateColor } from '../../ui/state-mark.js'
import { useTranslation } from '../../ui/translation.js'
import { goTo, hrefWith, usePlace } from '../../ui/url.js'
import { compareLines, comparePairs, type DiffRow, type FactPair } from './compare-runs.js'
import { type Run, type RunState, useRun } from './use-run.js'

/** Two runs side by side: what was asked, what came of it, what they wrote. The address says which. */
export function Compare({ ids }: { ids: readonly [string, string] }) {
  const { t } = useTranslation()
  const place = usePlace()
  const [left, right] = [useRun(ids[0]), useRun(ids[1])]
  const back = () => goTo(hrefWith(place, { compare: null }))
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex shrink-0 items-center gap-2 border-b border-line px-3 py-1.5">
        <h2 className="mr-2 font-semibold">{t('compare.title')}</h2>
        <Button icon="close" onClick={back}>
          {t('compare.back')}
        </Button>
        <Button onClick={() => goTo(hrefWith(place, { compare: `${ids[1]},${ids[0]}` }), { replace: true })}>
          {t('compare.swap')}
        </Button>
      </div>
      {left.phase === 'loaded' && right.phase === 'loaded' ? (
        <Both runs={[left.run, right.run]} />
      ) : (
        <NotYet states={[left, right]} />
      )}
    </div>
  )
}

function NotYet({ states }: { states: readonly RunState[] }) {
  const { t } = useTranslation()
  const refusalOf = useRefusal()
  const failed = states.find((state) => state.phase === 'failed')
  if (failed === undefined) return <Notice title={t('loading')} />
  return (
    <Notice title={t('compare.failed')} tone="failed">
      {refusalOf(failed.cause)}
    </Notice>
  )
}

function Both({ runs }: { runs: readonly [Run, Run] }) {
  return (
    <div className="min-h-0 flex-1 overflow-auto">
      <Facts runs={runs} />
      <Outputs runs={runs} />
    </div>
  )
}

function Facts({ runs }: { runs: readonly [Run, Run] }) {
  const { t } = useTranslation()
  const { span } = useFormat()
  const [all, setAll] = useState(false)
  const pairs = useMemo(() => comparePairs(runs[0].task, runs[1].task), [runs])
  const same = pairs.filter((pair) => pair.same).length
  const took = ({ task: { createdAt, startedAt, completedAt } }: Run) =>
    startedAt === null || completedAt === null
      ? '–'
      : t('task.waitedRan', { waited: span(startedAt - createdAt), ran: span(completedAt - startedAt) })
  return (
    <table className="w-full table-fixed text-left">
      <caption className="sr-only">{t('compare.facts')}</caption>
      <thead>
        <tr className="border-b border-line align-top">
          <th className="w-44 px-3 py-2 font-normal text-quiet">{t('compare.fact')}</th>
          {runs.map((run) => (
            <th key={run.task.taskId} className="px-3 py-2 font-normal">
              <Head run={run} />
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        <Pair
          path={t('compare.created')}
          values={[dateTime(runs[0].task.createdAt), dateTime(runs[1].task.createdAt)]}
          same
        />
        <Pair path={t('compare.took')} values={[took(runs[0]), took(runs[1])]} same={false} />
        {pairs
          .filter((pair) => all || !pair.same)
          .map((pair) => (
            <Pair key={pair.path} {...pair} />
          ))}
        <tr>
          <td colSpan={3} className="px-3 py-2">
            <Button onClick={() => setAll(!all)} aria-expanded={all}>
              {all ? t('compare.hideSame') : t('compare.showSame', { count: same })}
            </Button>
          </td>
        </tr>
      </tbody>
    </table>
  )
}

function Head({ run: { task } }: { run: Run }) {
  const { t } = useTranslation()
  const state = taskState(task)
  return (
    <span className="flex flex-wrap items-center gap-x-2">
      <StateMark state={state} />
      <Link
        screen="tasks"
        params={{ task: task.taskId, full: '1' }}
        className="font-semibold underline underline-offset-2"
      >
        {task.name}
      </Link>
      <span className="font-mono text-xs text-quiet">{task.taskId}</span>
      <span className={stateColor[state]}>{t(`phase.${task.phase}`)}</span>
    </span>
  )
}

/** What differs is marked by a sign too, not by colour alone. */
function Pair({ path, values, same }: FactPair) {
  const { t } = useTranslation()
  return (
    <tr className="border-b border-line align-top">
      <th scope="row" className="px-3 py-1 font-normal break-words text-quiet">
        {same ? null : (
          <span className="text-ink" title={t('compare.differs')}>
            ≠{' '}
          </span>
        )}
        {path}
      </th>
      {values.map((value, side) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: left and right never move.
        <td key={side} className={`px-3 py-1 break-words ${same ? 'text-quiet' : ''}`}>
          {value === '' ? <span className="text-quiet">–</span> : reveal(value)}
        </td>
      ))}
    </tr>
  )
}

function Outputs({ runs: [left, right] }: { runs: readonly [Run, Run] }) {
  const { t } = useTranslation()
  const rows = useMemo(() => compareLines(left.lines, right.lines), [left, right])
  return (
    <section aria-label={t('compare.outputs')} className="border-t border-line pb-4">
      <h2 className="px-3 py-2 font-semibold">
        {t('compare.outputs')} <span className="font-normal text-quiet">{t('compare.signs')}</span>
      </h2>
      {left.isCut || right.isCut ? <p className="px-3 pb-1 text-quiet">{t('compare.cut')}</p> : null}
      {rows === null ? <p className="px-3 text-quiet">{t('compare.unlike')}</p> : <Rows rows={rows} />}
    </section>
  )
}

/** Rows that are drawn; further differences are counted. */
const rowsMax = 1_000
const looks = {
  left: 'border-mark-failed bg-raised',
  right: 'border-mark-busy bg-raised',
  both: 'border-transparent text-quiet',
} as const
const signs = { left: '−', right: '+', both: ' ' } as const

function Rows({ rows }: { rows: readonly DiffRow[] }) {
  const { t } = useTranslation()
  if (rows.every((row) => row.kind === 'equal'))
    return <p className="px-3 text-quiet">{t('compare.alike')}</p>
  return (
    <div className="font-mono text-xs">
      {rows.slice(0, rowsMax).map((row, index) =>
        row.kind === 'equal' ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: rows of a comparison never move.
          <p key={index} className="hatched px-3 py-0.5 text-quiet">
            {t('compare.equal', { count: row.count })}
          </p>
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: as above.
          <p key={index} className={`flex gap-2 border-l-2 px-3 py-0.5 ${looks[row.kind]}`}>
            <span aria-hidden="true">{signs[row.kind]}</span>
            {row.kind === 'both' ? null : <span className="sr-only">{t(`compare.only.${row.kind}`)}</span>}
            <span className="min-w-0 whitespace-pre-wrap [overflow-wrap:anywhere]">{reveal(row.text)}</span>
          </p>
        ),
      )}
      {rows.length > rowsMax ? (
        <p className="px-3 py-2 font-sans text-quiet">
          {t('list.cut', { shown: rowsMax, total: rows.length })}
        </p>
      ) : null}
    </div>
  )
}
