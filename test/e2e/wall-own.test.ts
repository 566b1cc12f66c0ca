import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { freePort, JsonProcess, temporaryFolder } from './fleet.js'
import { poll } from './poll.js'
import { Browser, WallPage } from './wall-browser.js'
import { axeFindings } from './wall-fleet.js'
import { WallPeer } from './wall-peer.js'

const root = process.getuid?.() === 0 ? ['--allow-root'] : []

let folder: string
let leader: JsonProcess
let startLeader: () => Promise<Readonly<Record<string, unknown>>>
const masters: JsonProcess[] = []
let browser: Browser
let wall: WallPage
let api: string
let token: string
/** Of the master that serves a wall. */
let own: string
let ticking: string
let elsewhere: string
let waiting: string

beforeAll(async () => {
  folder = temporaryFolder()
  const [http, grpc] = [await freePort(), await freePort()]
  startLeader = () => {
    const addresses = [`--http=127.0.0.1:${http}`, `--grpc=127.0.0.1:${grpc}`]
    leader = new JsonProcess(['leader', '--json', '--id=leader-1', ...addresses, '--data', folder, ...root])
    return leader.line('READY', () => true)
  }
  const ready = await startLeader()
  api = String(ready.api)
  token = String(ready.token)
  const join = ['--leader', String(ready.grpc), '--join-file', String(ready.joinFile), '--data', folder]
  const master = (id: string, ...more: readonly string[]) => {
    const one = new JsonProcess([
      'master',
      '--json',
      '--id',
      id,
      '--http=127.0.0.1:0',
      ...join,
      ...more,
      ...root,
    ])
    masters.push(one)
    return one.line('READY', () => true)
  }
  own = String((await master('m1', '--wall')).wall)
  await master('m2')
  await poll('both masters', async () => {
    const { workers } = await json<{ workers: { status: string }[] }>('/api/workers')
    return workers.filter(({ status }) => status === 'online').length === 2 ? true : null
  })
  const ticks = 'while :; do echo tick; sleep 0.2; done'
  ticking = await submit('ticking', ticks, 'm1')
  waiting = await submit('waiting', `until [ -e ${folder}/go ]; do sleep 0.1; done; echo gone`, 'm1')
  elsewhere = await submit('elsewhere', ticks, 'm2')
  browser = await Browser.open({ reducedMotion: true })
})
afterAll(async () => {
  await browser?.close()
  for (const master of masters) await master.stop()
  await leader?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const call = (path: string, init: RequestInit = {}, at = api) =>
  fetch(`${at}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  })
const json = async <T>(path: string, at = api): Promise<T> => (await (await call(path, {}, at)).json()) as T

async function submit(name: string, command: string, workerId: string, at = api): Promise<string> {
  const terms = { requirements: { workerId }, onDisconnect: 'keep', stallAfterMs: 0 }
  const body = JSON.stringify({ type: 'command', name, payload: { command }, ...terms })
  const { taskId } = (await (await call('/api/tasks', { method: 'POST', body }, at)).json()) as {
    taskId: string
  }
  return taskId
}

const localMark = () => wall.page.locator('[data-testid=connection][data-state=stale][data-local=true]')
const masterIs = (id: string, status: string) =>
  wall.page.locator(`[data-testid="master-${id}"][data-status="${status}"]`).waitFor()
const peer = () => WallPeer.open({ ws: `${own.replace('http', 'ws')}/ws`, token }, ['nodes', 'tasks', 'logs'])

it("[OW1] a master's own wall shows the whole fleet live, and acts reach the other master as the user's", async () => {
  wall = await WallPage.byToken(browser, { token, api: own }, '/tasks')
  await wall.phase(ticking, 'running')
  await wall.phase(elsewhere, 'running')
  const further = await submit('further', 'sleep 300', 'm2', own)
  await wall.phase(further, 'running')
  await wall.byId(`cancel-${further}`).click()
  await wall.phase(further, 'cancelled')
  expect(await json(`/api/tasks/${further}`)).toMatchObject({ status: 'cancelled', workerId: 'm2' })
  await wall.go('/masters')
  await masterIs('m1', 'online')
  await masterIs('m2', 'online')
})

it('[OW2] only the leader admits: another token, another origin and garbage get what they get there', async () => {
  const refused = await fetch(`${own}/api/tasks`, { headers: { authorization: 'Bearer nobody' } })
  expect(refused.status).toBe(401)
  const stranger = new WallPeer(`${own.replace('http', 'ws')}/ws`)
  await stranger.connected()
  stranger.send({ type: 'AUTH', token: 'nobody' })
  expect(await stranger.closed).toBe(4401)
  const babbler = new WallPeer(`${own.replace('http', 'ws')}/ws`)
  await babbler.connected()
  babbler.send('{"type":')
  expect(await babbler.closed).toBe(4400)
  const lured = new WallPeer(`${own.replace('http', 'ws')}/ws`, { origin: 'https://evil.example' })
  expect(await lured.closed).toBe(4403)
  const page = await fetch(`${own}/overview`)
  const leaders = await fetch(`${api}/overview`)
  const policy = (response: Response, at: string) =>
    response.headers.get('content-security-policy')?.replaceAll(new URL(at).host, 'HOST')
  expect(policy(page, own)).toBe(policy(leaders, api))
})

it('[OW3] without the leader the wall says so: its own master is live, all else is hollow and has an age', async () => {
  leader.child.kill('SIGKILL')
  await localMark().getByText('Local only').waitFor()
  await wall.page.getByText(/The leader is gone since .* ago\./).waitFor()
  await masterIs('m1', 'online')
  await masterIs('m2', 'unknown')
  expect(await wall.byId('master-m2').textContent()).toMatch(/ago/)
  expect(await axeFindings(wall)).toEqual([])
  const one = await peer()
  const told = await one.until('its own line', ({ type }) => type === 'LOG')
  expect(told).toMatchObject({ lines: [{ taskId: ticking, nodeId: 'm1', text: 'tick' }] })
  writeFileSync(join(folder, 'go'), '')
  const ended = await one.until('the end of its task', ({ type, task }) =>
    type === 'TASK_UPDATE' && (task as { taskId: string; phase: string }).taskId === waiting
      ? (task as { phase: string }).phase === 'succeeded'
      : false,
  )
  expect(ended).toMatchObject({ task: { status: 'completed', result: { exitCode: 0 } } })
  const tasks = await one.until('tasks', ({ type, topic }) => type === 'SNAPSHOT' && topic === 'tasks')
  const phases = (tasks.items as { taskId: string; phase: string }[]).map(({ taskId, phase }) => [
    taskId,
    phase,
  ])
  expect(Object.fromEntries(phases)).toMatchObject({ [ticking]: 'running', [elsewhere]: 'unknown' })
  one.close()
})

it('[OW4] without the leader nobody acts and nobody new comes in', async () => {
  const one = await peer()
  one.send({ type: 'COMMAND', requestId: 'r1', action: 'cancel', taskId: ticking })
  expect(await one.until('a refusal', ({ type }) => type === 'ERROR')).toMatchObject({
    requestId: 'r1',
    error: { code: 'unavailable', message: expect.stringContaining('The leader is gone') },
  })
  one.close()
  const act = await call(`/api/tasks/${ticking}/cancel`, { method: 'POST', body: '{}' }, own)
  expect([act.status, ((await act.json()) as { error: { code: string } }).error.code]).toEqual([
    503,
    'unavailable',
  ])
  const stranger = new WallPeer(`${own.replace('http', 'ws')}/ws`)
  await stranger.connected()
  stranger.send({ type: 'AUTH', token: 'nobody' })
  expect(await stranger.closed).toBe(1013)
})

it('[OW5] a page that is loaded anew without the leader shows the same', async () => {
  await wall.page.reload()
  await localMark().waitFor()
  await masterIs('m2', 'unknown')
  await wall.page.goto(`${own}/topology`)
  const markOf = (id: string) => wall.page.locator(`[data-testid="node-${id}"] svg`).first()
  await markOf('m1').locator('.mark-solid').waitFor()
  expect(await markOf('m2').locator('.mark-solid').count()).toBe(0)
  await wall.page.goto(`${own}/masters`)
  await localMark().waitFor()
})

it('[OW6] when the leader is back the wall is live again by itself, with what happened meanwhile', async () => {
  const loaded = await wall.page.evaluate<number>('performance.timeOrigin')
  await startLeader()
  await wall.live()
  await masterIs('m2', 'online')
  expect(await wall.page.evaluate<number>('performance.timeOrigin')).toBe(loaded)
  expect(await wall.page.locator('[data-local]').count()).toBe(0)
  await poll('the end that came meanwhile', async () => {
    const { status } = await json<{ status: string }>(`/api/tasks/${waiting}`)
    return status === 'completed' ? true : null
  })
  expect(browser.complaints.filter((text) => !/ERR_CONNECTION|503|WebSocket/.test(text))).toEqual([])
})
