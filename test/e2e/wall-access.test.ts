import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Fleet } from './fleet.js'
import { poll } from './poll.js'
import { Browser, WallPage } from './wall-browser.js'

let fleet: Fleet
let browser: Browser
let wall: WallPage
let taskIds: readonly string[]

beforeAll(async () => {
  fleet = await Fleet.start(['--masters', '2'])
  browser = await Browser.open({ reducedMotion: true })
  wall = await WallPage.byLink(browser, fleet.ready)
  taskIds = [
    await fleet.submit('echo first; exit 3', { name: 'first' }),
    await fleet.submit('echo second; sleep 300', { name: 'second', stallAfterMs: 1_000 }),
    await fleet.submit('echo third; sleep 300', { name: 'third' }),
  ]
  await wall.phase(taskIds[0] ?? '', 'exit')
  await wall.page.locator('[data-testid=verdict]', { hasText: '1 task needs you' }).waitFor()
})
afterAll(async () => {
  await browser?.close()
  await fleet?.stop()
})

const press = async (...keys: readonly string[]) => {
  for (const key of keys) await wall.page.keyboard.press(key)
}
const screen = (name: string) => wall.page.getByRole('heading', { level: 1, name }).waitFor()

describe('with the keyboard alone', () => {
  it('g and a letter go to each screen', async () => {
    const screens = {
      p: 'Topology',
      m: 'Masters',
      a: 'Agents',
      t: 'Tasks',
      l: 'Logs',
      h: 'History',
      r: 'Alerts',
      s: 'Settings',
    }
    for (const [key, name] of Object.entries(screens)) {
      await press('g', key)
      await screen(name)
    }
    await press('g', 'o')
    await screen('Overview')
  })

  it('j and k walk rows, Enter opens, Escape closes', async () => {
    await press('g', 't')
    await wall.byId(`task-${taskIds[0]}`).waitFor()
    await press('j')
    expect(await wall.focused()).toBe('third')
    await press('j', 'j')
    expect(await wall.focused()).toBe('first')
    await press('k')
    expect(await wall.focused()).toBe('second')
    await press('Enter')
    await wall.page.getByRole('region', { name: 'Task' }).getByRole('heading', { name: 'second' }).waitFor()
    expect(wall.page.url()).toContain(`task=${taskIds[1]}`)
    await press('Escape')
    await wall.page.getByRole('region', { name: 'Task' }).waitFor({ state: 'detached' })
  })

  it('/ filters; keys typed there are text', async () => {
    await press('/')
    await wall.page.keyboard.type('gtfirst')
    await screen('Tasks')
    await wall.page.getByText('No task matches').waitFor()
    await press('Escape')
    await wall.byId(`task-${taskIds[1]}`).waitFor()
    await press('Escape')
  })

  it('arrows walk the map', async () => {
    await press('g', 'p')
    await wall.byId('node-master-1').waitFor()
    // The map takes keys once it is laid out, a frame after its nodes are there.
    await poll('the focus on the leader', async () => {
      await press('ArrowDown')
      return (await wall.focused()).startsWith('node-leader') ? true : null
    })
    await press('ArrowDown')
    expect(await wall.focused()).toMatch(/^node-master-[12]$/)
    await press('ArrowDown')
    expect(await wall.focused()).toMatch(/^node-master-[12]\/p\d+$/)
    await press('ArrowUp', 'Enter')
    await screen('Topology')
    await wall.byId('map-panel').waitFor()
    await press('Escape')
    await wall.byId('map-panel').waitFor({ state: 'detached' })
  })

  it('c goes to the chat, ? shows every key', async () => {
    await press('g', 'o')
    await screen('Overview')
    await press('c')
    await wall.page.waitForFunction(`document.activeElement?.getAttribute('data-testid') === 'chat-input'`)
    await press('Escape', '?')
    const sheet = wall.page.getByRole('dialog', { name: 'Keys' })
    await sheet.getByText('Next row').waitFor()
    await press('g', 't')
    await sheet.waitFor()
    await press('Escape')
    await sheet.waitFor({ state: 'detached' })
    await screen('Overview')
  })

  it('keys rest while Chinese is being composed', async () => {
    await wall.page.evaluate(
      `window.dispatchEvent(new KeyboardEvent('keydown', { key: '?', isComposing: true, bubbles: true }))`,
    )
    expect(await wall.page.getByRole('dialog').count()).toBe(0)
  })
})

describe('in Chinese', () => {
  it('every word of the page is', async () => {
    await wall.go('/overview?lang=zh')
    await wall.page.getByRole('heading', { level: 1, name: '总览' }).waitFor()
    expect(await wall.page.evaluate('document.documentElement.lang')).toBe('zh-CN')
    await wall.page.getByText('个任务需要您处理').first().waitFor()
    await wall.byId(`pause-${taskIds[2]}`).click()
    await wall.page.getByText(/^已暂停 third/).waitFor()
  })

  it('chosen in the settings, it stays', async () => {
    await wall.go('/settings?lang=zh')
    await wall.page.getByRole('button', { name: '中文' }).click()
    await wall.go('/tasks')
    await screen('任务')
    await wall.go('/settings')
    await wall.page.getByRole('button', { name: 'English' }).click()
    await screen('Settings')
  })
})

describe('on the big screen', () => {
  it('first-level text is at least 16 minutes of arc, and nothing scrolls', async () => {
    const big = await Browser.open({ view: { width: 3840, height: 2160 } })
    try {
      const page = await WallPage.byToken(big, fleet.ready, '/overview?wall=1')
      await page.byId('node-master-1').waitFor()
      // 65 inch at 5 m, as the settings have it; Inter's capitals are 0.727 of its size.
      const px = await page.page.evaluate<number>(
        `Number.parseFloat(getComputedStyle(document.querySelector('[data-testid=verdict]')).fontSize)`,
      )
      const metresPerPx = (65 * 0.0254 * (16 / Math.hypot(16, 9))) / 3840
      const arcMinutes = (Math.atan((px * 0.727 * metresPerPx) / 5) * 180 * 60) / Math.PI
      expect(arcMinutes).toBeGreaterThanOrEqual(16)
      const scrolls = await page.page.evaluate<string[]>(
        `[...document.querySelectorAll('main *')].filter((element) => {
          const { overflowY } = getComputedStyle(element)
          return /auto|scroll/.test(overflowY) && element.scrollHeight > element.clientHeight + 1
        }).map((element) => element.className)`,
      )
      expect(scrolls).toEqual([])
    } finally {
      await big.close()
    }
  })
})
