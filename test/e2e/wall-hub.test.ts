import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Agent, Worker } from '../../src/contract/worker.js'
import { poll } from './poll.js'
import { axeFindings, openWallFleet, type WallFleet } from './wall-fleet.js'

let open: WallFleet
beforeAll(async () => {
  open = await openWallFleet()
})
afterAll(() => open?.close())

const worker = (id = 'master-1') => open.fleet.json<Worker>(`/api/workers/${id}`)
const button = (name: string) => open.wall.page.getByRole('button', { name, exact: true })

describe('a master', () => {
  it('is added by a command that can be copied; the dialog says when it has joined', async () => {
    const { page } = open.wall
    await open.wall.go('/masters')
    await button('Add a master').click()
    const command = (await page.locator('pre').first().textContent()) ?? ''
    expect(command).toContain(open.fleet.ready.joinFile)
    await page.getByText('which only its own machine reaches').waitFor()
    expect(await axeFindings(open.wall)).toEqual([])
    // The command as it was copied, in a folder of its own.
    const folder = mkdtempSync(join(tmpdir(), 'agentflow-joined-'))
    const args = [resolve('dist/cli/main.js'), ...command.split(' ').slice(1), '--allow-root']
    const master = spawn(process.execPath, [...args, '--http', '127.0.0.1:0'], {
      cwd: folder,
      stdio: 'ignore',
    })
    const ended = once(master, 'exit')
    try {
      await page.getByText('master-2 has joined.').waitFor()
    } finally {
      master.kill('SIGTERM')
      await ended
      rmSync(folder, { recursive: true, force: true })
    }
    await page.keyboard.press('Escape')
  })

  it('is held back, drained with a deadline, and taken back on the wall; each reaches it', async () => {
    const { page } = open.wall
    await open.wall.go('/masters?worker=master-1')
    await button('Give it no new work').click()
    await button('Take it back').waitFor()
    expect(await worker()).toMatchObject({ schedulable: false, hold: { kind: 'cordoned' } })
    await button('Take it back').click()
    await button('Drain').waitFor()
    const taskId = await open.fleet.submit(['sleep', '600'])
    await poll('the task to run', async () => ((await worker()).busyAgents === 1 ? true : null))
    await button('Drain').click()
    await page
      .getByLabel('What takes too long')
      .selectOption({ label: 'is started again elsewhere after 1h' })
    await button('Drain').last().click()
    await page.getByText('1 task still runs.').waitFor()
    await page.getByText(/What runs then is moved in (1h|59m \d+s)\./).waitFor()
    expect((await worker()).hold?.kind).toBe('draining')
    expect(await axeFindings(open.wall)).toEqual([])
    await open.fleet.call(`/api/tasks/${taskId}`, { method: 'DELETE' })
    await page.getByText(/drained by/).waitFor()
    await button('Take it back').click()
    await poll('work again', async () => ((await worker()).schedulable ? true : null))
  })

  it('is restarted after a question, and its task goes on', async () => {
    const { page } = open.wall
    const taskId = await open.fleet.submit(['sleep', '600'], { name: 'goes on' })
    const before = await poll('the task to run', async () => {
      const task = await open.fleet.json<{ pid: number | null }>(`/api/tasks/${taskId}`)
      return task.pid
    })
    await open.wall.go('/masters?worker=master-1')
    await button('Restart').click()
    await page.getByText('Its tasks go on meanwhile.').waitFor()
    await button('Restart').last().click()
    await poll('the master to be back', async () => {
      const { agents, status } = await worker()
      return status === 'online' && agents.some(({ currentTask }) => currentTask === taskId) ? true : null
    })
    expect(await open.fleet.json(`/api/tasks/${taskId}`)).toMatchObject({ pid: before, attempt: 1 })
    await open.fleet.call(`/api/tasks/${taskId}`, { method: 'DELETE' })
  })
})

describe('agents', () => {
  const agents = async () => (await open.fleet.json<{ agents: Agent[] }>('/api/agents')).agents

  it('are made on the wall and come into the list', async () => {
    const { page } = open.wall
    await open.wall.go('/agents?worker=master-1')
    await page.getByText('master-1/p10').waitFor()
    await page.keyboard.press('n')
    await page.getByLabel('How many').fill('2')
    await page.getByLabel(/^On/).selectOption('master-1')
    await button('Create').click()
    await page.getByRole('link', { name: 'master-1/p12' }).waitFor()
  })

  it('show what they do and what they did; the open one is in the address', async () => {
    const { page } = open.wall
    const past = await open.fleet.submit(['true'], { name: 'was quick' })
    const agentId = await poll('its end', async () => {
      const task = await open.fleet.json<{ status: string; agentId: string }>(`/api/tasks/${past}`)
      return task.status === 'completed' ? task.agentId : null
    })
    await open.wall.go('/agents')
    await page.getByRole('link', { name: agentId, exact: true }).click()
    expect(new URL(page.url()).searchParams.get('agent')).toBe(agentId)
    const detail = page.getByRole('region', { name: 'Agent' })
    await detail.getByRole('link', { name: 'was quick' }).waitFor()
    await detail.getByText('It waits for work.').waitFor()
    expect(await axeFindings(open.wall)).toEqual([])
    await page.keyboard.press('Escape')
    await detail.waitFor({ state: 'detached' })
  })

  it('are acted on together: what the chosen ones run is cancelled, and they are deleted after a question', async () => {
    const { page } = open.wall
    const taskId = await open.fleet.submit(['sleep', '600'])
    const running = await poll('the task to run', async () => {
      const all = await agents()
      return all.find(({ currentTask }) => currentTask === taskId)?.agentId ?? null
    })
    await open.wall.go('/agents')
    await page.getByLabel(`Choose ${running}`, { exact: true }).check()
    await page.getByLabel('Choose master-1/p12', { exact: true }).check()
    await page.getByText('2 agents chosen').waitFor()
    await button('Cancel their tasks').click()
    await poll('the cancel', async () => {
      const { status } = await open.fleet.json<{ status: string }>(`/api/tasks/${taskId}`)
      return status === 'cancelled' ? true : null
    })
    await page.getByLabel(`Choose ${running}`, { exact: true }).uncheck()
    await button('Delete').click()
    await page.getByText('Delete 1 agent?').waitFor()
    await button('Delete').last().click()
    await page.getByText('agents chosen').waitFor({ state: 'detached' })
    await page.getByRole('link', { name: 'master-1/p12' }).waitFor({ state: 'detached' })
    expect((await agents()).map(({ agentId }) => agentId)).not.toContain('master-1/p12')
  })
})

describe('the dashboard', () => {
  it('counts what ends as it ends, draws it, and tells the charts in words', async () => {
    const { page } = open.wall
    await open.wall.go('/dashboard')
    const total = (name: string) => page.getByRole('link', { name: new RegExp(`^${name}`) })
    const failures = async () =>
      Number(((await total('Failed in the last hour').textContent()) ?? '').replace(/\D/g, ''))
    const before = await failures()
    await open.fleet.submit(['false'], { retry: { attemptsMax: 1 } })
    await open.fleet.submit(['true'])
    await poll('the failure on the dashboard', async () => ((await failures()) === before + 1 ? true : null))
    await page.getByRole('img', { name: /^CPU: mean \d+%, highest \d+%$/ }).waitFor()
    await page.getByRole('img', { name: /^Errors: share that failed \d+%$/ }).waitFor()
    await page.getByRole('img', { name: /^Run time: half within .* ms, 95% within/ }).waitFor()
    const drawn = await page.locator('canvas').count()
    expect(drawn).toBe(6)
    expect(await axeFindings(open.wall)).toEqual([])
  })

  it('knows the load from before it was opened', async () => {
    const points = await poll('a kept sample', async () => {
      const now = Date.now()
      const load = await open.fleet.json<{ points: { cpu: number; workers: number }[] }>(
        `/api/load?from=${now - 600_000}&to=${now}&points=20`,
      )
      return load.points.length > 0 ? load.points : null
    })
    expect([1, 2]).toContain(points[0]?.workers)
    expect(points[0]?.cpu).toBeGreaterThan(0)
    expect((await open.fleet.call('/api/load?from=0')).status).toBe(400)
  })
})

describe('lists', () => {
  it('a filter of the tasks is saved by name, found again after a load, and deleted', async () => {
    const { page } = open.wall
    await open.wall.go('/tasks?status=failed&q=build')
    await button('Saved filters').click()
    await page.getByLabel('Name for the filter that is on now').fill('failed builds')
    await button('Save').click()
    expect(await axeFindings(open.wall)).toEqual([])
    await open.wall.go('/tasks')
    await button('Saved filters').click()
    await button('failed builds').click()
    const { searchParams } = new URL(page.url())
    expect([searchParams.get('status'), searchParams.get('q')]).toEqual(['failed', 'build'])
    await button('Saved filters').click()
    await button('Delete failed builds').click()
    await page.getByText('No filter is saved on this screen').waitFor()
    await page.keyboard.press('Escape')
  })

  it('two runs are compared: what was asked apart, what came of it, what they wrote', async () => {
    const { page } = open.wall
    const run = async (words: string, priority: number) => {
      const id = await open.fleet.submit(['sh', '-c', `seq 20; echo ${words}`], {
        name: 'compared',
        priority,
      })
      await poll('its end', async () => {
        const { status } = await open.fleet.json<{ status: string }>(`/api/tasks/${id}`)
        return status === 'completed' ? true : null
      })
      return id
    }
    const [first, second] = [await run('before', 3), await run('after', 7)]
    await open.wall.go('/history?q=compared')
    await page.getByLabel(`Choose compared (${first})`).check()
    await page.getByText('Choose two to compare them.').waitFor()
    await page.getByLabel(`Choose compared (${second})`).check()
    await button('Compare').click()
    expect(new URL(page.url()).searchParams.get('compare')).toBe(`${first},${second}`)
    const row = page.getByRole('row', { name: /priority/ })
    await row.waitFor()
    expect(await row.getByRole('cell').allTextContents()).toEqual(['3', '7'])
    const outputs = page.getByRole('region', { name: 'Output' })
    await outputs.getByText('18 equal lines').waitFor()
    expect(await outputs.getByText('only left:').locator('..').textContent()).toContain('before')
    expect(await outputs.getByText('only right:').locator('..').textContent()).toContain('after')
    expect(await page.getByRole('row', { name: /^project/ }).count()).toBe(0)
    await page.getByRole('button', { name: /^Show \d+ facts that are the same$/ }).click()
    await page.getByRole('row', { name: /^project/ }).waitFor()
    expect(await axeFindings(open.wall)).toEqual([])
    await button('Back to the history').click()
    await page.getByLabel(`Choose compared (${first})`).waitFor()
  })
})

describe('retention', () => {
  it('is changed on the wall, holds in the program, is told in the history of configuration, and put back', async () => {
    const { page } = open.wall
    await open.wall.go('/settings')
    const days = page.getByLabel(/^Journal, days/)
    expect(await days.inputValue()).toBe('7')
    await days.fill('30')
    await button('Keep so much').click()
    await button('As built in').waitFor()
    const kept = () => open.fleet.json<{ journalMs: number }>('/api/settings/retention')
    expect((await kept()).journalMs).toBe(30 * 24 * 3_600_000)
    const cli = await open.fleet.cli(['retention'])
    expect(cli.stdout).toContain('720h (built in: 168h)')
    await days.fill('0')
    await button('Keep so much').click()
    await page.getByRole('alert').filter({ hasText: 'journalMs' }).waitFor()
    await open.wall.go('/history?view=config&kind=retention')
    await page.getByText('journalMs').first().waitFor()
    const reset = await open.fleet.cli(['retention', '--built-in', '--json'])
    expect(JSON.parse(reset.stdout)).toMatchObject({ journalMs: 7 * 24 * 3_600_000 })
  })
})
