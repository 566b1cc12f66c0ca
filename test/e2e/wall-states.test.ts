import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Fleet } from './fleet.js'
import { poll } from './poll.js'
import { Browser, WallPage } from './wall-browser.js'
import { WallProxy } from './wall-proxy.js'

let fleet: Fleet
let proxy: WallProxy
let browser: Browser
let wall: WallPage

const connection = (state: string) =>
  wall.page.locator(`[data-testid=connection][data-state=${state}]`).waitFor({ timeout: 40_000 })
const bar = () => wall.page.getByRole('alert')

/** What a value on screen says after itself, for each that is in sight. */
const ages = () =>
  wall.page.evaluate<string[]>(
    `[...document.querySelectorAll('.live-value')]
      .filter((element) => element.checkVisibility() && element.textContent.trim() !== '')
      .map((element) => getComputedStyle(element.closest('.react-flow .card') ?? element, '::after').content)`,
  )
const leaderPid = async () => {
  const { pids } = fleet.ready
  if (pids.leader === undefined) throw new Error('no leader')
  return pids.leader
}

beforeAll(async () => {
  fleet = await Fleet.start(['--masters', '2'])
  proxy = await WallProxy.start(fleet.ready.api)
  browser = await Browser.open({ reducedMotion: true })
  wall = await WallPage.byToken(browser, { token: fleet.ready.token, api: proxy.url })
})
afterAll(async () => {
  await browser?.close()
  await proxy?.stop()
  await fleet?.stop()
})

describe('empty says which', () => {
  it('nothing reported, filtered out, with the way out', async () => {
    await wall.page.getByText('Nothing runs, waits or failed').waitFor()
    await wall.go('/tasks')
    await wall.page.getByText('No task yet').waitFor()
    await wall.go('/tasks?q=nothing')
    await wall.page.getByText('No task matches').waitFor()
    await wall.page.getByRole('button', { name: 'Clear the filter' }).click()
    await wall.page.getByText('No task yet').waitFor()
  })
})

describe('hostile text', () => {
  const name = `<script>document.title='taken'</script>\u202Egpj.exe \u001b[31mred`
  it('in a name, a line and a very long line is text', async () => {
    await fleet.submit(
      `head -c 1000000 /dev/zero | tr '\\0' x; echo; printf '<script>document.title=1</script>\\n'`,
      {
        name,
      },
    )
    await wall.go('/overview')
    await wall.page.getByText("<script>document.title='taken'</script>", { exact: false }).first().waitFor()
    await wall.byId('log').getByText('<script>document.title=1</script>', { exact: true }).waitFor()
    expect(await wall.page.title()).toBe('Overview · AgentFlow')
    expect(await wall.page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(
      0,
    )
  })
})

describe('[WV10] a leader that sends garbage', () => {
  it.each([
    ['what is no JSON', 'nonsense {'],
    ['JSON that is no message', '42'],
    ['a master without anything', '{"type":"NODE_STATUS","seq":9999,"node":{}}'],
    ['a picture that is no list', '{"type":"SNAPSHOT","topic":"tasks","seq":9999,"items":7}'],
  ])('%s: the wall leaves it, says so and recovers', async (_, text) => {
    await connection('live')
    proxy.change = (message) => (message.type === 'AUTH_OK' ? null : message)
    proxy.say(text)
    await bar().getByText('The leader sent what this page does not understand.').waitFor()
    proxy.change = (message) => message
    await connection('live')
    await wall.byId('node-master-1').waitFor()
  })

  it('a message of a newer leader is passed over', async () => {
    proxy.say('{"type":"OF_A_NEWER_LEADER","seq":1}')
    const taskId = await fleet.submit('sleep 300', { name: 'after the unknown' })
    await wall.phase(taskId, 'running')
    await connection('live')
  })
})

describe('who may only look', () => {
  it('is offered nothing that acts', async () => {
    proxy.change = (message) => (message.type === 'AUTH_OK' ? { ...message, role: 'viewer' } : message)
    await wall.go('/tasks')
    const row = wall.page.getByRole('link', { name: 'after the unknown' })
    await row.waitFor()
    await wall.page.getByText('Look only').waitFor()
    expect(await wall.page.getByRole('button', { name: 'New task' }).count()).toBe(0)
    expect(await wall.page.locator('[data-testid^=cancel-]').count()).toBe(0)
    const acts = {
      '/masters?worker=master-1': ['Drain', 'Restart'],
      '/agents': ['New agents'],
      '/queue?view=schedules': ['New schedule'],
      '/settings': ['Keep so much'],
    }
    for (const [path, names] of Object.entries(acts)) {
      await wall.go(path)
      for (const name of names) {
        const button = wall.page.getByRole('button', { name, exact: true })
        await button.waitFor()
        expect([name, await button.isDisabled()]).toEqual([name, true])
        expect(await button.getAttribute('title')).toContain('Your role is viewer')
      }
    }
    proxy.change = (message) => message
    await wall.go('/overview')
    await wall.page.locator('[data-testid^=cancel-]').first().waitFor()
  })
})

describe('[WL8] a leader that is silent', () => {
  it('is told within 20 s: each value shows its age and none looks live', async () => {
    await fleet.submit('while :; do echo tick; sleep 0.5; done', { name: 'ticks' })
    await wall.byId('log').getByText('tick', { exact: true }).first().waitFor()
    await wall.page.waitForFunction(`document.querySelectorAll('.live-value').length > 3`)
    const pid = await leaderPid()
    const stoppedMs = performance.now()
    process.kill(pid, 'SIGSTOP')
    try {
      await connection('stale')
      expect(performance.now() - stoppedMs).toBeLessThan(20_000)
      await bar().getByText('The leader has not answered since').waitFor()
      await wall
        .byId('verdict')
        .getByText(/^No live data for \d+s$/)
        .waitFor()
      expect(await wall.page.evaluate('document.documentElement.dataset.trust')).toBe('stale')
      const shown = await ages()
      expect(shown.length).toBeGreaterThan(3)
      expect(shown.filter((age) => !/^(" "\s*)?"\s?\d+s"$/.test(age))).toEqual([])
      expect(await wall.byId('verdict').getAttribute('data-state')).toBe('nodata')
    } finally {
      process.kill(pid, 'SIGCONT')
    }
    await connection('live')
    expect((await ages()).filter((age) => age !== 'none')).toEqual([])
  })
})

describe('a leader that goes away', () => {
  it('offline: a bar says since when and when the next try is; the last good picture stays; another term is taken', async () => {
    const before = fleet.ready.pids.leader ?? 0
    process.kill(before, 'SIGKILL')
    await connection('offline')
    await bar()
      .getByText(/^Not live since \d\d:\d\d:\d\d\.$/)
      .waitFor()
    await poll('the next try', async () =>
      (await bar()
        .getByText(/Next try in|Connecting now/)
        .count()) > 0
        ? true
        : null,
    )
    await wall.byId('node-master-1').waitFor()
    expect(await wall.page.evaluate('document.documentElement.dataset.trust')).toBe('lost')
    await fleet.successor('leader', before)
    await connection('live')
    await wall.byId('node-leader').or(wall.page.getByText('term 2')).first().waitFor()
    const { term } = await fleet.json<{ term: number }>('/api/stats')
    await wall.page.getByText(`term ${term}`).waitFor()
  })
})
