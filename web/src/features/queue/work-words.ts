import type { Work } from '../../live/protocol.js'
import type { MarkState } from '../../ui/state-mark.js'
import { useTranslation } from '../../ui/translation.js'

/** What a work item is: a batch of so many tasks, or an act on all tasks of a filter. */
export function useWorkTitle(): (work: Work) => string {
  const { t } = useTranslation()
  return ({ kind, action, total }) =>
    kind === 'batch' || action === null
      ? t('work.batch', { count: total })
      : t('work.acts', { act: t(`act.${action}`) })
}

/** What came of it so far; nothing is said of what there is none. */
export function useWorkResult(): (work: Work) => readonly string[] {
  const { t } = useTranslation()
  return ({ kind, done, unchanged, refused }) => [
    t(kind === 'batch' ? 'work.made' : 'work.done', { count: done }),
    ...(unchanged === 0
      ? []
      : [t(kind === 'batch' ? 'work.existed' : 'work.unchanged', { count: unchanged })]),
    ...(refused === 0 ? [] : [t('work.refused', { count: refused })]),
  ]
}

export function workMark({ state }: Work): MarkState {
  switch (state) {
    case 'running':
      return 'busy'
    case 'failed':
      return 'failed'
    case 'done':
    case 'cancelled':
      return 'ok'
  }
}
