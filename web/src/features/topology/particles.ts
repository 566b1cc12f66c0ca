import type { Viewport } from './painter.js'

/** Dots on all links together, and how often they step. */
const particlesMax = 200
const frameMs = 1000 / 30
const perWay = 4
/** Pixels of the map in one second. */
const speed = 90

export interface Way {
  readonly points: readonly { readonly x: number; readonly y: number }[]
  readonly color: string
}

/** Dots that wander along few links, on a canvas of their own: nothing else is drawn anew for them. */
export class Particles {
  readonly #canvas: HTMLCanvasElement
  #ways: readonly Way[] = []
  #viewport: Viewport = { x: 0, y: 0, zoom: 1 }
  #request = 0
  #drawnAtMs = 0

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas
  }

  /** No way: everything stands still, and nothing is asked of the browser. */
  setWays(ways: readonly Way[]): void {
    this.#ways = ways.slice(0, particlesMax / perWay)
    if (this.#ways.length === 0) this.stop()
    else if (this.#request === 0) this.#request = requestAnimationFrame((nowMs) => this.#step(nowMs))
  }

  setViewport(viewport: Viewport): void {
    this.#viewport = viewport
  }

  stop(): void {
    cancelAnimationFrame(this.#request)
    this.#request = 0
    this.#canvas.getContext('2d')?.clearRect(0, 0, this.#canvas.width, this.#canvas.height)
  }

  #step(nowMs: number): void {
    this.#request = requestAnimationFrame((nextMs) => this.#step(nextMs))
    if (nowMs - this.#drawnAtMs < frameMs - 2) return
    this.#drawnAtMs = nowMs
    this.#draw(nowMs)
  }

  #draw(nowMs: number): void {
    const context = this.#canvas.getContext('2d')
    if (context === null) return
    context.clearRect(0, 0, this.#canvas.width, this.#canvas.height)
    const ratio = devicePixelRatio || 1
    const { x, y, zoom } = this.#viewport
    for (const { points, color } of this.#ways) {
      context.fillStyle = color
      for (let n = 0; n < perWay; n += 1) {
        const at = pointAlong(points, (nowMs / 1000) * speed, n / perWay)
        context.beginPath()
        context.arc((x + at.x * zoom) * ratio, (y + at.y * zoom) * ratio, 2.5 * ratio, 0, 2 * Math.PI)
        context.fill()
      }
    }
  }
}

/** Where a dot is that has wandered this far, and begun at this fraction of the way; at its end it begins again. */
export function pointAlong(
  points: Way['points'],
  distance: number,
  start: number,
): { readonly x: number; readonly y: number } {
  const lengths = points.slice(1).map((point, index) => {
    const from = points[index]
    return from === undefined ? 0 : Math.abs(point.x - from.x) + Math.abs(point.y - from.y)
  })
  const total = lengths.reduce((sum, length) => sum + length, 0)
  let left = total === 0 ? 0 : (distance + start * total) % total
  for (const [index, length] of lengths.entries()) {
    const [from, to] = [points[index], points[index + 1]]
    if (from === undefined || to === undefined) break
    if (left <= length && length > 0) {
      const part = left / length
      return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part }
    }
    left -= length
  }
  return points.at(-1) ?? { x: 0, y: 0 }
}
