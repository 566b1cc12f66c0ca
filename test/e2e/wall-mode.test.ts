import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Fleet } from './fleet.js'
import { poll } from './poll.js'
import { Browser, WallPage } from './wall-browser.js'
import { axeFindings } from './wall-fleet.js'

let fleet: Fleet
let browser: Browser
let wall: WallPage

beforeAll(async () => {
  fleet = await Fleet.start(['--masters', '2'])
  browser = await Browser.open({ view: { width: 3840, height: 2160 }, reducedMotion: true })
  wall = await WallPage.byToken(browser, fleet.ready, '/overview?wall=1')
  await fleet.submit('echo done', { name: 'quick' })
  await fleet.submit('exit 3', { name: 'breaks' })
  await fleet.submit('echo waiting for you; sleep 300', { name: 'stalls', stallAfterMs: 1_000 })
  await fleet.submit('echo begun; sleep 300', { name: 'works', stallAfterMs: 0 })
  await fleet.submit('true', { name: 'nobody', requirements: { labels: { floor: '9' } } })
  await wall.page.locator('[data-testid=verdict]', { hasText: '1 task needs you' }).waitFor()
})
afterAll(async () => {
  await browser?.close()
  await fleet?.stop()
})

/** Elements of the page whose content is larger than they are, and that could be scrolled. */
const scrollers = () =>
  wall.page.evaluate<string[]>(
    `[document.documentElement, ...document.querySelectorAll('main *')].filter((element) => {
      const { overflowY } = getComputedStyle(element)
      return (element === document.documentElement || /auto|scroll/.test(overflowY)) &&
        element.scrollHeight > element.clientHeight + 1
    }).map((element) => element.className)`,
  )

/** Height of each first-level glyph box in minutes of arc, on the 65 inch screen seen from 5 m of the settings. */
const letterHeights = () =>
  wall.page.evaluate<{ text: string; arcMinutes: number }[]>(`(() => {
    const metresPerPx = (65 * 0.0254 * (16 / Math.hypot(16, 9))) / 3840
    const context = document.createElement('canvas').getContext('2d')
    return [...document.querySelectorAll('[data-level="1"]')].map((element) => {
      const { fontWeight, fontSize, fontFamily } = getComputedStyle(element)
      context.font = fontWeight + ' ' + fontSize + ' ' + fontFamily
      const text = element.textContent.trim()
      // The tallest glyph as it is painted: of Latin without its descender, of Chinese the whole box.
      const px = Math.max(...[...text].map((letter) => {
        const { actualBoundingBoxAscent, actualBoundingBoxDescent } = context.measureText(letter)
        return actualBoundingBoxAscent + (/\\p{Script=Han}/u.test(letter) ? actualBoundingBoxDescent : 0)
      }))
      return { text, arcMinutes: (Math.atan((px * metresPerPx) / 5) * 180 * 60) / Math.PI }
    })
  })()`)

describe('[WV7] the overview on the big screen', () => {
  it('says what needs a human in the order of importance', async () => {
    await wall
      .byId('verdict')
      .getByText('1 task needs you · 1 task waits that no master can run · 1 failed in the last 15 min')
      .waitFor()
  })

  it('shows what each agent does with its last line, who is stalled first', async () => {
    const strip = wall.byId('wall-agents')
    const first = strip.getByRole('listitem').first()
    await first.getByText('stalls').waitFor()
    await first.getByText('waiting for you', { exact: true }).waitFor()
    expect(await first.getAttribute('data-state')).toBe('waiting')
    expect(await strip.getByRole('listitem').count()).toBe(8)
    await strip.getByText('12 more: 0 busy, 12 idle').waitFor()
  })

  it('shows the queue of each master and of what has none, with the time to empty', async () => {
    const queues = wall.byId('wall-queues')
    await queues.getByRole('row', { name: /^no master yet 1 0 0 \d+/ }).waitFor()
    await queues.getByRole('row', { name: 'master-1' }).getByText('empty').waitFor()
  })

  it('shows the last hour, failures as diamonds', async () => {
    const river = wall.byId('wall-river')
    await river.getByText('LIVE').waitFor()
    expect(await wall.byId('river-failure').count()).toBe(1)
    await river.getByText('1 failed').waitFor()
  })

  it('shows the last three lines, and opens the chat with c', async () => {
    expect(await wall.byId('log').locator('p').count()).toBeLessThanOrEqual(3)
    await wall.page.keyboard.press('c')
    await wall.byId('chat-input').waitFor()
    await wall.page.keyboard.press('Escape')
    await wall.page.keyboard.press('c')
    await wall.byId('chat-input').waitFor()
    await wall.go('/overview?wall=1')
  })

  it('has nothing that scrolls, and nothing that axe finds', async () => {
    await wall.byId('node-master-1').waitFor()
    expect(await scrollers()).toEqual([])
    expect(await axeFindings(wall)).toEqual([])
  })

  it.each([
    ['en', 16],
    ['zh', 20],
  ])('first-level text in %s is at least %d minutes of arc high', async (language, least) => {
    await wall.go(`/overview?wall=1&lang=${language}`)
    await wall.byId('node-master-1').waitFor()
    await poll('the verdict', async () => {
      const text = (await wall.byId('verdict').textContent()) ?? ''
      return /1/.test(text) ? true : null
    })
    const heights = await letterHeights()
    expect(heights.length).toBeGreaterThanOrEqual(2)
    // Digits of a Chinese page are as high as those of an English one.
    const words = heights.filter(({ text }) => language === 'en' || /\p{Script=Han}/u.test(text))
    expect(words.length).toBeGreaterThanOrEqual(1)
    for (const { arcMinutes } of words) expect(arcMinutes).toBeGreaterThanOrEqual(least)
    for (const { arcMinutes } of heights) expect(arcMinutes).toBeGreaterThanOrEqual(16)
    expect(await scrollers()).toEqual([])
  })
})
