import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { limits } from '../core/limits.js'
import { createRememberingLog } from '../testing/remembering-log.js'
import { ScriptedPlane, type ScriptedWall } from '../testing/scripted-plane.js'
import type { HttpServer } from './listen.js'
import { createHttpServer } from './server.js'

let server: HttpServer
let port: number
let scripted: ScriptedPlane

beforeEach(async () => {
  scripted = new ScriptedPlane()
  server = createHttpServer({
    plane: scripted.plane,
    log: createRememberingLog(),
    wallDir: null,
    allowedHosts: [],
    corsOrigins: [],
    tls: null,
  })
  port = await server.listen('127.0.0.1', 0)
})
afterEach(async () => {
  vi.useRealTimers()
  await server.close()
})

interface Peer {
  readonly socket: WebSocket
  readonly heard: Record<string, unknown>[]
  readonly closed: Promise<number>
}

/** An open socket that has said nothing yet. */
async function peer(options: { origin?: string; path?: string } = {}): Promise<Peer> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${options.path ?? '/ws'}`, { origin: options.origin })
  const heard: Record<string, unknown>[] = []
  socket.on('message', (data) => heard.push(JSON.parse(String(data)) as Record<string, unknown>))
  const closed = new Promise<number>((resolve) => socket.once('close', resolve))
  await once(socket, 'open')
  return { socket, heard, closed }
}

const say = ({ socket }: Peer, message: unknown) =>
  socket.send(typeof message === 'string' ? message : JSON.stringify(message))

/** A peer that is authenticated, and the leader's end of it. */
async function admitted(auth: object = {}): Promise<{ one: Peer; wall: ScriptedWall }> {
  const one = await peer()
  const index = scripted.walls.length
  say(one, { type: 'AUTH', token: 'afp_admin', ...auth })
  await scripted.until(() => scripted.walls.length > index)
  const wall = scripted.walls[index]
  if (wall === undefined) throw new Error('no wall was opened')
  return { one, wall }
}

/** Resolves when the peer has heard this much. */
const hears = async ({ socket, heard }: Peer, count: number) => {
  while (heard.length < count) await once(socket, 'message')
  return heard
}

describe('coming in', () => {
  it('hands the wall to the leader, whose AUTH_OK is the first message', async () => {
    const { one, wall } = await admitted({ frames: true, resume: { logId: 'log', seq: 7 } })
    expect((await hears(one, 1))[0]).toMatchObject({ type: 'AUTH_OK', user: 'admin' })
    expect(wall.options).toEqual({ frames: true, resume: { logId: 'log', seq: 7 } })
  })

  it.each([
    ['a wrong token', { type: 'AUTH', token: 'afp_wrong' }],
    ['another message first', { type: 'SUBSCRIBE', topics: ['nodes'] }],
    ['an AUTH with a wrong field', { type: 'AUTH', token: 5 }],
  ])('closes 4401 on %s', async (_, message) => {
    const one = await peer()
    say(one, message)
    expect(await one.closed).toBe(4401)
    expect(one.heard[0]).toMatchObject({ type: 'ERROR', error: { retryable: false } })
    expect(scripted.walls).toEqual([])
  })

  it('closes 4401 when no AUTH comes in time', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] })
    const one = await peer()
    vi.advanceTimersByTime(limits.wallAuthMs)
    expect(await one.closed).toBe(4401)
  })

  it('closes 4403 on a page of another origin, and opens its own', async () => {
    const stranger = await peer({ origin: 'http://evil.example' })
    expect(await stranger.closed).toBe(4403)
    expect(stranger.heard[0]).toMatchObject({ type: 'ERROR', error: { code: 'origin_refused' } })
    const own = await peer({ origin: `http://127.0.0.1:${port}` })
    expect(own.socket.readyState).toBe(WebSocket.OPEN)
  })

  it('is at /ws only', async () => {
    await expect(peer({ path: '/socket' })).rejects.toThrow('404')
  })
})

describe('what a wall sends', () => {
  it('goes to its session', async () => {
    const { one, wall } = await admitted()
    say(one, { type: 'SUBSCRIBE', topics: ['nodes', 'tasks:t1', 'chat:p1:master-1'] })
    say(one, { type: 'UNSUBSCRIBE', topics: ['nodes'] })
    say(one, { type: 'ACK', seq: 12 })
    say(one, { type: 'CHAT', text: '/nodes', targetContext: '*:*', requestId: 'r1' })
    say(one, { type: 'COMMAND', requestId: 'r2', action: 'cancel', taskId: 't1', timeoutMs: 500 })
    await scripted.until(() => wall.heard.length === 5)
    expect(wall.heard).toEqual([
      { subscribe: ['nodes', 'tasks:t1', 'chat:p1:master-1'] },
      { unsubscribe: ['nodes'] },
      { ack: 12 },
      { chat: { type: 'CHAT', text: '/nodes', targetContext: '*:*', requestId: 'r1' } },
      { command: { type: 'COMMAND', requestId: 'r2', action: 'cancel', taskId: 't1', timeoutMs: 500 } },
    ])
  })

  it.each([
    [{ type: 'COMMAND', requestId: 'r1', action: 'explode', taskId: 't1' }, 'r1'],
    [{ type: 'SUBSCRIBE', topics: ['everything'] }, undefined],
    [{ type: 'CHAT', text: 'x', targetContext: 'nowhere' }, undefined],
    [{ type: 'ACK', seq: -1 }, undefined],
    [{ type: 'ACK', seq: 1, extra: true }, undefined],
    [{ type: 'AUTH', token: 'afp_admin' }, undefined],
  ])('is refused alone when a field is wrong: %j', async (message, requestId) => {
    const { one, wall } = await admitted()
    say(one, message)
    const heard = await hears(one, 2)
    expect(heard[1]).toMatchObject({ type: 'ERROR', error: { code: 'invalid_request' } })
    expect(heard[1]?.requestId).toBe(requestId)
    say(one, { type: 'ACK', seq: 1 })
    await scripted.until(() => wall.heard.length === 1)
  })

  it.each([
    ['what is not JSON', 'hello'],
    ['a list', '[]'],
    ['a number', '1'],
    ['null', 'null'],
    ['no type', '{}'],
    ['an unknown type', '{"type":"EXPLODE"}'],
    ['a type that is inherited', '{"type":"constructor"}'],
    ['a depth bomb', `${'['.repeat(20_000)}${']'.repeat(20_000)}`],
  ])('closes 4400 on %s', async (_, text) => {
    const { one, wall } = await admitted()
    say(one, text)
    say(one, { type: 'ACK', seq: 1 })
    expect(await one.closed).toBe(4400)
    expect(one.heard.at(-1)).toMatchObject({ type: 'ERROR', error: { code: 'invalid_request' } })
    await scripted.until(() => wall.closes === 1)
    expect(wall.heard).toEqual([])
  })

  it('closes 4400 on a binary frame and on broken UTF-8', async () => {
    const binary = await admitted()
    binary.one.socket.send(Buffer.from('{}'), { binary: true })
    expect(await binary.one.closed).toBe(4400)
    const broken = await admitted()
    broken.one.socket.send(Buffer.from([0xc3, 0x28]), { binary: false })
    expect(await broken.one.closed).toBe(4400)
  })

  it('closes 4413 over the size limit and takes a message at it', async () => {
    const { one, wall } = await admitted()
    const text = '{"type":"ACK","seq":1}'
    say(one, text + ' '.repeat(limits.wallMessageBytesMax - text.length))
    await scripted.until(() => wall.heard.length === 1)
    say(one, text + ' '.repeat(limits.wallMessageBytesMax - text.length + 1))
    expect(await one.closed).toBe(4413)
  })

  it('is read no faster than the limit, without a loss', async () => {
    const { one, wall } = await admitted()
    const started = performance.now()
    // Messages of this size come a few to a chunk of the network, which is read whole.
    const text = 'x'.repeat(limits.chatTextLengthMax)
    const count = limits.wallMessagesPerS + 30
    for (let sent = 0; sent < count; sent++) say(one, { type: 'CHAT', text, targetContext: '*:*' })
    await scripted.until(() => wall.heard.length === count)
    expect(performance.now() - started).toBeGreaterThan(200)
  })

  it('may ack as often as it hears', async () => {
    const { one, wall } = await admitted()
    const count = 5 * limits.wallMessagesPerS
    for (let seq = 1; seq <= count; seq++) say(one, { type: 'ACK', seq })
    say(one, { type: 'SUBSCRIBE', topics: ['nodes'] })
    await scripted.until(() => wall.heard.length === count + 1)
    expect(wall.heard.at(-1)).toEqual({ subscribe: ['nodes'] })
  })
})

describe('what a wall gets', () => {
  it('is one text message per send', async () => {
    const { one, wall } = await admitted()
    wall.say({ type: 'TASK_UPDATE', task: { name: '構築' }, seq: 2 })
    const heard = await hears(one, 2)
    expect(heard[1]).toEqual({ type: 'TASK_UPDATE', task: { name: '構築' }, seq: 2 })
    expect(wall.sink.bufferedBytes()).toBe(0)
  })

  it('went out, says the socket, when it had piled up', async () => {
    const { one, wall } = await admitted()
    // More than the kernel takes at once.
    wall.say({ type: 'LOG', lines: [{ text: 'x'.repeat(16 * limits.wallQueueBytesMax) }] })
    expect(wall.drains).toBe(0)
    expect(wall.sink.bufferedBytes()).toBeGreaterThan(0)
    await hears(one, 2)
    await scripted.until(() => wall.drains > 0)
    expect(wall.sink.bufferedBytes()).toBe(0)
  })

  it('counts what a reader that never reads leaves behind', async () => {
    const socket = connect(port, '127.0.0.1')
    socket.write(
      `GET /ws HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: ${Buffer.alloc(16).toString('base64')}\r\n\r\n`,
    )
    await once(socket, 'data')
    socket.pause()
    const auth = Buffer.from('{"type":"AUTH","token":"afp_admin"}')
    socket.write(Buffer.concat([Buffer.from([0x81, 0x80 | auth.length, 0, 0, 0, 0]), auth]))
    await scripted.until(() => scripted.walls.length === 1)
    const [wall] = scripted.walls
    for (let sent = 0; sent < 64; sent++) wall?.say({ text: 'x'.repeat(256 * 1024) })
    expect(wall?.sink.bufferedBytes()).toBeGreaterThan(limits.wallQueueBytesMax)
    wall?.sink.close(4408, 'too slow')
    socket.destroy()
    await scripted.until(() => wall?.closes === 1)
  })

  it('ends when the session says so', async () => {
    const { one, wall } = await admitted()
    wall.sink.close(4408, 'too slow')
    expect(await one.closed).toBe(4408)
    await scripted.until(() => wall.closes === 1)
  })

  it('is pinged, and ends when nothing answers', async () => {
    await server.close()
    vi.useFakeTimers({ toFake: ['setInterval'] })
    server = createHttpServer({
      plane: scripted.plane,
      log: createRememberingLog(),
      wallDir: null,
      allowedHosts: [],
      corsOrigins: [],
      tls: null,
    })
    port = await server.listen('127.0.0.1', 0)
    const { one, wall } = await admitted()
    const pinged = once(one.socket, 'ping')
    vi.advanceTimersByTime(limits.wallPingIntervalMs)
    await pinged
    // Its pong is on the way or here; from now on it answers nothing.
    one.socket.pause()
    vi.advanceTimersByTime(limits.wallPingIntervalMs)
    vi.advanceTimersByTime(limits.wallPingIntervalMs)
    await scripted.until(() => wall.closes === 1)
    one.socket.terminate()
  })

  it('is told to come back when the leader leaves', async () => {
    const { one, wall } = await admitted()
    await server.close()
    expect(await one.closed).toBe(1012)
    expect(wall.closes).toBe(1)
  })

  it('closes its session exactly once, however it ends', async () => {
    const { one, wall } = await admitted()
    one.socket.terminate()
    await scripted.until(() => wall.closes > 0)
    wall.sink.close(1000, '')
    await server.close()
    expect(wall.closes).toBe(1)
  })
})
