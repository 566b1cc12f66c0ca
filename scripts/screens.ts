import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { Fleet } from '../test/e2e/fleet.js'
import { Browser, laptop, type View, WallPage } from '../test/e2e/wall-browser.js'
import { pathsOf, turnTo } from './screens/paths.js'
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

type Look = { readonly view: keyof typeof views; readonly language: string; readonly theme: string }
const looksOf = (view: keyof typeof views): readonly Look[] =>
  languages.flatMap((language) => themes.map((theme) => ({ view, language, theme })))

/** What the address says of a look. */
const paramsOf = ({ view, language, theme }: Look): Record<string, string> => ({
  lang: language,
  theme,
  ...(view === 'wall' ? { wall: '1' } : {}),
})

const findings: string[] = []

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

/** Views that are a dialog, which comes a moment after its page. */
const dialogs: ReadonlySet<string> = new Set(['set-up', 'task-new'])

async function take(page: Page, name: string, look: Look): Promise<void> {
  if (dialogs.has(name)) await page.getByRole('dialog').waitFor()
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
        await turnTo(wall.page, path, paramsOf(look))
        await take(wall.page, name, look)
      }
    }
    await browser.context.newPage().then(async (page) => {
      await page.goto(`${fleet.ready.api}/`)
      for (const look of looksOf(view)) {
        await turnTo(page, '/', paramsOf(look))
        await take(page, 'login', look)
      }
    })
    // Losing the leader below is meant; what the page complained of before is not.
    for (const complaint of browser.complaints) findings.push(`${view}: the page complained: ${complaint}`)
    if (view === 'wall') return
    // The last pictures: what a wall shows whose leader is gone.
    await turnTo(wall.page, '/overview', paramsOf({ view, language: 'en', theme: 'dark' }))
    await fleet.stop()
    await wall.page.locator('[data-testid=connection][data-state=offline]').waitFor()
    for (const look of looksOf(view)) {
      await turnTo(wall.page, '/overview', paramsOf(look))
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
