import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Task } from '../../src/contract/task.js'
import { Fleet } from './fleet.js'
import { poll } from './poll.js'
import { Browser, WallPage } from './wall-browser.js'
import { axeFindings } from './wall-fleet.js'

let fleet: Fleet
let browser: Browser
let wall: WallPage
/** Ran from `runsMs` on and is over. */
let film: string
let runsMs: number
/** Failed after it. */
let breaks: string

beforeAll(async () => {
  fleet = await Fleet.start(['--masters', '1'])
  browser = await Browser.open({ reducedMotion: true })
  film = await submit('film', 'echo first scene; sleep 2; echo last scene')
  await until(async () => (await task(film)).status === 'running')
  await until(async () => (await linesOf(film)).includes('first scene'))
  runsMs = Date.now()
  await until(async () => (await task(film)).status === 'completed')
  breaks = await submit('breaks', 'exit 3')
  await until(async () => (await task(breaks)).status === 'failed')
  wall = await WallPage.byToken(browser, fleet.ready)
})
afterAll(async () => {
  await browser?.close()
  await fleet?.stop()
})

async function submit(name: string, shell: string): Promise<string> {
  const body = { type: 'command', name, payload: { command: shell }, retry: { attemptsMax: 1 } }
  return ((await (await fleet.post('/api/tasks', body)).json()) as Task).taskId
}
const task = (taskId: string) => fleet.json<Task>(`/api/tasks/${taskId}`)
const linesOf = async (taskId: string): Promise<string> =>
  JSON.stringify(await fleet.json(`/api/tasks/${taskId}/logs`))

const until = (isSo: () => Promise<boolean>): Promise<true> =>
  poll('the fleet', async () => ((await isSo()) ? true : null), { everyMs: 20 })

const shown = async (page: WallPage = wall): Promise<void> => {
  await page.page.locator('[data-testid=replay][data-phase=shown]').waitFor()
  await page.page.locator('[data-testid=connection][data-state=replay]').waitFor()
}
const visit = async (path: string): Promise<void> => {
  await wall.page.goto(`${fleet.ready.api}${path}`)
}
const atOf = (page: WallPage): number => Number(new URL(page.page.url()).searchParams.get('at'))
const rows = (page: WallPage): Promise<string[]> =>
  page.page
    .locator('[data-testid^=task-]')
    .evaluateAll((all) => all.map((row) => `${row.dataset.testid} ${row.dataset.phase} ${row.textContent}`))

describe('time travel on the wall', () => {
  it('[TT6] shows a task that is over as it ran then, and what was not there yet is not there', async () => {
    await visit(`/tasks?at=${runsMs}`)
    await shown()
    await wall.phase(film, 'running')
    expect(await wall.byId(`task-${breaks}`).count()).toBe(0)
    await visit(`/logs?at=${runsMs}`)
    await shown()
    await wall.page.getByText('first scene').first().waitFor()
    expect(await wall.page.getByText('last scene').count()).toBe(0)
    await visit(`/topology?at=${runsMs}`)
    await wall.byId('node-master-1').waitFor()
  })

  it('[TT7] nothing can be done to the past, and the wall says why', async () => {
    await visit(`/tasks?at=${runsMs}`)
    await shown()
    const cancel = wall.byId(`cancel-${film}`)
    expect(await cancel.isDisabled()).toBe(true)
    expect(await cancel.getAttribute('title')).toContain('You look at the past')
    await wall.page.keyboard.press('c')
    expect(await wall.byId('chat-input').isDisabled()).toBe(true)
    await wall.page.getByText('You look at the past: nothing can be changed.').first().waitFor()
    expect((await task(film)).status).toBe('completed')
  })

  it('[TT8] the link shows the same in another browser', async () => {
    await visit(`/tasks?at=${runsMs}`)
    await shown()
    await wall.phase(film, 'running')
    const other = await Browser.open({ reducedMotion: true })
    try {
      const second = await WallPage.byToken(other, fleet.ready)
      await second.page.goto(wall.page.url())
      await shown(second)
      await second.phase(film, 'running')
      expect(await rows(second)).toEqual(await rows(wall))
    } finally {
      await other.close()
    }
  })

  it('[TT9] steps and plays without a request, jumps to the next failure, and goes live', async () => {
    await visit(`/tasks?at=${runsMs}`)
    await shown()
    const asked: string[] = []
    wall.page.on('request', (request) => asked.push(request.url()))
    const pastAsked = (): string[] => asked.filter((url) => url.includes('/api/replay'))
    await wall.page.keyboard.press(']')
    await wall.phase(film, 'succeeded')
    await wall.page.keyboard.press('[')
    await wall.phase(film, 'running')
    expect(pastAsked()).toEqual([])
    await wall.page.keyboard.press('.')
    await wall.phase(breaks, 'exit')
    await wall.page.getByText(`Failed here: task ${breaks}`).waitFor()
    await wall.page.waitForURL((url) => Number(url.searchParams.get('at')) > runsMs)
    const failedMs = atOf(wall)
    expect((await task(breaks)).completedAt).toBe(failedMs)
    await wall.page.keyboard.press('[')
    await wall.page.waitForURL((url) => Number(url.searchParams.get('at')) < failedMs)
    await wall.byId('replay-play').click()
    await wall.phase(breaks, 'exit')
    await wall.page.keyboard.press('L')
    await wall.live()
    expect(new URL(wall.page.url()).searchParams.has('at')).toBe(false)
    await wall.phase(film, 'succeeded')
    expect(await wall.byId('replay').count()).toBe(0)
    expect(await wall.byId(`retry-${breaks}`).isEnabled()).toBe(true)
  })

  it('[TT9] a wall that was in the past hears of the present again', async () => {
    await visit(`/tasks?at=${runsMs}`)
    await shown()
    const after = await submit('after', 'true')
    await until(async () => (await task(after)).status === 'completed')
    expect(await wall.byId(`task-${after}`).count()).toBe(0)
    await wall.byId('replay-live').click()
    await wall.phase(after, 'succeeded')
  })

  it('[TT4] an instant that is not kept is said so, with the nearest one; an address that names none too', async () => {
    await visit('/tasks?at=1000')
    await wall.page.getByText(/is not kept: the log goes from/).waitFor()
    await wall.byId('replay-nearest').click()
    await shown()
    await visit(`/tasks?at=${Date.now() + 3_600_000}`)
    await wall.page.getByText(/is still to come/).waitFor()
    await wall.byId('replay-nearest').click()
    await shown()
    await visit('/tasks?at=yesterday')
    await wall.page.getByText('The address names no instant; you see the present.').waitFor()
    await wall.live()
  })

  it('[TT6] time stops by a key, and the slider goes through all that is kept', async () => {
    await wall.go('/tasks')
    await wall.page.keyboard.press('Space')
    await shown()
    const slider = wall.byId('replay-slider')
    await slider.focus()
    const press = (key: string, isThere: () => Promise<boolean>) =>
      poll(`the slider at its ${key}`, async () => {
        await slider.press(key)
        return (await isThere()) ? true : null
      })
    const filmRow = wall.byId(`task-${film}`)
    await press('Home', async () => (await filmRow.count()) === 0)
    await press('End', async () => (await filmRow.count()) === 1)
    await wall.phase(breaks, 'exit')
  })

  it.each(['en', 'zh'])('is free of findings by axe in %s', async (lang) => {
    await visit(`/overview?at=${runsMs}&lang=${lang}`)
    await shown()
    expect(await axeFindings(wall)).toEqual([])
  })
})
