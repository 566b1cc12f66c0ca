import { useTranslation as useI18next } from 'react-i18next'

/** `key`: every key of the words, plural forms too. The dictionary itself (app/i18n) names them here. */
// biome-ignore lint/suspicious/noEmptyInterface: filled where the words are.
export interface Dictionary {}

/** A key as code writes it: `{count}` chooses between `_one` and `_other`. */
type Spoken<Key> = Key extends `${infer Name}_one` | `${infer Name}_other` ? Name : Key
export type WordKey = Dictionary extends { readonly key: infer Key } ? Spoken<Key> & string : never

/** The words of a key in the page's language, its blanks filled in. */
export type Translate = (key: WordKey, values?: Readonly<Record<string, unknown>>) => string

/**
 * react-i18next's hook with keys that are checked by a plain union: the library's own types go through every key at
 * every call, and there are more than they can bear.
 */
export function useTranslation(): { readonly t: Translate; readonly i18n: { readonly language: string } } {
  const { t, i18n } = useI18next()
  return { t: t as Translate, i18n }
}
