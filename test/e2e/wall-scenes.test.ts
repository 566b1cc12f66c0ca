import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Fleet } from './fleet.js'
import { Browser, WallPage } from './wall-browser.js'
import { axeFindings } from './wall-fleet.js'

let installed: string
let fleet: Fleet
let browser: Browser
let wall: WallPage

const heading = (name: string) =>
  wall.page.getByRole('heading', { level: 1, name, exact: true }).waitFor({ state: 'attached' })
const phase = (name: string) => wall.page.locator(`[data-testid=scene][data-phase=${name}]`).waitFor()

/** The program in a folder of its own, so that another build of the wall can be put into it. */
function install(): string {
  const folder = mkdtempSync(join(tmpdir(), 'agentflow-installed-'))
  cpSync('dist', join(folder, 'dist'), { recursive: true })
  cpSync('package.json', join(folder, 'package.json'))
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'))
  return folder
}

/** Another build of the same wall: its script has another name. */
function putNewBuild(): string {
  const folder = join(installed, 'dist/wall')
  const assets = join(folder, 'assets')
  const page = readFileSync(join(folder, 'index.html'), 'utf8')
  const own = /assets\/(index-[^"]+\.js)"/.exec(page)?.[1]
  if (own === undefined) throw new Error('the page names no script')
  const next = `index-newer${own.slice('index-'.length)}`
  cpSync(join(assets, own), join(assets, next))
  const scripts = readdirSync(assets)
    .filter((name) => name.endsWith('.js'))
    .map((name) => join(assets, name))
  for (const path of [join(folder, 'index.html'), ...scripts]) {
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll(own, next))
  }
  return next
}

beforeAll(async () => {
  installed = install()
  fleet = await Fleet.start(['--masters', '1'], undefined, {}, join(installed, 'dist/cli/main.js'))
  browser = await Browser.open({ view: { width: 1920, height: 1080 }, reducedMotion: true })
  wall = await WallPage.byToken(browser, fleet.ready, '/overview')
})
afterAll(async () => {
  await browser?.close()
  await fleet?.stop()
  rmSync(installed, { recursive: true, force: true })
})

describe('[WV8] the big screen', () => {
  it('is set up by diagonal, distance and scenes, and a link starts it', async () => {
    await wall.go('/settings')
    await wall.page.getByRole('link', { name: 'Set up the big screen' }).click()
    const dialog = wall.page.getByRole('dialog', { name: 'Set up the big screen' })
    await dialog.getByText('First-level letters are 24 mm high').waitFor()
    const preview = () =>
      wall.page.evaluate<number>(
        `parseFloat(getComputedStyle(document.querySelector('[data-testid=setup-preview] span')).fontSize)`,
      )
    const before = await preview()
    await dialog.getByLabel('Diagonal in inches').fill('130')
    await dialog.getByLabel('Distance in metres').fill('5')
    expect(await preview()).toBeCloseTo(before / 2, 0)
    await dialog.getByLabel('Distance in metres').fill('25')
    await dialog.getByText(/^Only \d+ lines have room/).waitFor()
    await dialog.getByLabel('Distance in metres').fill('5')
    await dialog.getByLabel('Topology').check()
    await dialog.getByLabel('Seconds for each scene').fill('5')
    expect(await axeFindings(wall)).toEqual([])
    await dialog.getByRole('button', { name: 'Open the big screen' }).click()
    await phase('turn')
    const { searchParams } = new URL(wall.page.url())
    expect(Object.fromEntries(searchParams)).toEqual({ wall: '1', scenes: 'overview,topology', every: '5' })
  })

  it('shows its scenes in turn', async () => {
    await wall.go('/overview?wall=1&scenes=overview,topology&every=5')
    await heading('Overview')
    await heading('Topology')
    await heading('Overview')
  })

  it('lets a new alarm go first until it is acknowledged, then goes on', async () => {
    await fleet.submit('echo silent; sleep 300', { name: 'stalls', stallAfterMs: 1_000 })
    await heading('Alerts')
    await phase('alarm')
    await wall.page.locator('[data-testid^="alert-"]', { hasText: 'stalls' }).waitFor()
    const { alerts } = await fleet.json<{ alerts: { alertId: string }[] }>('/api/alerts')
    await fleet.post(`/api/alerts/${alerts[0]?.alertId}/ack`, {})
    await phase('turn')
  })

  it('takes nothing from somebody who uses it', async () => {
    await wall.page.keyboard.press('g')
    await wall.page.keyboard.press('m')
    await heading('Masters')
    await phase('held')
  })
})

describe('[WV9] a new build', () => {
  it('is told when the leader comes back with it, waits for who types, then loads by itself', async () => {
    await wall.go('/overview?wall=1')
    await wall.page.keyboard.press('c')
    await wall.byId('chat-input').fill('half a sentence')
    const next = putNewBuild()
    const before = fleet.ready.pids.leader ?? 0
    process.kill(before, 'SIGKILL')
    await fleet.successor('leader', before)
    const bar = wall.byId('new-build')
    await bar.getByText('It loads when you have finished typing.').waitFor({ timeout: 40_000 })
    await wall.byId('chat-input').fill('')
    await wall.byId('chat-input').press('Escape')
    await bar.getByText(/It loads in \d+s\./).waitFor()
    await wall.page.locator(`script[type=module][src="/assets/${next}"]`).waitFor({ state: 'attached' })
    await wall.live()
    await wall.byId('node-master-1').waitFor()
    expect(await wall.byId('new-build').count()).toBe(0)
  })
})
