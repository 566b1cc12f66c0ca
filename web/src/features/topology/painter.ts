import type { LinkHealth } from '../../live/health.js'
import type { Box } from './layout.js'
import { agentLinksPath, linksPath } from './link-shape.js'
import { isBad, type MasterReading, type Trust } from './node-state.js'
import { healthsByWorth, linkDashes, type Palette } from './palette.js'
import type { Scene, SceneMaster } from './scene.js'
import { type SpriteLook, Sprites, spriteMargin } from './sprites.js'

export interface Viewport {
  readonly x: number
  readonly y: number
  readonly zoom: number
}

/** Below this zoom the lines from masters to agents are shorter than they are wide. */
const agentLinksZoomMin = 0.35
/** Names written on the map at once; the tree has the others. */
const namesMax = 200
/** A master as wide as this has room for its name; one that is not well is named at any width. */
const namedPxMin = 84

/** The lines of one health, as they were last seen. */
interface Lines {
  readonly masters: Path2D
  readonly agents: Path2D
}

/** Draws links and hexes on one canvas: whole frames, at most one a frame of the screen. */
export class Painter {
  readonly #canvas: HTMLCanvasElement
  readonly #context: CanvasRenderingContext2D | null
  #scene: Scene | null = null
  #readings: ReadonlyMap<string, MasterReading> = new Map()
  #palette: Palette | null = null
  #trust: Trust = 'live'
  #lines = new Map<LinkHealth, Lines>()
  #linesKey = ''
  #sprites: Sprites | null = null
  #spritesKey = ''

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas
    this.#context = canvas.getContext('2d')
  }

  setPalette(palette: Palette): void {
    this.#palette = palette
    this.#spritesKey = ''
  }

  setScene(scene: Scene): void {
    this.#scene = scene
    this.#linesKey = ''
  }

  setReadings(readings: ReadonlyMap<string, MasterReading>, trust: Trust): void {
    this.#readings = readings
    this.#trust = trust
  }

  /** `ratio`: pixels of the screen for one of the page. */
  draw(viewport: Viewport, ratio: number, words: { more(count: number): string; none: string }): void {
    const [context, scene, palette] = [this.#context, this.#scene, this.#palette]
    if (context === null || scene === null || palette === null) return
    context.setTransform(1, 0, 0, 1, 0, 0)
    context.clearRect(0, 0, this.#canvas.width, this.#canvas.height)
    const zoom = viewport.zoom * ratio
    const [x, y] = [viewport.x * ratio, viewport.y * ratio]
    context.setTransform(zoom, 0, 0, zoom, x, y)
    this.#drawLinks(context, scene, palette, { zoom: viewport.zoom, px: 1 / viewport.zoom })
    this.#drawWords(context, scene, palette, { px: 1 / viewport.zoom, words })
    context.setTransform(1, 0, 0, 1, 0, 0)
    this.#drawNodes(context, scene, palette, { x, y, zoom })
  }

  #drawLinks(
    context: CanvasRenderingContext2D,
    scene: Scene,
    palette: Palette,
    { zoom, px }: { readonly zoom: number; readonly px: number },
  ): void {
    this.#shapeLines(scene)
    for (const health of healthsByWorth) {
      const lines = this.#lines.get(health)
      if (lines === undefined) continue
      context.strokeStyle = palette.links[health]
      context.lineCap = health === 'stale' ? 'round' : 'butt'
      // Forms are of the screen: a dash of the map would be a dot from afar.
      const scale = Math.max(1, px)
      context.setLineDash(linkDashes[health].map((length) => length * scale))
      context.globalAlpha = this.#trust === 'live' ? 1 : 0.7
      context.lineWidth = Math.max(2, 1.25 * px)
      context.stroke(lines.masters)
      if (zoom < agentLinksZoomMin) continue
      context.globalAlpha *= 0.7
      context.lineWidth = 1.25
      context.stroke(lines.agents)
    }
    context.globalAlpha = 1
    context.setLineDash([])
  }

  /** Paths are made anew only when a link changed its health. */
  #shapeLines(scene: Scene): void {
    const healthOf = ({ id }: SceneMaster) => this.#readings.get(id)?.health ?? 'stale'
    const key = scene.masters.map(healthOf).join()
    if (key === this.#linesKey) return
    this.#linesKey = key
    this.#lines = new Map()
    for (const health of healthsByWorth) {
      const masters = scene.masters.filter((master) => healthOf(master) === health)
      if (masters.length === 0) continue
      const agents = masters.flatMap(({ box, agents }) =>
        agents.map((agent) => ({ master: box, agent: agent.box })),
      )
      this.#lines.set(health, {
        masters: new Path2D(linksPath(masters.map(({ box }) => box))),
        agents: new Path2D(agentLinksPath(agents)),
      })
    }
  }

  #drawWords(
    context: CanvasRenderingContext2D,
    scene: Scene,
    palette: Palette,
    { px, words }: { readonly px: number; readonly words: { more(count: number): string; none: string } },
  ): void {
    const size = Math.max(12, 11 * px)
    context.font = `600 ${Math.max(16, size * 1.2)}px ${fontOf(this.#canvas)}`
    context.fillStyle = palette.ink
    context.textAlign = 'left'
    for (const { name, x, y } of scene.placed.groups) context.fillText(name === '' ? words.none : name, x, y)
    context.font = `${size}px ${fontOf(this.#canvas)}`
    context.fillStyle = palette.quiet
    context.textAlign = 'center'
    // From afar these words would cover their neighbours.
    if (px > 2.5) return
    for (const { id, box, agents } of scene.masters) {
      const more = scene.placed.hidden[id] ?? 0
      if (more === 0) continue
      const bottom = Math.max(box.y + box.height, ...agents.map((agent) => agent.box.y + agent.box.height))
      context.fillText(words.more(more), box.x + box.width / 2, bottom + size + 4)
    }
  }

  #drawNodes(
    context: CanvasRenderingContext2D,
    scene: Scene,
    palette: Palette,
    at: { readonly x: number; readonly y: number; readonly zoom: number },
  ): void {
    const sprites = this.#spritesAt(at.zoom, palette)
    const { width, height } = this.#canvas
    const paint = (box: Box, draw: (x: number, y: number, w: number, h: number) => void) => {
      const [x, y] = [at.x + box.x * at.zoom, at.y + box.y * at.zoom]
      const [w, h] = [box.width * at.zoom, box.height * at.zoom]
      if (x < width && y < height && x + w > 0 && y + h > 0) draw(Math.round(x), Math.round(y), w, h)
    }
    const lookOf = (id: string): SpriteLook =>
      scene.selected === id ? 'found' : scene.found === null ? 'lit' : scene.found.has(id) ? 'found' : 'dim'
    const named: { readonly id: string; readonly x: number; readonly y: number }[] = []
    for (const { id, box, isEdge, agents } of scene.masters) {
      const reading = this.#readings.get(id)
      if (!scene.cards.has(id)) {
        const state = reading?.state ?? 'nodata'
        paint(box, (x, y, w, h) => {
          const sprite = sprites.of(isEdge ? 'edge' : 'master', state, lookOf(id), w, h)
          context.drawImage(sprite, x - spriteMargin, y - spriteMargin)
          if ((isBad(state) || w >= namedPxMin) && named.length < namesMax)
            named.push({ id, x: x + w / 2, y })
        })
      }
      if (!scene.drawsAgents) continue
      for (const agent of agents) {
        paint(agent.box, (x, y, w, h) => {
          const sprite = sprites.of('agent', reading?.agents[agent.index] ?? 'nodata', lookOf(agent.id), w, h)
          context.drawImage(sprite, x - spriteMargin, y - spriteMargin)
        })
      }
    }
    this.#drawNames(context, palette, named)
  }

  /** Who is not well is named, on a ground of its own so that lines do not cross the word. */
  #drawNames(
    context: CanvasRenderingContext2D,
    palette: Palette,
    named: readonly { readonly id: string; readonly x: number; readonly y: number }[],
  ): void {
    const size = 11 * (devicePixelRatio || 1)
    context.font = `600 ${size}px ${fontOf(this.#canvas)}`
    context.textAlign = 'center'
    for (const { id, x, y } of named) {
      const width = context.measureText(id).width
      context.fillStyle = palette.panel
      context.fillRect(x - width / 2 - 3, y - size - 5, width + 6, size + 4)
      context.fillStyle = palette.ink
      context.fillText(id, x, y - 5)
    }
  }

  #spritesAt(zoom: number, palette: Palette): Sprites {
    const key = `${zoom}/${this.#trust}`
    if (this.#sprites === null || key !== this.#spritesKey) {
      this.#sprites = new Sprites(palette, this.#trust)
      this.#spritesKey = key
    }
    return this.#sprites
  }
}

const fonts = new WeakMap<Element, string>()
function fontOf(element: Element): string {
  const known = fonts.get(element) ?? getComputedStyle(element).fontFamily
  fonts.set(element, known)
  return known
}
