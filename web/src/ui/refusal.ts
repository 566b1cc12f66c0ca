import i18next from 'i18next'
import { type Translate, useTranslation, type WordKey } from './translation.js'

/** A code in words; one that this wall does not know stands for itself. */
export function refusalWord(t: Translate, code: string): string {
  const key = `refusal.word.${code}`
  return i18next.exists(key) ? t(key as WordKey) : code
}

/** By its code, in the language of the page; the leader's own sentence follows as the detail. */
export function refusalWords(
  t: Translate,
  { code, message }: { readonly code: string; readonly message: string },
): string {
  if (code === 'unreachable') return t('error.unreachable')
  const word = refusalWord(t, code)
  return word === code ? message : t('refusal.text', { word, message })
}

/** Says why a call failed. */
export function useRefusal(): (cause: unknown) => string {
  const { t } = useTranslation()
  return (cause) => {
    if (!(cause instanceof Error)) return String(cause)
    const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : ''
    return refusalWords(t, { code, message: cause.message })
  }
}
