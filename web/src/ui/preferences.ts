import { useSyncExternalStore } from 'react'

export type Theme = 'system' | 'light' | 'dark'
export type Language = 'en' | 'zh'

/** A filter of a screen, kept by name: its parameters in the address. */
export interface SavedFilter {
  readonly screen: string
  readonly name: string
  readonly params: Readonly<Record<string, string>>
}

/** What a person chose for this browser. The address (`?lang=zh&theme=dark`) goes before it. */
export interface Preferences {
  readonly theme: Theme
  readonly language: Language
  readonly chatOpen: boolean
  /** The big screen: its diagonal in inches and the distance people stand at in metres. */
  readonly wallInches: number
  readonly wallMetres: number
  readonly savedFilters: readonly SavedFilter[]
  /** Keys in place of the standard ones, by the id of the act. */
  readonly keys: Readonly<Record<string, string>>
}

const key = 'agentflow.preferences'
const languageOf = (language: string | null | undefined): Language =>
  language?.toLowerCase().startsWith('zh') === true ? 'zh' : 'en'

function read(): Preferences {
  const base: Preferences = {
    theme: 'system',
    language: languageOf(typeof navigator === 'undefined' ? 'en' : navigator.language),
    chatOpen: true,
    wallInches: 65,
    wallMetres: 5,
    savedFilters: [],
    keys: {},
  }
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key) ?? '{}')
    return typeof kept === 'object' && kept !== null ? { ...base, ...kept } : base
  } catch {
    return base
  }
}

let preferences = read()
const listeners = new Set<() => void>()

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function setPreferences(change: Partial<Preferences>): void {
  preferences = { ...preferences, ...change }
  // A browser that keeps nothing still shows the choice until it is closed.
  try {
    localStorage.setItem(key, JSON.stringify(preferences))
  } catch {
    // Kept in memory only.
  }
  for (const listener of listeners) listener()
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribe, () => preferences)
}

export function themeIn(params: URLSearchParams, preferred: Theme): Theme {
  const asked = params.get('theme')
  return asked === 'light' || asked === 'dark' ? asked : preferred
}

export function languageIn(params: URLSearchParams, preferred: Language): Language {
  const asked = params.get('lang')
  return asked === null ? preferred : languageOf(asked)
}

/** Pixels of one minute of arc on a screen of this diagonal, seen from this distance. 16:9 is assumed. */
export function arcMinutePx(screenWidthPx: number, inches: number, metres: number): number {
  const widthMetres = inches * 0.0254 * (16 / Math.hypot(16, 9))
  return ((metres * Math.tan(Math.PI / 180 / 60)) / widthMetres) * screenWidthPx
}
