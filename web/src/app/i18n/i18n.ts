import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'
import type { EnglishKey } from './en.js'
import { en } from './en.js'
import { zh } from './zh.js'

declare module '../../ui/translation.js' {
  interface Dictionary {
    readonly key: EnglishKey
  }
}

/** Both languages are part of the page: a change needs no load. */
export function startWords(language: 'en' | 'zh'): void {
  void i18next.use(initReactI18next).init({
    resources: { en: { translation: flat(en) }, zh: { translation: flat(zh) } },
    lng: language,
    fallbackLng: 'en',
    keySeparator: false,
    // React escapes already.
    interpolation: { escapeValue: false },
    initAsync: false,
  })
}

export function speak(language: 'en' | 'zh'): void {
  if (i18next.language !== language) void i18next.changeLanguage(language)
}

/** A tree of words → `a.b.c`: text. */
export function flat(words: object, path = ''): Record<string, string> {
  const texts: Record<string, string> = {}
  for (const [key, value] of Object.entries(words)) {
    if (typeof value === 'string') texts[`${path}${key}`] = value
    else Object.assign(texts, flat(value as object, `${path}${key}.`))
  }
  return texts
}
