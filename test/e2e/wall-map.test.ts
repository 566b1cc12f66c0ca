import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Fleet, JsonProcess } from './fleet.js'
import { poll } from './poll.js'
import { Browser, WallPage } from './wall-browser.js'
import { axeFindings } from './wall-fleet.js'

let fleet: Fleet
let edge: JsonProcess
let browser: Browser
let wall: WallPage
let taskId = ''

/** One master more, with labels: an edge machine of a pool. */
async function startEdge(): Promise<JsonProcess> {
  const { grpc, joinFile } = fleet.ready
  const process = new JsonProcess([
    ...['master', '--json', '--id', 'edge-1', '--http', '127.0.0.1:0', '--data', `${fleet.folder}/edge-1`],
    ...['--slots', '2', '--label', 'edge=shop', '--label', 'pool=west', '--allow-root'],
    ...['--leader', grpc, '--join-file', joinFile],
  ])
  await process.line('READY', () => true)
  return process
}

beforeAll(async () => {
  fleet = await Fleet.start(['--masters', '2'])
  edge = await startEdge()
  taskId = await fleet.submit('echo hello from the map; sleep 300', {
    name: 'on the map',
    requirements: { workerId: 'master-1' },
  })
  browser = await Browser.open({ reducedMotion: true })
  wall = await WallPage.byToken(browser, fleet.ready, '/topology')
  await wall.byId('node-edge-1').waitFor()
})
afterAll(async () => {
  await browser.close()
  await edge.stop()
  await fleet.stop()
})

const press = async (...keys: string[]) => {
  for (const key of keys) await wall.page.keyboard.press(key)
}
const param = (name: string) => new URL(wall.page.url()).searchParams.get(name)
const healthOf = (id: string, health: string) =>
  wall.page.locator(`[data-testid="link-${id}"][data-health="${health}"]`).waitFor({ state: 'attached' })
const panel = () => wall.byId('map-panel')

describe('the map', () => {
  it('[MA3] names every node and link of it', async () => {
    for (const id of ['master-1', 'master-2', 'edge-1', 'master-1/p1']) {
      await wall.byId(`node-${id}`).waitFor()
      expect(await wall.byId(`link-${id}`).getAttribute('data-health')).toMatch(/^(ok|slow)$/)
    }
    expect(await wall.byId('node-edge-1').textContent()).toContain('edge')
  })

  it('is walked by arrows; Enter opens the panel, Escape closes it', async () => {
    await poll('the focus on the leader', async () => {
      await press('ArrowDown')
      return (await wall.focused()).startsWith('node-leader') ? true : null
    })
    await press('ArrowDown')
    expect(await wall.focused()).toMatch(/^node-(master-[12]|edge-1)$/)
    await press('ArrowDown')
    expect(await wall.focused()).toMatch(/^node-.*\/p\d+$/)
    await press('ArrowUp', 'Enter')
    await panel().waitFor()
    expect(param('worker')).toMatch(/^(master-[12]|edge-1)$/)
    await press('Escape')
    await panel().waitFor({ state: 'detached' })
  })

  it('a panel has meters, tasks and lines, and its acts reach the master', async () => {
    await wall.go('/topology?worker=master-1')
    await panel().getByRole('meter', { name: 'CPU' }).waitFor()
    await panel().getByText('hello from the map').first().waitFor()
    await panel().getByTestId(`pause-${taskId}`).click()
    await poll('the task to be paused', async () => {
      const { phase } = await fleet.json<{ phase: string }>(`/api/tasks/${taskId}`)
      return phase === 'paused' ? true : null
    })
    await panel().getByTestId(`resume-${taskId}`).click()
    await panel().getByTestId(`pause-${taskId}`).waitFor()
    await panel().getByRole('button', { name: 'Give it no new work' }).click()
    await poll('the master to be held', async () => {
      const { schedulable } = await fleet.json<{ schedulable: boolean }>('/api/workers/master-1')
      return schedulable ? null : true
    })
    await panel().getByRole('button', { name: 'Take it back' }).click()
    await poll('the master to be back', async () => {
      const { schedulable } = await fleet.json<{ schedulable: boolean }>('/api/workers/master-1')
      return schedulable ? true : null
    })
  })

  it('[MA4] finds by label, and goes from one to the next', async () => {
    await wall.go('/topology')
    await wall.byId('node-edge-1').waitFor()
    await press('/')
    await wall.page.keyboard.type('pool=west')
    await wall.byId('map-found').filter({ hasText: '3 found' }).waitFor()
    await press('Enter')
    await panel().getByRole('heading', { name: 'edge-1', exact: true }).waitFor()
    expect(param('q')).toBe('pool=west')
    await press('Enter')
    await panel().getByRole('heading', { name: 'edge-1/p1' }).waitFor()
  })

  it('[MA4] hides by state and label, counts it, and shows it again', async () => {
    await wall.go('/topology')
    const before = await wall.byId('node-master-2').boundingBox()
    await wall.page.getByLabel('Hide a label').selectOption('pool=west')
    await wall.byId('node-edge-1').waitFor({ state: 'detached' })
    await wall.byId('map-hidden').getByText('3 nodes hidden').waitFor()
    expect(param('hide')).toBe('pool=west')
    expect(await wall.byId('node-master-2').boundingBox()).toEqual(before)
    await wall.page.getByRole('button', { name: /^busy/ }).click()
    await wall.byId('map-hidden').getByText('4 nodes hidden').waitFor()
    await wall.byId('map-hidden').getByRole('button', { name: 'Show all' }).click()
    await wall.byId('node-edge-1').waitFor()
    expect(param('hide')).toBeNull()
  })

  it('[MA4] the same address shows the same in another page', async () => {
    const other = await WallPage.byToken(
      browser,
      fleet.ready,
      '/topology?group=pool&hide=busy&q=edge&worker=edge-1',
    )
    await other.byId('map-panel').getByRole('heading', { name: 'edge-1' }).waitFor()
    await other.byId('map-hidden').waitFor()
    expect(await other.page.getByLabel('Group masters').inputValue()).toBe('pool')
    const [alone, rest] = [
      await other.byId('node-edge-1').boundingBox(),
      await other.byId('node-master-1').boundingBox(),
    ]
    expect(alone?.y ?? 0).toBeLessThan(rest?.y ?? 0)
    await other.page.close()
  })

  it('[MA5] the tree has the same facts, is walked by keys, and selects the same', async () => {
    await wall.go('/topology?list=1')
    const tree = wall.page.getByRole('tree', { name: 'Nodes of the map' })
    await tree.getByRole('treeitem', { name: /^.*edge-1.*online.*edge.*link healthy/ }).waitFor()
    await tree.focus()
    // They came together, so they stand by name.
    await press('End', 'Home', 'ArrowDown', 'ArrowRight', 'ArrowDown', 'Enter')
    await panel().getByRole('heading', { name: 'edge-1/p1' }).waitFor()
    expect(param('agent')).toBe('edge-1/p1')
    await wall.byId('node-master-2').click()
    await tree.locator('[aria-selected=true]', { hasText: 'master-2' }).waitFor()
  })
})

describe('for everyone', () => {
  it.each([
    '/topology?list=1&worker=master-1',
    '/topology?theme=light&group=pool&hide=busy&q=edge&worker=edge-1&agent=edge-1/p1',
    '/topology?lang=zh',
  ])('%s has nothing that axe finds', async (path) => {
    await wall.go(path)
    await wall.byId('node-master-2').waitFor({ state: 'attached' })
    expect(await axeFindings(wall)).toEqual([])
  })

  it('at 200 % zoom nothing is out of reach sideways', async () => {
    await wall.page.setViewportSize({ width: 683, height: 384 })
    await wall.go('/topology?worker=master-1')
    await panel().waitFor()
    expect(await wall.page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(
      0,
    )
    await wall.page.setViewportSize({ width: 1366, height: 768 })
  })

  it('[MA6] stands still when stillness is asked for', async () => {
    await wall.go('/topology?worker=master-1&lang=en')
    await wall.byId('node-master-1').waitFor()
    const dots = `(() => { const canvas = document.querySelectorAll('canvas')[1]
      return canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((byte) => byte > 0) })()`
    expect(await wall.page.evaluate(dots)).toBe(false)
    const moving = await Browser.open()
    const other = await WallPage.byToken(moving, fleet.ready, '/topology?worker=master-1')
    await other.byId('node-master-1').waitFor()
    await poll('dots on the selected link', async () => ((await other.page.evaluate(dots)) ? true : null))
    await moving.close()
  })
})

describe('what is not live', () => {
  it('[MA3] a master that is stopped stays, its link down, with its age', async () => {
    await wall.go('/topology')
    process.kill(edge.child.pid ?? 0, 'SIGSTOP')
    try {
      await healthOf('edge-1', 'down')
      await wall
        .byId('node-edge-1')
        .getByText(/\d+s ago/)
        .waitFor()
    } finally {
      process.kill(edge.child.pid ?? 0, 'SIGCONT')
    }
    await healthOf('edge-1', 'ok')
  })

  it('[MA3] [WL8] with a leader that is stopped no link is drawn as fine and every card shows its age', async () => {
    const pid = fleet.ready.pids.leader ?? 0
    process.kill(pid, 'SIGSTOP')
    try {
      await wall.page.locator('[data-testid=connection]:not([data-state=live])').waitFor({ timeout: 60_000 })
      for (const id of ['master-1', 'master-2', 'edge-1']) {
        await healthOf(id, 'stale')
        await wall
          .byId(`node-${id}`)
          .getByText(/(\d+[sm] )?\d+[sm] ago/)
          .waitFor()
      }
    } finally {
      process.kill(pid, 'SIGCONT')
    }
    await wall.live()
    await healthOf('master-1', 'ok')
  })
})
