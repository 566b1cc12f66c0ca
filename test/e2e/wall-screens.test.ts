import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pathsOf, turnTo } from '../../scripts/screens/paths.js'
import { submitWork, type Work } from '../../scripts/screens/work.js'
import { Fleet } from './fleet.js'
import { Browser, laptop, WallPage } from './wall-browser.js'
import { axeFindings } from './wall-fleet.js'

const focusInPage = readFileSync(new URL('../../scripts/screens/focus-in-page.js', import.meta.url), 'utf8')

/** What holds for every screen, over the work that its pictures are made of. */

let fleet: Fleet
let browser: Browser
let wall: WallPage
let work: Work

beforeAll(async () => {
  fleet = await Fleet.start(['--masters', '2'])
  work = await submitWork(fleet)
  browser = await Browser.open({ reducedMotion: true })
  wall = await WallPage.byToken(browser, fleet.ready)
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await fleet?.stop()
})

/** Names only: the ids of the work are not known before it is there. */
const names = Object.keys(pathsOf({ running: '', failed: '', stalled: '', blocked: '', atMs: 0 }))
const looks = [
  { lang: 'en', theme: 'dark' },
  { lang: 'zh', theme: 'light' },
] as const

/** Goes there and waits until nothing is loaded any more. */
async function show(name: string, params: Readonly<Record<string, string>>): Promise<void> {
  const path = pathsOf(work)[name]
  if (path === undefined) throw new Error(`no screen ${name}`)
  // The link to the content is drawn over the page while it has the focus.
  await wall.page.evaluate('document.activeElement.blur()')
  await turnTo(wall.page, path, params)
  // Not by role: an open dialog hides the page behind it.
  await wall.page.locator('h1').first().waitFor()
  await wall.page
    .getByText(/^(Loading…|正在加载…)$/)
    .first()
    .waitFor({ state: 'detached' })
}

describe.each(names)('%s', (name) => {
  it('has nothing that axe finds, in both languages and themes, and nothing moves that need not', async () => {
    for (const look of looks) {
      await show(name, look)
      expect(await axeFindings(wall), JSON.stringify(look)).toEqual([])
      const moving = await wall.page.evaluate(
        `document.getAnimations().filter((each) => each.playState === 'running' && each.effect?.getTiming().duration > 10).length`,
      )
      expect(moving).toBe(0)
    }
  })

  it('is walked with Tab: every stop has a name, is seen, and none holds the focus', async () => {
    await show(name, looks[0])
    // A dialog has the focus already and keeps it.
    if ((await wall.page.getByRole('dialog').count()) === 0) await wall.page.locator('#content').focus()
    const stops = new Set<string>()
    for (let step = 0; step < 25; step += 1) {
      await wall.page.keyboard.press('Tab')
      const stop = await wall.page.evaluate<string>(`${focusInPage}\ndescribeFocus()`)
      expect(stop, [...stops].join(', ')).not.toMatch(/^(unnamed|unseen)/)
      stops.add(stop)
    }
    expect(stops.size).toBeGreaterThan(4)
  })

  it('at 200 % zoom has nothing out of reach sideways', async () => {
    await wall.page.setViewportSize({ width: laptop.width / 2, height: laptop.height / 2 })
    try {
      for (const look of looks) {
        await show(name, look)
        const over = await wall.page.evaluate('document.documentElement.scrollWidth - innerWidth')
        expect(over, JSON.stringify(look)).toBeLessThanOrEqual(0)
      }
    } finally {
      await wall.page.setViewportSize(laptop)
    }
  })
})

it('nothing complained on the way', () => {
  expect(browser.complaints).toEqual([])
})
