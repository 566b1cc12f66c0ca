import type { Ref } from 'react'
import { useSelector } from 'react-redux'
import type { LineLevel, LineQuery } from '../../live/protocol.js'
import { selectWorkerIds } from '../../live/selectors.js'
import { SearchInput, Select } from '../../ui/field.js'
import { useTranslation } from '../../ui/translation.js'

const levels: readonly LineLevel[] = ['debug', 'info', 'warning', 'error']
export const isLevel = (value: string | null): value is LineLevel => levels.some((level) => level === value)

/** Node, level and words; the level is the lowest one shown. */
export function LogFilters({
  query,
  onQuery,
  inputRef,
}: {
  query: LineQuery
  onQuery(query: LineQuery): void
  inputRef?: Ref<HTMLInputElement>
}) {
  const { t } = useTranslation()
  const workerIds = useSelector(selectWorkerIds)
  return (
    <>
      <Select
        aria-label={t('log.filterNode')}
        value={query.nodeId ?? ''}
        onChange={(event) => onQuery({ ...query, nodeId: event.target.value || null })}
        choices={[
          { value: '', label: t('task.allMasters') },
          ...workerIds.map((workerId) => ({ value: workerId, label: workerId })),
        ]}
      />
      <Select
        aria-label={t('log.filterLevel')}
        value={query.level ?? ''}
        onChange={(event) =>
          onQuery({ ...query, level: isLevel(event.target.value) ? event.target.value : null })
        }
        choices={[
          { value: '', label: t('log.allLevels') },
          ...levels.slice(1).map((level) => ({
            value: level,
            label: level === 'error' ? t('level.error') : t('log.levelUp', { level: t(`level.${level}`) }),
          })),
        ]}
      />
      <SearchInput
        inputRef={inputRef ?? null}
        label={t('log.filterText')}
        value={query.text}
        onValue={(text) => onQuery({ ...query, text })}
        className="w-44"
      />
    </>
  )
}
