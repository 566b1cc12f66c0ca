import { live } from '../../live/live.js'
import { wayOf } from './link-shape.js'
import type { MasterReading } from './node-state.js'
import { trustOf } from './node-state.js'
import { Painter, type Viewport } from './painter.js'
import { type Palette, readPalette } from './palette.js'
import { Particles, type Way } from './particles.js'
import { readMasters, type Scene } from './scene.js'

/** However much changes, states on the map are read at most this often. */
const readIntervalMs = 100
/** Without any news ages still grow: a link turns stale by itself. */
const idleReadMs = 1_000
/** A frame that takes longer to draw says that the machine is busy: dots stand still then. */
const busyDrawMs = 10
const busiestMax = 3
/** While the map is moved, states are read less often: each reading draws everything anew. */
const movedReadIntervalMs = 500
/** How far the picture reaches beyond the frame on each side, in parts of the frame: so far it is moved as it is. */
const overhang = 0.3

export interface StageWords {
  more(count: number): string
  readonly none: string
}

/** Keeps the map's canvases up to date: with what the store holds, where the map is moved to, and how the page looks. */
export class Stage {
  readonly #frame: HTMLElement
  readonly #base: HTMLCanvasElement
  readonly #dots: HTMLCanvasElement
  readonly #painter: Painter
  readonly #particles: Particles
  readonly #ends: (() => void)[] = []
  #scene: Scene | null = null
  #readings: ReadonlyMap<string, MasterReading> = new Map()
  #palette: Palette
  #words: StageWords = { more: String, none: '' }
  #viewport: Viewport = { x: 0, y: 0, zoom: 1 }
  /** Where the picture on the base canvas was drawn for; null = it must be drawn anew. */
  #drawn: Viewport | null = null
  #beyond = { x: 0, y: 0 }
  #request = 0
  #readTimer: ReturnType<typeof setTimeout> | undefined
  #lastReadMs = 0
  #drawMs = 0
  #mayMove = false
  #isMoved = false

  constructor(frame: HTMLElement, base: HTMLCanvasElement, dots: HTMLCanvasElement) {
    this.#frame = frame
    this.#base = base
    this.#dots = dots
    this.#painter = new Painter(base)
    this.#particles = new Particles(dots)
    this.#palette = readPalette(frame)
    this.#painter.setPalette(this.#palette)
    const size = new ResizeObserver(() => this.#resize())
    size.observe(frame)
    const theme = new MutationObserver(() => this.#themeChanged())
    theme.observe(document.documentElement, {
      attributes: true,
      attributeFilter: ['data-theme', 'class', 'style'],
    })
    const clock = setInterval(() => this.#readSoon(), idleReadMs)
    this.#ends.push(
      () => size.disconnect(),
      () => theme.disconnect(),
      () => clearInterval(clock),
      live.store.subscribe(() => this.#readSoon()),
    )
  }

  end(): void {
    for (const end of this.#ends) end()
    clearTimeout(this.#readTimer)
    cancelAnimationFrame(this.#request)
    this.#request = -1
    this.#particles.stop()
  }

  setScene(scene: Scene, words: StageWords): void {
    this.#scene = scene
    this.#words = words
    this.#painter.setScene(scene)
    this.#read()
  }

  setViewport(viewport: Viewport): void {
    this.#viewport = viewport
    this.#particles.setViewport(viewport)
    if (!this.#shift()) this.#drawSoon()
  }

  /** `mayMove`: nobody asked for stillness. `isMoved`: a person moves the map now. */
  setMotion(mayMove: boolean, isMoved: boolean): void {
    this.#mayMove = mayMove
    this.#isMoved = isMoved
    this.#moveDots()
  }

  #resize(): void {
    const ratio = devicePixelRatio || 1
    const { clientWidth, clientHeight } = this.#frame
    this.#beyond = { x: Math.round(clientWidth * overhang), y: Math.round(clientHeight * overhang) }
    const { x, y } = this.#beyond
    sizeTo(this.#dots, { width: clientWidth, height: clientHeight, ratio })
    sizeTo(this.#base, { width: clientWidth + 2 * x, height: clientHeight + 2 * y, ratio })
    this.#base.style.left = `${-x}px`
    this.#base.style.top = `${-y}px`
    this.#draw()
  }

  /** Moves the picture as it is; false: the map was zoomed, or moved beyond what is drawn. */
  #shift(): boolean {
    if (this.#drawn === null || this.#drawn.zoom !== this.#viewport.zoom) return false
    const [x, y] = [this.#viewport.x - this.#drawn.x, this.#viewport.y - this.#drawn.y]
    if (Math.abs(x) > this.#beyond.x || Math.abs(y) > this.#beyond.y) return false
    this.#base.style.transform = `translate(${x}px, ${y}px)`
    return true
  }

  #themeChanged(): void {
    this.#palette = readPalette(this.#frame)
    this.#painter.setPalette(this.#palette)
    this.#read()
  }

  #readSoon(): void {
    if (this.#readTimer !== undefined) return
    const intervalMs = this.#isMoved ? movedReadIntervalMs : readIntervalMs
    const waitMs = Math.max(0, this.#lastReadMs + intervalMs - performance.now())
    this.#readTimer = setTimeout(() => {
      this.#readTimer = undefined
      this.#read()
    }, waitMs)
  }

  #read(): void {
    if (this.#scene === null) return
    this.#lastReadMs = performance.now()
    const state = live.store.getState()
    this.#readings = readMasters(this.#scene.masters, state, Date.now())
    this.#painter.setReadings(this.#readings, trustOf(state.connection))
    this.#moveDots()
    this.#drawSoon()
  }

  #drawSoon(): void {
    if (this.#request !== 0) return
    this.#request = requestAnimationFrame(() => {
      this.#request = 0
      this.#draw()
    })
  }

  #draw(): void {
    const startMs = performance.now()
    const { x, y, zoom } = this.#viewport
    const shown = { x: x + this.#beyond.x, y: y + this.#beyond.y, zoom }
    this.#painter.draw(shown, devicePixelRatio || 1, this.#words)
    this.#base.style.transform = ''
    this.#drawn = this.#viewport
    this.#drawMs = performance.now() - startMs
  }

  #moveDots(): void {
    const isStill = !this.#mayMove || this.#isMoved || this.#drawMs > busyDrawMs || document.hidden
    this.#particles.setWays(isStill ? [] : this.#ways())
  }

  /** Slow links, the selected one and the busiest ones; on a link that carries nothing nothing moves. */
  #ways(): readonly Way[] {
    const { masters = [], selected = null } = this.#scene ?? {}
    const { workers } = live.store.getState()
    const busyOf = (id: string) => workers[id]?.busyAgents ?? 0
    const carrying = masters.filter(({ id }) => {
      const health = this.#readings.get(id)?.health
      return health === 'ok' || health === 'slow'
    })
    const busiest = carrying
      .filter(({ id }) => busyOf(id) > 0)
      .sort((a, b) => busyOf(b.id) - busyOf(a.id))
      .slice(0, busiestMax)
    const isSelected = (id: string) => selected === id || selected?.startsWith(`${id}/`) === true
    const chosen = carrying.filter(({ id }) => this.#readings.get(id)?.health === 'slow' || isSelected(id))
    return [...new Set([...chosen, ...busiest])].map(({ id, box }) => ({
      points: wayOf(box),
      color: this.#palette.links[this.#readings.get(id)?.health ?? 'ok'],
    }))
  }
}

function sizeTo(
  canvas: HTMLCanvasElement,
  { width, height, ratio }: { readonly width: number; readonly height: number; readonly ratio: number },
): void {
  canvas.width = Math.round(width * ratio)
  canvas.height = Math.round(height * ratio)
  canvas.style.width = `${width}px`
  canvas.style.height = `${height}px`
}
