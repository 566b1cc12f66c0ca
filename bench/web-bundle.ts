import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import type { Browser, Page } from 'playwright-core'
import { type Measurement, type Row, roundsOf, rowOf } from './harness.js'
import { startGenerator } from './web-generator.js'
import { fullHd, openWall } from './web-wall.js'

const barKiB = 250
const wallDir = fileURLToPath(new URL('../../../dist/wall', import.meta.url))

/** The JavaScript that a browser has fetched when a signed-in page first paints, and when that was. */
export async function bundleRows(browser: Browser, options: { readonly quick: boolean }): Promise<Row[]> {
  const generator = await startGenerator({ masters: 2, agentsEach: 3 })
  try {
    const sizes: Measurement[] = []
    const paints: Measurement[] = []
    for (let round = 0; round < roundsOf(options); round += 1) {
      const page = await openWall(browser, { origin: generator.origin, path: '/overview', size: fullHd })
      const { paintMs, paths } = await firstPaint(page)
      await page.close()
      sizes.push({ ours: gzipKiB(paths), reference: null })
      paints.push({ ours: paintMs, reference: null })
    }
    const description = { better: 'lower', fsync: 'none' } as const
    const note =
      'gzip of every script fetched before the first contentful paint of /overview, its worker included'
    return [
      rowOf({ ...description, name: 'web.bundle', unit: 'KiB', bar: barKiB, note }, sizes),
      rowOf(
        {
          ...description,
          name: 'web.first-paint',
          unit: 'ms',
          bar: 1_000,
          note: '/overview on loopback, signed in',
        },
        paints,
      ),
    ]
  } finally {
    generator.end()
  }
}

interface FirstPaint {
  readonly paintMs: number
  readonly paths: readonly string[]
}

const firstPaint = (page: Page): Promise<FirstPaint> =>
  page.evaluate<FirstPaint>(`(async () => {
    const paint = await new Promise((resolve) => new PerformanceObserver((list) => {
      const found = list.getEntriesByName('first-contentful-paint')[0]
      if (found) resolve(found)
    }).observe({ type: 'paint', buffered: true }))
    const paths = performance.getEntriesByType('resource')
      .filter(({ startTime, name }) => startTime <= paint.startTime && new URL(name).pathname.endsWith('.js'))
      .map(({ name }) => new URL(name).pathname)
    return { paintMs: paint.startTime, paths: [...new Set(paths)] }
  })()`)

function gzipKiB(paths: readonly string[]): number {
  if (paths.length === 0) throw new Error('the page fetched no script before it painted')
  return paths.reduce((sum, path) => sum + gzipSync(readFileSync(`${wallDir}${path}`)).length, 0) / 1024
}
