/** The page's own script as an index.html names it: its name carries a hash of the whole build. null: none is named. */
export function buildIn(html: string): string | null {
  return /<script[^>]*\ssrc="(\/assets\/[^"]+\.js)"/.exec(html)?.[1] ?? null
}

/** Time from the notice to the load, so that whoever looks can read it. */
export const noticeMs = 10_000

/** What stands in the way of loading the page anew. */
export interface Busy {
  /** A dialog is open, or the focus is where text is typed. */
  readonly isUsed: boolean
  /** A text was begun and not sent. */
  readonly hasDraft: boolean
}

/** A newer build that the leader serves. */
export type NewBuild =
  | { readonly phase: 'none' }
  /** It loads when nobody is busy any more. */
  | { readonly phase: 'waiting'; readonly build: string }
  | { readonly phase: 'counting'; readonly build: string; readonly loadAtMs: number }
  | { readonly phase: 'loading'; readonly build: string }

/** The next state: it counts down only while nobody is busy, and begins anew when somebody was. */
export function stepBuild(state: NewBuild, busy: Busy, nowMs: number): NewBuild {
  if (state.phase === 'none' || state.phase === 'loading') return state
  const { build } = state
  if (busy.isUsed || busy.hasDraft) return { phase: 'waiting', build }
  if (state.phase === 'waiting') return { phase: 'counting', build, loadAtMs: nowMs + noticeMs }
  return nowMs >= state.loadAtMs ? { phase: 'loading', build } : state
}
