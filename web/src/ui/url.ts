import { useSyncExternalStore } from 'react'

/** Where the page is: the screen and its parameters. The address bar is the only copy of this state. */
export interface Place {
  readonly screen: string
  readonly params: URLSearchParams
}

/** Parameters that describe the page, not the screen: they stay when the screen changes. */
const sticky = ['wall', 'scenes', 'every', 'lang', 'theme', 'at'] as const

export function placeOf(url: string): Place {
  const { pathname, searchParams } = new URL(url, 'http://wall')
  return { screen: pathname.split('/')[1] ?? '', params: searchParams }
}

/** Address of a screen with these parameters; sticky ones come from `here`. null removes a parameter. */
export function hrefTo(
  here: Place,
  screen: string,
  params: Readonly<Record<string, string | null>> = {},
): string {
  const next = new URLSearchParams()
  for (const name of sticky) {
    const value = here.params.get(name)
    if (value !== null) next.set(name, value)
  }
  for (const [name, value] of Object.entries(params)) {
    if (value === null || value === '') next.delete(name)
    else next.set(name, value)
  }
  const search = next.toString()
  return `/${screen}${search === '' ? '' : `?${search}`}`
}

/** Address of the same screen with some parameters changed and the rest kept. */
export function hrefWith(here: Place, params: Readonly<Record<string, string | null>>): string {
  return hrefTo(here, here.screen, { ...Object.fromEntries(here.params), ...params })
}

let href = typeof location === 'undefined' ? 'http://wall/' : location.href
let place = placeOf(href)
const listeners = new Set<() => void>()

function refresh(): void {
  href = location.href
  place = placeOf(href)
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) addEventListener('popstate', refresh)
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) removeEventListener('popstate', refresh)
  }
}

export function usePlace(): Place {
  return useSyncExternalStore(subscribe, () => place)
}

/** Goes to an address of this page. `replace`: Back skips what is left. */
export function goTo(to: string, options: { readonly replace?: boolean } = {}): void {
  if (options.replace === true) history.replaceState(null, '', to)
  else history.pushState(null, '', to)
  refresh()
}

export const currentPlace = (): Place => place
