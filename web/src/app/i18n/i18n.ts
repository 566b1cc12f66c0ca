import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'
import { en } from './en.js'
import { zh } from './zh.js'

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: typeof en }
  }
}

/** Both languages are part of the page: a change needs no load. */
export function startWords(language: 'en' | 'zh'): void {
  void i18next.use(initReactI18next).init({
    resources: { en: { translation: en }, zh: { translation: zh } },
    lng: language,
    fallbackLng: 'en',
    // React escapes already.
    interpolation: { escapeValue: false },
    initAsync: false,
  })
}

export function speak(language: 'en' | 'zh'): void {
  if (i18next.language !== language) void i18next.changeLanguage(language)
}
