import { dateTime } from '../../ui/format.js'
import { useTranslation } from '../../ui/translation.js'
import { useReasonWord } from './why.js'

/** What the tasks of a bulk act have in common, in words: as a person chose it in a list, or as a program asked for it. */
export function useFilterWords(): (filter: Readonly<Record<string, unknown>>) => readonly string[] {
  const { t } = useTranslation()
  const reasonOf = useReasonWord()
  return (filter) =>
    Object.entries(filter).flatMap(([name, value]): string[] => {
      const text = String(value)
      switch (name) {
        case 'status':
          return [t(`segment.${text as 'pending'}`)]
        case 'phase':
          return [t(`phase.${text as 'queued'}`)]
        case 'project':
          return [t('filter.project', { name: text })]
        case 'workerId':
        case 'loadOf':
          return [t('filter.master', { name: text })]
        case 'tag':
          return [t('filter.tag', { name: text })]
        case 'text':
        case 'words':
          return [t('filter.words', { text })]
        case 'reason':
          return [reasonOf(text)]
        case 'priorityMin':
          return [t('filter.priorityMin', { priority: text })]
        case 'priorityMax':
          return [t('filter.priorityMax', { priority: text })]
        case 'createdBefore':
          return [t('filter.before', { time: dateTime(Number(value)) })]
        case 'createdAfter':
          return [t('filter.after', { time: dateTime(Number(value)) })]
        default:
          return [`${name} ${text}`]
      }
    })
}
