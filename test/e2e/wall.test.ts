import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Fleet } from './fleet.js'
import { poll } from './poll.js'
import { Browser, WallPage } from './wall-browser.js'

let fleet: Fleet
let browser: Browser
let wall: WallPage

/** Prints a numbered line four times a second until it is stopped. */
const counter = 'i=0; while :; do i=$((i+1)); echo "count $i"; sleep 0.25; done'

beforeAll(async () => {
  fleet = await Fleet.start(['--masters', '2'])
  browser = await Browser.open()
})
afterAll(async () => {
  await browser?.close()
  await fleet?.stop()
})

const status = async (taskId: string) => (await fleet.json<{ status: string }>(`/api/tasks/${taskId}`)).status

describe('signing in', () => {
  it('by the link: the wall is live, the code leaves the address', async () => {
    wall = await WallPage.byLink(browser, fleet.ready)
    expect(wall.page.url()).not.toContain('login')
    await wall.byId('node-master-1').waitFor()
    await wall.byId('node-master-2').waitFor()
    // A busy machine answers its first ping late.
    expect(await wall.byId('link-master-1').getAttribute('data-health')).toMatch(/^(ok|slow)$/)
  })

  it('by a link that was used: a page that says so and how to get another', async () => {
    const page = await browser.context.newPage()
    await page.goto(fleet.ready.url)
    await page.getByText('was used already').waitFor()
    await page.getByText('agentflow up').waitFor()
    await page.close()
  })

  it('by a token, refused when it is wrong', async () => {
    const page = await browser.context.newPage()
    await page.goto(`${fleet.ready.api}/tasks`)
    await page.locator('input[name=token]').fill('afp_wrong')
    await page.locator('button[type=submit]').click()
    await page.getByText('does not take this token').waitFor()
    await page.close()
  })

  it('asks for nothing from anywhere else, and nothing is refused by the policy', () => {
    const policy = browser.complaints.filter((text) => /content security policy|refused to/i.test(text))
    expect(policy).toEqual([])
  })
})

describe('a task', () => {
  it('appears live, and moves from running to done', async () => {
    const taskId = await fleet.submit('read line', {
      name: 'short lived',
      payload: { command: 'read line', stdinOpen: true },
    })
    await wall.phase(taskId, 'running')
    await fleet.post(`/api/tasks/${taskId}/cancel`)
    await wall.byId(`task-${taskId}`).waitFor({ state: 'detached' })
    expect(await status(taskId)).toBe('cancelled')
  })

  it('is paused, resumed and cancelled by its buttons, and says what became of each', async () => {
    const taskId = await fleet.submit(counter, { name: 'by buttons' })
    await wall.phase(taskId, 'running')
    await wall.byId(`pause-${taskId}`).click()
    await wall.phase(taskId, 'paused')
    await wall.page.getByText(/^Paused by buttons/).waitFor()
    await wall.byId(`resume-${taskId}`).click()
    await wall.phase(taskId, 'running')
    await wall.byId(`cancel-${taskId}`).click()
    await wall.page.getByText(/^Cancelled by buttons/).waitFor()
    expect(await status(taskId)).toBe('cancelled')
  })

  it('is made in the form and opens with its output', async () => {
    await wall.go('/tasks')
    await wall.page.getByRole('button', { name: 'New task' }).click()
    await wall.page.getByRole('textbox', { name: 'Command' }).fill('echo made in the form')
    await wall.page.getByLabel('Name').fill('from the form')
    await wall.page.getByRole('button', { name: 'Run it' }).click()
    const detail = wall.page.getByRole('region', { name: 'Task' })
    await detail.getByRole('heading', { name: 'from the form' }).waitFor()
    await detail.getByRole('log').getByText('made in the form', { exact: true }).waitFor()
    await detail.getByText('succeeded').first().waitFor()
  })

  it('that cannot be is refused in the leader’s own words', async () => {
    await wall.go('/tasks')
    await wall.page.getByRole('button', { name: 'New task' }).click()
    await wall.page.getByRole('textbox', { name: 'Command' }).fill('true')
    await wall.page.getByLabel('Project').fill('not a project!')
    await wall.page.getByRole('button', { name: 'Run it' }).click()
    await wall.page.getByRole('alert').getByText('project').waitFor()
    await wall.page.keyboard.press('Escape')
  })
})

describe('the chat', () => {
  it('has every project and master to choose from, and a slash command acts where it was said', async () => {
    await wall.go('/overview')
    const context = wall.byId('chat-context')
    await context.selectOption('default:master-2')
    await wall.say('/run echo from the chat')
    const task = await poll('the task of the chat', async () => {
      const { tasks } = await fleet.json<{ tasks: { name: string; workerId: string }[] }>(
        '/api/tasks?status=completed',
      )
      return tasks.find((each) => each.name === 'echo from the chat') ?? null
    })
    expect(task.workerId).toBe('master-2')
  })

  it('pauses and cancels by name; the answer comes after the final receipt', async () => {
    await wall.byId('chat-context').selectOption('*:*')
    const taskId = await fleet.submit(counter, { name: 'by-words' })
    await wall.phase(taskId, 'running')
    await wall.say('/pause by-words')
    await wall.phase(taskId, 'paused')
    await wall.say('/cancel by-words')
    await wall.byId(`task-${taskId}`).waitFor({ state: 'detached' })
    const answers = wall.byId('chat-log').locator('[data-role=assistant][data-done=true]')
    await poll('two answers', async () => ((await answers.count()) >= 2 ? true : null))
  })

  it('completes commands and tasks', async () => {
    await wall.byId('chat-input').fill('/pau')
    await wall.page.getByRole('option', { name: '/pause' }).waitFor()
    await wall.byId('chat-input').press('Tab')
    expect(await wall.byId('chat-input').inputValue()).toBe('/pause ')
    await wall.byId('chat-input').fill('')
  })
})

describe('an alert', () => {
  it('of a stall comes with its evidence, is acted on with one click, and clears itself', async () => {
    const taskId = await fleet.submit('echo last words; sleep 300', {
      name: 'goes silent',
      stallAfterMs: 1_500,
    })
    await wall.go('/alerts')
    const card = wall.page.locator('[data-testid^="alert-"]', { hasText: 'goes silent' })
    await card.getByText('last words', { exact: true }).waitFor()
    await card.getByText('sleep 300').first().waitFor()
    await card.getByTestId(`cancel-${taskId}`).click()
    await wall.page
      .locator('[data-testid^="alert-"][data-state=cleared]', { hasText: 'goes silent' })
      .waitFor()
    await wall.byId('verdict').getByText('All well').waitFor()
  })
})

describe('the log', () => {
  let taskId: string
  const lines = () => wall.byId('log').getByText(/^count \d+$/)
  const newest = async () => Number((await lines().last().textContent())?.slice('count '.length))

  it('follows its end while nobody reads back', async () => {
    await wall.go('/logs')
    taskId = await fleet.submit(counter, { name: 'counts' })
    await lines().first().waitFor()
    const before = await newest()
    await poll('later lines', async () => ((await newest()) > before + 3 ? true : null))
  })

  it('shows hostile text as text', async () => {
    await fleet.submit(
      `printf '<img src=x onerror=document.title=1> \\033[31mred\\033[0m \\342\\200\\256end\\n'`,
    )
    await wall.byId('log').getByText('<img src=x onerror=document.title=1>', { exact: true }).waitFor()
    await wall.byId('log').getByText('<U+202E>end').waitFor()
    expect(await wall.byId('log').locator('img').count()).toBe(0)
  })

  it('is filtered by level and by words', async () => {
    await fleet.submit('echo "error: it broke" >&2')
    await wall.page.getByLabel('Filter by level').selectOption('error')
    await wall.byId('log').getByText('error: it broke', { exact: true }).waitFor()
    await lines().first().waitFor({ state: 'detached' })
    await wall.page.getByLabel('Filter by level').selectOption('')
    await wall.page.getByLabel('Filter lines').fill('no such line')
    await wall.page.getByText('No line matches').waitFor()
    await wall.page.getByRole('button', { name: 'Clear the filter' }).click()
    await lines().first().waitFor()
  })

  it('goes on after the leader was killed, without a reload, and loses no task', async () => {
    await wall.page.evaluate(`document.body.dataset.kept = 'yes'`)
    const before = await newest()
    const killed = fleet.ready.pids.leader
    if (killed === undefined) throw new Error('no leader')
    process.kill(killed, 'SIGKILL')
    await wall.page.locator('[data-testid=connection]:not([data-state=live])').waitFor()
    await wall.live()
    const later = await poll('a task after the restart', async () =>
      fleet.submit('true', { name: 'after the kill' }).catch(() => null),
    )
    await poll('later lines', async () => ((await newest()) > before + 4 ? true : null))
    await wall.page.keyboard.press('g')
    await wall.page.keyboard.press('t')
    await wall.phase(later, 'succeeded')
    await wall.phase(taskId, 'running')
    expect(await wall.page.evaluate('document.body.dataset.kept')).toBe('yes')
  })
})

it('the history finds past runs', async () => {
  await wall.go('/history?q=from%20the%20form')
  await wall.page.getByRole('link', { name: 'from the form' }).waitFor()
  await wall.page.getByLabel('Status').selectOption('failed')
  await wall.page.getByText('No past run matches').waitFor()
})

it('complained about nothing but what was done to it', () => {
  const expected = /401|ERR_CONNECTION|WebSocket|Failed to load resource/
  expect(browser.complaints.filter((text) => !expected.test(text))).toEqual([])
})
