import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { Fleet } from '../test/e2e/fleet.js'
import { Browser, laptop, type View, WallPage } from '../test/e2e/wall-browser.js'
import { submitWork, type Work } from './screens/work.js'

/**
 * Draws every screen of the wall, on a laptop and on the big screen, in both languages and themes, over the built
 * program with work in it. Writes artifacts/screens/{screen}-{desk|wall}-{en|zh}-{light|dark}.png and looks at each
 * page in the DOM: text that is clipped or overlaps, contrast under 7:1, glyphs that no font has. Exits 1 on a finding.
 */
const folder = 'artifacts/screens'
const inPage = readFileSync(new URL('./screens/in-page.js', import.meta.url), 'utf8')
const least = { contrast: 7 }

const views = { desk: laptop, wall: { width: 3840, height: 2160 } } as const satisfies Record<string, View>
const languages = ['en', 'zh'] as const
const themes = ['light', 'dark'] as const

/** Screens by the name of their picture. */
const pathsOf = (work: Work): Readonly<Record<string, string>> => ({
  overview: '/overview',
  dashboard: '/dashboard',
  topology: '/topology',
  masters: '/masters?worker=master-1',
  agents: '/agents',
  agent: '/agents?agent=master-1%2Fp1',
  tasks: '/tasks',
  'task-running': `/tasks?task=${work.running}`,
  'task-failed': `/tasks?task=${work.failed}`,
  'task-page': `/tasks?task=${work.failed}&full=1`,
  queue: '/queue',
  'queue-schedules': '/queue?view=schedules',
  'queue-triggers': '/queue?view=triggers',
  'queue-templates': '/queue?view=templates',
  'queue-limits': '/queue?view=limits',
  'queue-work': '/queue?view=work',
  'queue-dead': '/queue?view=dead',
  flow: '/flow',
  'flow-trace': `/flow?task=${work.failed}&view=trace`,
  logs: '/logs',
  history: '/history',
  compare: `/history?compare=${work.failed},${work.running}`,
  alerts: '/alerts',
  alertsOver: '/alerts?view=cleared',
  configHistory: '/history?view=config',
  settings: '/settings',
  'set-up': '/settings?setup=1',
  'task-new': '/tasks?new=1',
})

type Look = { readonly view: keyof typeof views; readonly language: string; readonly theme: string }
const looksOf = (view: keyof typeof views): readonly Look[] =>
  languages.flatMap((language) => themes.map((theme) => ({ view, language, theme })))

const findings: string[] = []

/** Goes to an address without a load, as a link of the page does. */
async function turnTo(page: Page, path: string, look: Look): Promise<void> {
  const url = new URL(path, 'http://wall')
  url.searchParams.set('lang', look.language)
  url.searchParams.set('theme', look.theme)
  if (look.view === 'wall') url.searchParams.set('wall', '1')
  const address = JSON.stringify(`${url.pathname}${url.search}`)
  await page.evaluate(`history.pushState(null, '', ${address}); dispatchEvent(new PopStateEvent('popstate'))`)
}

/** Waits until what the page asked for is drawn: fonts are loaded and nothing moves for two frames. */
async function settled(page: Page): Promise<void> {
  await page.waitForLoadState('networkidle')
  await page
    .getByText(/^(Loading…|正在加载…)$/)
    .first()
    .waitFor({ state: 'detached' })
  await page.evaluate(`document.fonts.ready.then(() => new Promise((done) => {
    let last = ''
    const look = () => {
      const now = [...document.querySelectorAll('main *')].slice(0, 400)
        .map((element) => Object.values(element.getBoundingClientRect().toJSON()).map(Math.round).join()).join()
      if (now === last) return done()
      last = now
      setTimeout(look, 250)
    }
    look()
  }))`)
}

async function take(page: Page, name: string, look: Look): Promise<void> {
  await settled(page)
  const file = `${name}-${look.view}-${look.language}-${look.theme}`
  const found = await page.evaluate<string[]>(`${inPage}\nlookAt(${JSON.stringify(least)})`)
  for (const finding of found) findings.push(`${file}: ${finding}`)
  await page.screenshot({ path: `${folder}/${file}.png` })
}

async function takeView(fleet: Fleet, work: Work, view: keyof typeof views): Promise<void> {
  const browser = await Browser.open({ view: views[view], reducedMotion: true })
  try {
    const wall = await WallPage.byToken(browser, fleet.ready)
    for (const look of looksOf(view)) {
      for (const [name, path] of Object.entries(pathsOf(work))) {
        await turnTo(wall.page, path, look)
        await take(wall.page, name, look)
      }
    }
    await browser.context.newPage().then(async (page) => {
      await page.goto(`${fleet.ready.api}/`)
      for (const look of looksOf(view)) {
        await turnTo(page, '/', look)
        await take(page, 'login', look)
      }
    })
    // Losing the leader below is meant; what the page complained of before is not.
    for (const complaint of browser.complaints) findings.push(`${view}: the page complained: ${complaint}`)
    if (view === 'wall') return
    // The last pictures: what a wall shows whose leader is gone.
    await turnTo(wall.page, '/overview', { view, language: 'en', theme: 'dark' })
    await fleet.stop()
    await wall.page.locator('[data-testid=connection][data-state=offline]').waitFor()
    for (const look of looksOf(view)) {
      await turnTo(wall.page, '/overview', look)
      await take(wall.page, 'lost', look)
    }
  } finally {
    await browser.close()
  }
}

rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
const fleet = await Fleet.start(['--masters', '2'])
try {
  const work = await submitWork(fleet)
  await takeView(fleet, work, 'wall')
  await takeView(fleet, work, 'desk')
} finally {
  await fleet.stop()
}
for (const finding of findings) console.error(finding)
console.log(`screens: ${findings.length} findings, pictures in ${folder}`)
process.exitCode = findings.length > 0 ? 1 : 0
