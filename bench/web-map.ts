import type { Browser, Page } from 'playwright-core'
import { alternate, type Measurement, type Row, roundsOf, rowOf } from './harness.js'
import { type Generator, startGenerator } from './web-generator.js'
import { fullHd, openEmptyCanvas, openWall, type PageSize, pan, ultraHd, until } from './web-wall.js'

interface Case {
  readonly name: string
  readonly masters: number
  readonly agentsEach: number
  readonly size: PageSize
  /** Clicks on "zoom in" before it is measured. */
  readonly closer: number
  readonly bar: number | null
}

const bar = 0.9
const cases: readonly Case[] = [
  { name: 'web.map.2000', masters: 500, agentsEach: 3, size: fullHd, closer: 0, bar },
  { name: 'web.map.2000.cards', masters: 500, agentsEach: 3, size: fullHd, closer: 9, bar },
  { name: 'web.map.5000', masters: 1_000, agentsEach: 4, size: fullHd, closer: 0, bar },
  { name: 'web.map.2000.4k', masters: 500, agentsEach: 3, size: ultraHd, closer: 0, bar: null },
  { name: 'web.map.5000.4k', masters: 1_000, agentsEach: 4, size: ultraHd, closer: 0, bar: null },
]
const pane = '.react-flow__pane'

/** Frames a second while the map of a live fleet is panned, beside an empty canvas panned by the same script. */
export async function mapRows(browser: Browser, options: { readonly quick: boolean }): Promise<Row[]> {
  const rows: Row[] = []
  for (const each of options.quick ? cases.slice(0, 3) : cases) {
    const { masters, agentsEach } = each
    const generator = await startGenerator({ masters, agentsEach })
    try {
      rows.push(await mapRow(browser, generator, each, options))
    } finally {
      generator.end()
    }
  }
  return rows
}

async function mapRow(
  browser: Browser,
  generator: Generator,
  { name, masters, agentsEach, size, closer, bar: least }: Case,
  options: { readonly quick: boolean },
): Promise<Row> {
  const nodes = masters * (1 + agentsEach)
  const panMs = options.quick ? 1_500 : 2_000
  const wall = await openWall(browser, { origin: generator.origin, path: '/topology', size })
  const empty = await openEmptyCanvas(browser, size)
  try {
    await wall.locator(pane).waitFor()
    await until(wall, `document.querySelector('[data-map-nodes]')?.dataset.mapNodes === '${nodes}'`)
    for (let n = 0; n < closer; n += 1) await zoomIn(wall)
    await generator.run({ nodesPerS: nodes })
    const inFront = (page: Page, selector: string) => async () => {
      await page.bringToFront()
      return pan(page, selector, panMs)
    }
    const sides = { ours: inFront(wall, pane), reference: inFront(empty, 'canvas') }
    await sides.ours()
    const measured: readonly Measurement[] = await alternate(roundsOf(options), sides)
    await generator.rest()
    const drawn = await wall.evaluate<number>(`document.querySelectorAll('.react-flow__node').length`)
    const note = `${masters} masters with ${agentsEach} agents each, every node changes once a second, ${drawn} of ${nodes} drawn as cards, ${size.width}×${size.height}, no GPU; reference: an empty canvas panned by the same script`
    return rowOf({ name, unit: 'frames/s', better: 'higher', bar: least, fsync: 'none', note }, measured)
  } finally {
    await wall.close()
    await empty.close()
  }
}

async function zoomIn(wall: Page): Promise<void> {
  const area = await wall.locator(pane).boundingBox()
  if (area === null) throw new Error('the map is not on screen')
  await wall.mouse.move(area.x + area.width / 2, area.y + area.height / 2)
  await wall.mouse.wheel(0, -100)
  await wall.waitForTimeout(200)
}
