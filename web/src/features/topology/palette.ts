import type { LinkHealth, State } from '../../live/health.js'

/** The page's colours as a canvas needs them: one theme's tokens, read once. */
export interface Palette {
  readonly marks: Readonly<Record<State, string>>
  readonly links: Readonly<Record<LinkHealth, string>>
  readonly panel: string
  readonly chosen: string
  readonly strong: string
  readonly ink: string
  readonly quiet: string
  readonly accent: string
}

export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element)
  const token = (name: string) => style.getPropertyValue(`--${name}`).trim()
  const marks = {
    ok: token('mark-ok'),
    busy: token('mark-busy'),
    waiting: token('mark-waiting'),
    failed: token('mark-failed'),
    nodata: token('quiet'),
  }
  return {
    marks,
    links: { ok: marks.ok, slow: marks.waiting, stale: token('quiet'), down: marks.failed },
    panel: token('panel'),
    chosen: token('chosen'),
    strong: token('strong'),
    ink: token('ink'),
    quiet: token('quiet'),
    accent: token('busy'),
  }
}

/** Form of a line by health, in pixels on screen; [] = unbroken. The legend shows the same. */
export const linkDashes: Readonly<Record<LinkHealth, readonly number[]>> = {
  ok: [],
  slow: [8, 4],
  stale: [1, 5],
  down: [3, 7],
}
/** Worse ones are drawn over better ones. */
export const healthsByWorth: readonly LinkHealth[] = ['ok', 'slow', 'stale', 'down']
