import { afterAll, beforeAll, expect, it } from 'vitest'
import { poll } from './poll.js'
import { axeFindings, openWallFleet, type WallFleet } from './wall-fleet.js'

let open: WallFleet
const ids: Record<string, string> = {}

beforeAll(async () => {
  open = await openWallFleet()
  const run = async (name: string, command: string, ...after: string[]) => {
    const dependsOn = after.map((each) => ids[each])
    const retry = { attemptsMax: 2, on: ['exit'], backoffMs: 1 }
    ids[name] = await open.fleet.submit(['sh', '-c', command], { name, dependsOn, retry })
  }
  await run('fetch', 'true')
  await run('lint', 'echo 3 links lead nowhere; exit 2', 'fetch')
  await run('build', 'sleep 600', 'fetch')
  await run('pack', 'true', 'lint', 'build')
  await run('alone', 'true')
  await run('other', 'true')
  await run('follower', 'true', 'other')
  await poll('the failure to spread', async () => {
    const { phase } = await open.fleet.json<{ phase: string }>(`/api/tasks/${ids.pack}`)
    return phase === 'dependency_failed' ? true : null
  })
})
afterAll(() => open?.close())

const node = (name: string) => open.wall.page.getByTestId(`flow-${ids[name]}`)

it('shows which task feeds which with how each stands, laid out along the edges, and nothing that is alone', async () => {
  await open.wall.go('/flow')
  for (const name of ['fetch', 'lint', 'build', 'pack', 'other', 'follower']) await node(name).waitFor()
  expect(await node('alone').count()).toBe(0)
  const left = async (name: string) => (await node(name).boundingBox())?.x ?? Number.NaN
  expect(await left('fetch')).toBeLessThan(await left('lint'))
  expect(await left('lint')).toBeLessThan(await left('pack'))
  expect(await open.wall.page.locator('.react-flow__edge').count()).toBe(5)
  await poll('the state of the build', async () =>
    (await node('build').getAttribute('data-status')) === 'running' ? true : null,
  )
  expect(await axeFindings(open.wall)).toEqual([])
})

it('one flow is opened by its task, with where the time went in it; Escape goes back to all', async () => {
  const { page } = open.wall
  await node('pack').click()
  await page.getByText('One flow: 4 tasks.').waitFor()
  expect(await node('other').count()).toBe(0)
  expect(new URL(page.url()).searchParams.get('task')).toBe(ids.pack)
  const rows = page.getByRole('table').getByRole('row')
  expect((await rows.allTextContents()).slice(1).map((text) => text.replace(/[^a-z].*/, ''))).toEqual([
    'fetchsucceededwaited',
    'lintgiven',
    'buildrunningwaited',
    'packdependency',
  ])
  await page.keyboard.press('Escape')
  await node('other').waitFor()
})

it('the trace leads from the first failure, with its attempts and last words, to the task that never ran', async () => {
  const { page } = open.wall
  await open.wall.go(`/flow?task=${ids.pack}`)
  await page.getByRole('button', { name: 'What went wrong first' }).click()
  const steps = page.getByRole('list', { name: 'What went wrong first' }).locator('> li')
  await steps.nth(1).waitFor()
  const [root, end] = await steps.allTextContents()
  expect(root).toMatch(/^lintgiven upthe root cause.*Attempt 1 .*Attempt 2 .*3 links lead nowhere/s)
  expect(end).toContain('which ended as dead_letter')
  expect(await axeFindings(open.wall)).toEqual([])
  await open.wall.go(`/flow?task=${ids.build}&view=trace`)
  await page.getByText('Nothing went wrong on the way to this task').waitFor()
})

it('a task says that it is part of a flow', async () => {
  const { page } = open.wall
  await open.wall.go(`/tasks?task=${ids.pack}&full=1`)
  await page.getByRole('link', { name: 'Its flow' }).click()
  await node('pack').waitFor()
})
