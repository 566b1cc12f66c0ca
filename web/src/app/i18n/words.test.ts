import { expect, it } from 'vitest'
import { errorCatalogue } from '../../../../src/core/errors.js'
import { en } from './en.js'
import { flat as flatten } from './i18n.js'
import { zh } from './zh.js'

const flat = (words: object) => Object.entries(flatten(words))
/** Chinese has no plural: one form stands for both. */
const withoutPlural = (key: string) => key.replace(/_(one|other)$/, '')
const keysOf = (words: object) => [...new Set(flat(words).map(([key]) => withoutPlural(key)))].sort()
const placeholders = (text: string) =>
  [...text.matchAll(/\{\{(\w+)[^}]*\}\}/g)].map((match) => match[1]).sort()

it('both languages have the same keys', () => {
  expect(keysOf(zh)).toEqual(keysOf(en))
})

it('no text is empty', () => {
  expect([...flat(en), ...flat(zh)].filter(([, text]) => text.trim() === '')).toEqual([])
})

it('each Chinese text fills in what the English one does; a name may become a number', () => {
  const english = new Map(flat(en).filter(([key]) => !key.endsWith('_one')))
  const wrong = flat(zh).filter(([key, text]) => {
    const wanted = placeholders(english.get(key) ?? '')
    return JSON.stringify(placeholders(text)) !== JSON.stringify(wanted)
  })
  expect(wrong).toEqual([])
})

it('Chinese is Chinese: words of more than a name are translated', () => {
  const same = flat(zh).filter(
    ([key, text]) => text === new Map(flat(en)).get(key) && /[a-z]{3}/.test(text.replace(/\{\{\w+\}\}/g, '')),
  )
  expect(same.map(([, text]) => text)).toEqual(['Claude'])
})

it('every code of a refusal has words', () => {
  expect(Object.keys(en.refusal.word).sort()).toEqual(Object.keys(errorCatalogue).sort())
})
