import type { State } from '../../live/health.js'
import type { Trust } from './node-state.js'
import type { Palette } from './palette.js'

export type SpriteKind = 'master' | 'edge' | 'agent'
/** lit: found or nothing is looked for; dim: something else is looked for. */
export type SpriteLook = 'lit' | 'dim' | 'found'

/** Below this many pixels a shape inside could not be told from a dot: the filling alone says the state. */
const shapePxMin = 9
/** Room around a sprite for its ring, in pixels. */
export const spriteMargin = 3

/**
 * Pictures of nodes at one zoom, each made when it is first drawn: a frame of thousands of nodes is then thousands of
 * copies and no path.
 */
export class Sprites {
  readonly #palette: Palette
  readonly #trust: Trust
  readonly #made = new Map<string, OffscreenCanvas>()

  constructor(palette: Palette, trust: Trust) {
    this.#palette = palette
    this.#trust = trust
  }

  /** `width` and `height` in pixels of the screen, the same for all of a kind. */
  of(kind: SpriteKind, state: State, look: SpriteLook, width: number, height: number): OffscreenCanvas {
    const key = `${kind}/${state}/${look}`
    const made = this.#made.get(key)
    if (made !== undefined) return made
    const sprite = new OffscreenCanvas(
      Math.ceil(width) + 2 * spriteMargin,
      Math.ceil(height) + 2 * spriteMargin,
    )
    const context = sprite.getContext('2d')
    if (context !== null) this.#draw(context, { kind, state, look, width, height })
    this.#made.set(key, sprite)
    return sprite
  }

  #draw(
    context: OffscreenCanvasRenderingContext2D,
    what: { kind: SpriteKind; state: State; look: SpriteLook; width: number; height: number },
  ): void {
    const { kind, state, look, width, height } = what
    const { marks, panel, chosen, strong, accent } = this.#palette
    context.translate(spriteMargin, spriteMargin)
    if (look === 'dim') context.globalAlpha = 0.3
    else if (this.#trust === 'stale') context.globalAlpha = 0.6
    outline(context, kind, width, height)
    const isLoud = state !== 'ok' && state !== 'nodata'
    const isSmall = Math.min(width, height) < shapePxMin
    const isHollow = this.#trust === 'lost' || state === 'nodata'
    if (!isHollow) {
      context.fillStyle = isLoud ? (isSmall ? marks[state] : chosen) : panel
      context.fill()
    }
    context.lineWidth = isLoud ? 1.75 : 1
    context.strokeStyle = state === 'ok' ? strong : marks[state]
    context.stroke()
    if (isHollow) hatch(context, width, height, marks[state])
    if (!isSmall) shape(context, state, width, height, { color: marks[state], isHollow })
    if (look !== 'found') return
    context.globalAlpha = 1
    outline(context, kind, width, height)
    context.lineWidth = 2.5
    context.strokeStyle = accent
    context.stroke()
  }
}

type Context = OffscreenCanvasRenderingContext2D

function outline(context: Context, kind: SpriteKind, width: number, height: number): void {
  context.beginPath()
  if (kind === 'master') context.roundRect(0, 0, width, height, Math.min(8, height / 5))
  else if (kind === 'edge') context.roundRect(0, 0, width, height, height / 2)
  else hexagon(context, width, height)
  context.closePath()
}

function hexagon(context: Context, width: number, height: number): void {
  context.moveTo(width / 2, 0)
  context.lineTo(width, height / 4)
  context.lineTo(width, (height * 3) / 4)
  context.lineTo(width / 2, height)
  context.lineTo(0, (height * 3) / 4)
  context.lineTo(0, height / 4)
}

function hatch(context: Context, width: number, height: number, color: string): void {
  context.save()
  context.clip()
  context.globalAlpha *= 0.45
  context.lineWidth = 1
  context.strokeStyle = color
  context.beginPath()
  for (let x = -height; x < width; x += 5) {
    context.moveTo(x, height)
    context.lineTo(x + height, 0)
  }
  context.stroke()
  context.restore()
}

/** ● ◆ ■ ▲ ○ in the middle, as everywhere on the wall. */
function shape(
  context: Context,
  state: State,
  width: number,
  height: number,
  { color, isHollow }: { readonly color: string; readonly isHollow: boolean },
): void {
  const radius = Math.min(width, height) * (state === 'ok' ? 0.14 : 0.26)
  const [x, y] = [width / 2, height / 2]
  context.beginPath()
  if (state === 'busy')
    polygon(context, [
      [x, y - radius],
      [x + radius, y],
      [x, y + radius],
      [x - radius, y],
    ])
  else if (state === 'waiting') context.rect(x - radius * 0.8, y - radius * 0.8, radius * 1.6, radius * 1.6)
  else if (state === 'failed')
    polygon(context, [
      [x, y - radius],
      [x + radius, y + radius * 0.8],
      [x - radius, y + radius * 0.8],
    ])
  else context.arc(x, y, radius, 0, 2 * Math.PI)
  context.fillStyle = color
  context.strokeStyle = color
  context.lineWidth = 1.25
  if (isHollow) context.stroke()
  else context.fill()
}

function polygon(context: Context, corners: readonly (readonly [number, number])[]): void {
  for (const [x, y] of corners) context.lineTo(x, y)
  context.closePath()
}
