import { type RefObject, useRef } from 'react'
import { useBothWords } from './both-words.js'
import { useKeys } from './keys.js'
import { useTranslation } from './translation.js'

/** j and k move the focus between the rows (`data-row`) of a list; `/` goes to its filter. */
export function useRowKeys(list: RefObject<HTMLElement | null>): {
  filter: RefObject<HTMLInputElement | null>
} {
  const { t } = useTranslation()
  const words = useBothWords()
  const filter = useRef<HTMLInputElement>(null)
  const group = t('keys.lists')
  useKeys([
    { keys: 'j', label: t('keys.next'), group, inPalette: false, run: () => moveRow(list.current, 1) },
    { keys: 'k', label: t('keys.previous'), group, inPalette: false, run: () => moveRow(list.current, -1) },
    {
      keys: '/',
      ...words('keys.filter'),
      group,
      run: () => {
        filter.current?.focus()
        filter.current?.select()
        return filter.current !== null
      },
    },
  ])
  return { filter }
}

function moveRow(list: HTMLElement | null, by: 1 | -1): boolean {
  const rows = [...(list?.querySelectorAll<HTMLElement>('[data-row]') ?? [])].sort(
    (a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top,
  )
  const at = rows.indexOf(document.activeElement as HTMLElement)
  const next = at < 0 ? rows[by === 1 ? 0 : rows.length - 1] : rows[at + by]
  next?.focus()
  return rows.length > 0
}
