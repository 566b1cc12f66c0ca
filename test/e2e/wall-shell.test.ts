import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { poll } from './poll.js'
import { axeFindings, openWallFleet, type WallFleet } from './wall-fleet.js'

let on: WallFleet
let taskId: string

const press = async (...keys: readonly string[]) => {
  for (const key of keys) await on.wall.page.keyboard.press(key)
}
const screen = (name: string) => on.wall.page.getByRole('heading', { level: 1, name }).waitFor()
const palette = () => on.wall.byId('palette')
/** Opens the palette, types and takes the first that has this name: with Enter, unless it came after another one. */
const choose = async (words: string, name: string) => {
  await press('Control+k')
  await palette().getByRole('combobox').fill(words)
  const option = palette().getByRole('option', { name }).first()
  await option.waitFor()
  if ((await option.getAttribute('aria-selected')) === 'true') await press('Enter')
  else await option.click()
  await palette().waitFor({ state: 'detached' })
}

beforeAll(async () => {
  on = await openWallFleet()
  taskId = await on.fleet.submit('echo begun; sleep 300', { name: 'long build', stallAfterMs: 0 })
  await on.wall.phase(taskId, 'running')
})
afterAll(() => on?.close())

describe('[WV5] the palette', () => {
  it('goes to a screen by its name in either language', async () => {
    await choose('masters', 'Masters')
    await screen('Masters')
    await choose('任务', 'Tasks')
    await screen('Tasks')
  })

  it('acts on a task that the words name, and the tray says what came of it', async () => {
    await choose('pause long', 'Pause long build')
    await on.wall.page.getByText(/^Paused long build/).waitFor()
    await on.wall.phase(taskId, 'paused')
  })

  it('acts on the open task without its name', async () => {
    await on.wall.go(`/tasks?task=${taskId}`)
    await on.wall.phase(taskId, 'paused')
    await choose('resume', 'Resume long build')
    await on.wall.phase(taskId, 'running')
  })

  it('opens a task and a master by id', async () => {
    await on.wall.go('/overview')
    await choose(taskId, 'long build')
    await on.wall.page
      .getByRole('region', { name: 'Task' })
      .getByRole('heading', { name: 'long build' })
      .waitFor()
    await choose('master-1', 'master-1')
    await screen('Masters')
  })

  it('holds a master and lets it go', async () => {
    const hold = async () =>
      (await on.fleet.json<{ hold: { kind: string } | null }>('/api/workers/master-1')).hold?.kind ?? 'none'
    await choose('cordon master-1', 'Cordon master-1')
    await poll('the hold', async () => ((await hold()) === 'cordoned' ? true : null))
    await choose('uncordon master-1', 'Uncordon master-1')
    await poll('no hold', async () => ((await hold()) === 'none' ? true : null))
  })

  it('opens the form for a task, and runs a template', async () => {
    await choose('new task', 'New task')
    const form = on.wall.page.getByRole('dialog', { name: 'New task' })
    await form.waitFor()
    await press('Escape')
    await form.waitFor({ state: 'detached' })
    await on.fleet.post('/api/templates', {
      name: 'greet',
      parameters: {},
      task: { type: 'command', payload: { command: ['echo', 'hello'] } },
    })
    await choose('greet', 'Run greet')
    await on.wall.page
      .getByRole('dialog', { name: 'Run greet' })
      .getByRole('button', { name: 'Run it' })
      .click()
    await on.wall.page.getByRole('region', { name: 'Task' }).getByRole('log').getByText('hello').waitFor()
  })

  it('switches language and theme for good, and says so when nothing has the name', async () => {
    await choose('chinese', 'Switch to Chinese')
    await screen('队列')
    await choose('english', '切换到英文')
    await choose('light', 'Theme: light')
    await on.wall.page.waitForFunction(`document.documentElement.dataset.theme === 'light'`)
    await choose('theme system', 'Theme: as the system')
    await press('Control+k')
    await palette().getByRole('combobox').fill('no such thing')
    await palette().getByText('Nothing has this name').waitFor()
    expect(await axeFindings(on.wall)).toEqual([])
    await press('Control+k')
    await palette().waitFor({ state: 'detached' })
  })
})

describe('[WV6] the keys', () => {
  it('are listed with those of the screen, and another can be chosen, kept and given back', async () => {
    await on.wall.go('/tasks')
    await press('?')
    const sheet = on.wall.page.getByRole('dialog', { name: 'Keys' })
    await sheet.getByText('Next row').waitFor()
    await sheet.getByRole('button', { name: 'Choose another key for Chat, now c' }).click()
    await press('n')
    await sheet.getByText('Those keys belong to: New task').waitFor()
    await sheet.getByRole('button', { name: 'Choose another key for Chat, now c' }).click()
    await press('h')
    await sheet.getByRole('button', { name: 'Choose another key for Chat, now h' }).waitFor()
    expect(await axeFindings(on.wall)).toEqual([])
    await on.wall.go('/settings')
    await press('h')
    await on.wall.byId('chat-input').waitFor()
    await press('Escape')
    await on.wall.page.getByRole('button', { name: 'Standard keys again' }).click()
    await on.wall.byId('key-c').getByText('c', { exact: true }).waitFor()
  })
})
