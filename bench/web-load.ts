import type { Browser, Page } from 'playwright-core'
import { type Measurement, type Row, roundsOf, rowOf } from './harness.js'
import { startGenerator } from './web-generator.js'
import { counted, fullHd, openWall, until } from './web-wall.js'

const longTaskUnit = 'ms, worst of all rounds, 0 = none over 50'
const updatesPerS = 20_000
const tasksUpdated = 5_000

/** One long task is one too many: every round counts as the worst. */
const worstOf = (measured: readonly Measurement[]): readonly Measurement[] =>
  measured.map(() => ({ ours: Math.max(...measured.map(({ ours }) => ours)), reference: null }))

/** A wall's overview while 20,000 changes of tasks a second come over its socket. */
export async function updateRows(browser: Browser, options: { readonly quick: boolean }): Promise<Row[]> {
  const roundMs = options.quick ? 3_000 : 5_000
  const generator = await startGenerator({ masters: 20, agentsEach: 5, tasks: tasksUpdated })
  try {
    const page = await openWall(browser, { origin: generator.origin, path: '/overview', size: fullHd })
    const updates: Measurement[] = []
    const longest: Measurement[] = []
    const rates: number[] = []
    for (let round = 0; round <= roundsOf(options); round += 1) {
      await generator.run({ tasksPerS: updatesPerS, nodesPerS: 120 })
      await counted(page)
      await page.waitForTimeout(roundMs)
      const { storeUpdates, longestTaskMs, elapsedMs } = await counted(page)
      const sent = await generator.rest()
      // The compilers have seen the first round.
      if (round === 0) continue
      updates.push({ ours: storeUpdates / (elapsedMs / 1_000), reference: null })
      longest.push({ ours: longestTaskMs, reference: null })
      rates.push(sent / (elapsedMs / 1_000))
    }
    await page.close()
    const note = `overview, ${Math.round(Math.min(...rates))} changes/s published over ${tasksUpdated} tasks, ${fullHd.width}×${fullHd.height}`
    const description = { better: 'lower', fsync: 'none', note } as const
    return [
      rowOf({ ...description, name: 'web.store-updates', unit: 'store updates/s', bar: 60 }, updates),
      rowOf({ ...description, name: 'web.longest-task', unit: longTaskUnit, bar: 50 }, worstOf(longest)),
    ]
  } finally {
    generator.end()
  }
}

const linesPerS = 5_000

/** The logs screen while 5,000 lines a second come: it stays at the end, and every line is shown or counted. */
export async function lineRows(browser: Browser, options: { readonly quick: boolean }): Promise<Row[]> {
  const roundMs = options.quick ? 3_000 : 5_000
  const generator = await startGenerator({ masters: 1, tasks: 1 })
  try {
    const page = await openWall(browser, { origin: generator.origin, path: '/logs', size: fullHd })
    const rounds = { behind: [] as Measurement[], lost: [] as Measurement[], longest: [] as Measurement[] }
    for (let round = 0; round <= roundsOf(options); round += 1) {
      const before = await counted(page)
      await generator.run({ linesPerS })
      await page.waitForTimeout(roundMs)
      const shown = await lastLineShown(page)
      const made = await generator.rest()
      await until(page, `lastLineTold >= ${before.lastLine + made}`)
      const { lines, linesCounted, lastLine, longestTaskMs } = await counted(page)
      if (round === 0) continue
      rounds.behind.push({ ours: Math.max(0, lastLine - shown), reference: null })
      rounds.lost.push({ ours: made - lines - linesCounted, reference: null })
      rounds.longest.push({ ours: longestTaskMs, reference: null })
    }
    await page.close()
    const note = `${linesPerS} lines/s in chunks of ten, logs screen`
    const description = { better: 'lower', fsync: 'none', note } as const
    return [
      rowOf(
        { ...description, name: 'web.lines.uncounted', unit: 'lines neither shown nor counted', bar: 0 },
        rounds.lost,
      ),
      rowOf(
        { ...description, name: 'web.lines.behind', unit: 'lines behind the newest', bar: linesPerS },
        rounds.behind,
      ),
      rowOf(
        { ...description, name: 'web.lines.longest-task', unit: longTaskUnit, bar: null },
        worstOf(rounds.longest),
      ),
    ]
  } finally {
    generator.end()
  }
}

/** Number of the lowest line that is painted. */
const lastLineShown = (page: Page): Promise<number> =>
  page.evaluate<number>(
    `Math.max(...[...document.querySelectorAll('[role=log] span')].map((each) => Number(/^step (\\d+) of/.exec(each.textContent)?.[1] ?? 0)))`,
  )

const tasksHeld = 100_000

/** A text typed into the filter of 100,000 tasks → the second frame after its rows stand there. */
export async function filterRows(browser: Browser, options: { readonly quick: boolean }): Promise<Row[]> {
  const generator = await startGenerator({ masters: 20, agentsEach: 5, tasks: tasksHeld })
  try {
    const page = await openWall(browser, { origin: generator.origin, path: '/tasks', size: fullHd })
    page.setDefaultTimeout(120_000)
    await generator.tellTasks()
    await page.locator(`[role=table][aria-rowcount="${tasksHeld}"]`).waitFor()
    const rounds = { filter: [] as Measurement[], rows: [] as Measurement[] }
    for (let round = 0; round <= roundsOf(options); round += 1) {
      const { ms, rows } = await page.evaluate<{ readonly ms: number; readonly rows: number }>(
        `filtered('component ${77_000 + round}', 1)`,
      )
      const all = await page.evaluate<{ readonly ms: number; readonly rows: number }>(
        `filtered('', ${tasksHeld})`,
      )
      if (round === 0) continue
      rounds.filter.push({ ours: ms, reference: null })
      rounds.rows.push({ ours: Math.max(rows, all.rows), reference: null })
    }
    await page.close()
    const note = `${tasksHeld} tasks held by the page`
    const description = { better: 'lower', fsync: 'none', note } as const
    return [
      rowOf({ ...description, name: 'web.tasks.filter', unit: 'ms', bar: 100 }, rounds.filter),
      rowOf({ ...description, name: 'web.tasks.rows', unit: 'rows in the DOM', bar: 120 }, rounds.rows),
    ]
  } finally {
    generator.end()
  }
}
