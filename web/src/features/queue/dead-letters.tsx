import type { RefObject } from 'react'
import { useSelector } from 'react-redux'
import type { WallState } from '../../live/store.js'
import { reveal } from '../../ui/ansi.js'
import { Button } from '../../ui/button.js'
import { useNow } from '../../ui/clock.js'
import { SearchInput } from '../../ui/field.js'
import { useFormat } from '../../ui/format.js'
import { Notice } from '../../ui/panel.js'
import { useTranslation } from '../../ui/translation.js'
import { goTo, hrefWith, usePlace } from '../../ui/url.js'
import { cell } from './queue-row.js'
import { QueueTable } from './queue-table.js'
import { useQueueList } from './use-queue-list.js'

const deadLetter = ['dead_letter'] as const

/** Tasks that were given up, with what ended their attempts; ticked ones are tried again together. */
export function DeadLetters({
  chosen,
  filter,
}: {
  chosen: string | null
  filter: RefObject<HTMLInputElement | null>
}) {
  const { t } = useTranslation()
  const { duration } = useFormat()
  const nowMs = useNow()
  const place = usePlace()
  const text = place.params.get('q') ?? ''
  const set = (params: Record<string, string | null>) => goTo(hrefWith(place, params), { replace: true })
  const list = useQueueList('queue:dead', { phases: deadLetter, text })
  return (
    <>
      <div className="flex shrink-0 items-center gap-2 border-b border-line px-3 py-1.5">
        <p className="min-w-0 text-quiet">{t('queue.deadHint')}</p>
        <SearchInput
          inputRef={filter}
          label={t('task.filterText')}
          value={text}
          onValue={(value) => set({ q: value })}
          className="ml-auto w-56"
        />
      </div>
      <QueueTable
        name={t('queue.view.dead')}
        list={list}
        chosen={chosen}
        acts={['retry']}
        params={{ view: 'dead', q: text }}
        heads={[t('queue.reason'), t('queue.attempts'), t('task.completed')]}
        empty={<Empty filtered={text !== ''} onClear={() => set({ q: null })} />}
      >
        {(task) => (
          <>
            <td className={`${cell} max-w-[36rem] break-words`}>
              {task.error === null ? '–' : reveal(task.error.message)}
            </td>
            <td className={cell}>{task.attempt}</td>
            <td className={`${cell} live-value whitespace-nowrap text-quiet`}>
              {task.completedAt === null
                ? '–'
                : t('ago', { duration: duration(Math.max(0, nowMs - task.completedAt)) })}
            </td>
          </>
        )}
      </QueueTable>
    </>
  )
}

function Empty({ filtered, onClear }: { filtered: boolean; onClear(): void }) {
  const { t } = useTranslation()
  const known = useSelector((state: WallState) => state.summary.known)
  if (!known) return <Notice title={t('empty.unknown')} />
  if (!filtered) return <Notice title={t('queue.emptyDead')}>{t('queue.emptyDeadHint')}</Notice>
  return (
    <Notice title={t('empty.tasksFiltered')} action={<Button onClick={onClear}>{t('clearFilter')}</Button>} />
  )
}
