import i18next from 'i18next'
import { type Translate, useTranslation, type WordKey } from './translation.js'

/** Words of an act in the reader's language, and in the other one for the palette's search. */
export type BothWords = (
  key: WordKey,
  values?: Readonly<Record<string, string | number>>,
) => { readonly label: string; readonly also: string }

export function useBothWords(): BothWords {
  const { t, i18n } = useTranslation()
  const other = i18next.getFixedT(i18n.language.startsWith('zh') ? 'en' : 'zh') as Translate
  return (key, values = {}) => ({ label: t(key, values), also: other(key, values) })
}
