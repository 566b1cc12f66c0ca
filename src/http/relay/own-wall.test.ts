import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { systemClock } from '../../adapters/clock/system-clock.js'
import { limits } from '../../core/limits.js'
import { httpCalls, refusalOf } from '../../testing/http-calls.js'
import { ScriptedPlane, type ScriptedWall } from '../../testing/scripted-plane.js'
import { silentLog } from '../../testing/silent-log.js'
import { aRunningTask, aWorker } from '../../testing/wall-samples.js'
import type { HttpServer } from '../listen.js'
import { createMasterHttp } from '../master-http.js'
import { createHttpServer } from '../server.js'
import type { LeaderView } from './leader-address.js'
import { createOwnWall } from './own-wall.js'

let scripted: ScriptedPlane
let leader: HttpServer
let leaderPort: number
let master: HttpServer
let port: number
let own: ReturnType<typeof createOwnWall>
let view: LeaderView
const { call, post } = httpCalls(() => port)

async function startLeader(at = 0): Promise<void> {
  const around = { log: silentLog, wallDir: null, allowedHosts: [], corsOrigins: [], tls: null }
  leader = createHttpServer({ plane: scripted.plane, ...around })
  leaderPort = await leader.listen('127.0.0.1', at)
  view = {
    phase: 'live',
    address: '127.0.0.1:8150',
    leaderUrl: `http://127.0.0.1:${leaderPort}`,
    logId: 'log',
    term: 1,
  }
}

beforeEach(async () => {
  scripted = new ScriptedPlane({
    renew: async () => ({ token: 'afp_next', expiresAt: Date.now() + 60_000 }),
    stats: async ({ principal }) => JSON.stringify({ user: principal.id }),
  })
  await startLeader()
  own = createOwnWall({
    nodeId: 'm1',
    agents: () => [],
    leaderView: () => view,
    caPem: null,
    clock: systemClock,
    wallDir: null,
  })
  master = createMasterHttp({
    self: { nodeId: 'm1', agents: () => [], status: () => ({}), callLeader: async () => '{}' },
    status: () => ({ ready: true, reasons: [] }),
    nowMs: () => systemClock.monotonicMs(),
    log: silentLog,
    addWall: own.add,
  })
  port = await master.listen('127.0.0.1', 0)
})
afterEach(async () => {
  await Promise.all([master.close(), leader.close()])
})

type Heard = Record<string, unknown> & { readonly type: string }

/** A wall at the master that has said AUTH, and whatever it says with it. */
async function wallOf(token: string, ...messages: readonly object[]) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`)
  const heard: Heard[] = []
  const closed = new Promise<[number, string]>((resolve) =>
    socket.once('close', (code, reason) => resolve([code, reason.toString()])),
  )
  socket.on('message', (data) => heard.push(JSON.parse(String(data)) as Heard))
  await once(socket, 'open')
  const say = (message: object) => socket.send(JSON.stringify(message))
  for (const message of [{ type: 'AUTH', token, frames: true }, ...messages]) say(message)
  const until = async (is: (message: Heard) => boolean): Promise<Heard> => {
    for (;;) {
      const found = heard.find(is)
      if (found !== undefined) return found
      await once(socket, 'message')
    }
  }
  return { socket, heard, closed, say, until }
}
const isAuthOk = ({ type }: Heard): boolean => type === 'AUTH_OK'
const subscribe = (...topics: readonly string[]) => ({ type: 'SUBSCRIBE', topics })

/** A wall that the leader admitted, and the leader's end of it. */
async function passing(...messages: readonly object[]) {
  const one = await wallOf('afp_admin', ...messages)
  await one.until(isAuthOk)
  const wall = scripted.walls.at(-1) as ScriptedWall
  return { one, wall }
}

async function loseLeader(): Promise<void> {
  await leader.close()
  view = { ...view, phase: 'waiting', address: null }
}

describe('while the leader is there', () => {
  it("[OW1] a wall's messages pass both ways as they are, and the leader hears the user's own token", async () => {
    const { one, wall } = await passing(subscribe('tasks', 'nodes'))
    expect(scripted.calls.find(({ name }) => name === 'authenticate')?.args).toEqual(['afp_admin'])
    expect(wall.options).toEqual({ frames: true, resume: null })
    one.say({ type: 'ACK', seq: 3 })
    one.say({ type: 'COMMAND', requestId: 'r', action: 'cancel', taskId: 't1' })
    await scripted.until(() => wall.heard.length === 3)
    expect(wall.heard).toMatchObject([
      { subscribe: ['tasks', 'nodes'] },
      { ack: 3 },
      { command: { requestId: 'r', action: 'cancel', taskId: 't1' } },
    ])
    wall.say({ type: 'LOG', lines: [] })
    await one.until(({ type }) => type === 'LOG')
    one.socket.close()
    await scripted.until(() => wall.closes === 1)
  })

  it('[OW2] a token that the leader does not take is closed with its own code', async () => {
    const one = await wallOf('nobody')
    expect((await one.closed)[0]).toBe(4401)
    expect(one.heard).toMatchObject([{ type: 'ERROR', error: { code: 'not_authenticated' } }])
  })

  it('[OW8] a wall that says more than relayPendingMax before the leader answers is closed', async () => {
    const acks = Array.from({ length: limits.relayPendingMax + 1 }, (_, seq) => ({ type: 'ACK', seq }))
    const one = await wallOf('afp_admin', ...acks)
    expect((await one.closed)[0]).toBe(4408)
  })

  it('[OW8] serves relayWallsMax walls, and refuses one more', async () => {
    const walls = Array.from({ length: limits.relayWallsMax }, () => wallOf('afp_admin'))
    await Promise.all(walls.map(async (one) => (await one).until(isAuthOk)))
    const late = new WebSocket(`ws://127.0.0.1:${port}/ws`)
    const [refused] = (await once(late, 'unexpected-response').then(([, response]) => [response])) as [
      { statusCode: number },
    ]
    expect(refused.statusCode).toBe(429)
  })

  it("[OW1] the leader's API is passed on with the caller's token, and without the page's origin", async () => {
    const origin = `http://127.0.0.1:${port}`
    const answer = await call('/api/stats', { headers: { origin } })
    expect([answer.status, await answer.json()]).toEqual([200, { user: 'admin' }])
    expect(answer.headers.get('content-security-policy')).toContain(`ws://127.0.0.1:${port}`)
    expect((await refusalOf(await call('/api/stats', { token: 'nobody' }))).slice(0, 2)).toEqual([
      401,
      'not_authenticated',
    ])
    expect((await refusalOf(await post('/api/tasks', { type: 5 }))).slice(0, 2)).toEqual([
      400,
      'invalid_request',
    ])
    expect((await call('/api/stats', { headers: { origin: 'http://evil.example' } })).status).toBe(403)
    expect(await (await call('/api/agents')).json()).toEqual({ agents: [] })
  })

  it('[OW2] nothing travels in the clear to another machine', async () => {
    view = { ...view, address: '10.0.0.9:8150' }
    expect((await refusalOf(await call('/api/stats')))[0]).toBe(503)
    const one = await wallOf('afp_admin')
    expect((await one.closed)[0]).toBe(1013)
  })
})

describe('when the leader is gone', () => {
  const node = { type: 'NODE_STATUS', node: aWorker('m1'), seq: 2 }
  const task = { type: 'TASK_UPDATE', task: aRunningTask('t1', 'm1', 5), seq: 3 }

  /** A wall that was live and has been told of a master and a task. */
  async function lost() {
    const { one, wall } = await passing(subscribe('tasks', 'nodes'))
    wall.say(node)
    wall.say(task)
    await one.until(({ type }) => type === 'TASK_UPDATE')
    await loseLeader()
    expect(await one.closed).toEqual([1012, 'the leader is gone'])
    return wallOf('afp_admin', subscribe('tasks', 'nodes', 'logs'))
  }

  it('[OW3] a known user is shown what this master knows, of another log, and its own runs live', async () => {
    const one = await lost()
    const hello = await one.until(isAuthOk)
    expect(hello).toMatchObject({ logId: 'local.m1', user: 'admin', local: { workerId: 'm1' } })
    const ref = { taskId: 't1', attempt: 1, fence: 5 }
    own.tell({ kind: 'update', atMs: 9, update: { kind: 'run', ...ref, state: 'paused', pid: 1 } })
    own.tell({ kind: 'line', ...ref, atMs: 9, stream: 'out', level: 'info', text: 'still here' })
    expect(await one.until(({ type }) => type === 'TASK_UPDATE')).toMatchObject({ task: { phase: 'paused' } })
    expect(await one.until(({ type }) => type === 'LOG')).toMatchObject({
      lines: [{ n: 1, text: 'still here' }],
    })
    expect(await one.until(({ topic }) => topic === 'nodes')).toMatchObject({
      items: [{ workerId: 'm1', status: 'online' }],
    })
    one.say({ type: 'COMMAND', requestId: 'r', action: 'cancel', taskId: 't1' })
    expect(await one.until(({ type }) => type === 'ERROR')).toMatchObject({
      requestId: 'r',
      error: { code: 'unavailable' },
    })
  })

  it('[OW4] nobody else is let in, and no call is answered', async () => {
    await lost()
    const stranger = await wallOf('nobody')
    expect((await stranger.closed)[0]).toBe(1013)
    expect(stranger.heard).toMatchObject([{ type: 'ERROR', error: { code: 'unavailable' } }])
    expect((await refusalOf(await call('/api/stats'))).slice(0, 2)).toEqual([503, 'unavailable'])
  })

  it('[OW4] a renewed session goes on', async () => {
    const { one } = await passing()
    expect((await post('/api/login/renew', {})).status).toBe(200)
    await loseLeader()
    await one.closed
    const next = await wallOf('afp_next')
    expect(await next.until(isAuthOk)).toMatchObject({ user: 'admin', local: { workerId: 'm1' } })
  })

  it('[OW6] its walls come again when the leader is back', async () => {
    const one = await lost()
    await one.until(isAuthOk)
    await startLeader(leaderPort)
    expect(await one.closed).toEqual([1012, 'the leader is back'])
    const { wall } = await passing()
    expect(wall.user).toBe('admin')
  })

  it('[OW6] one of an earlier term of the same log is no leader: nothing of a wall is acted on', async () => {
    await passing()
    view = { ...view, term: 2 }
    const one = await wallOf('afp_admin', { type: 'COMMAND', requestId: 'r', action: 'cancel', taskId: 't1' })
    expect(await one.until(isAuthOk)).toMatchObject({ local: { workerId: 'm1' } })
    expect(await one.until(({ type }) => type === 'ERROR')).toMatchObject({ error: { code: 'unavailable' } })
    expect(scripted.walls.at(-1)?.heard).toEqual([])
  })
})
