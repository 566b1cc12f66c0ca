import { afterEach, expect, it } from 'vitest'
import type { ControlPlane } from '../ports/control-plane.js'
import { httpCalls, refusalOf } from '../testing/http-calls.js'
import { createRememberingLog } from '../testing/remembering-log.js'
import { ScriptedPlane, type ScriptedWall } from '../testing/scripted-plane.js'
import type { HttpServer } from './listen.js'
import { createHttpServer } from './server.js'

let server: HttpServer
let port: number
let scripted: ScriptedPlane
const { call } = httpCalls(() => port)

const task = (more: object = {}) => ({
  taskId: 't1',
  phase: 'running',
  attempt: 1,
  fence: 9,
  workerId: 'master-1',
  pid: 42,
  progress: null,
  stall: null,
  completedAt: null,
  ...more,
})
const over = task({ phase: 'succeeded', completedAt: 5 })
const line = (n: number) => ({ taskId: 't1', n, text: `line ${n}` })

/** Lines that the leader has stored. */
let stored: ReturnType<typeof line>[] = []

async function start(script: Partial<ControlPlane> = {}) {
  stored = []
  scripted = new ScriptedPlane({
    task: async () => JSON.stringify(task()),
    taskLines: async (_, __, after, limit) => {
      const lines = stored.filter(({ n }) => n > after).slice(0, limit)
      return JSON.stringify({ lines, next: lines.at(-1)?.n ?? after })
    },
    ...script,
  })
  server = createHttpServer({
    plane: scripted.plane,
    log: createRememberingLog(),
    wallDir: null,
    allowedHosts: [],
    corsOrigins: [],
    tls: null,
  })
  port = await server.listen('127.0.0.1', 0)
}
afterEach(() => server.close())

const opened = async (): Promise<ScriptedWall> => {
  await scripted.until(() => (scripted.walls[0]?.heard.length ?? 0) > 0)
  const [wall] = scripted.walls
  if (wall === undefined) throw new Error('no wall was opened')
  return wall
}
const parse = (text: string) =>
  text
    .split('\n\n')
    .filter((block) => block.startsWith('event:'))
    .map((block) => {
      const [event = '', id = '', data = ''] = block.split('\n').map((row) => row.replace(/^\w+: /, ''))
      return { event, id, data: JSON.parse(data) as Record<string, unknown> }
    })

it('tells status, progress and every line, and ends with the task', async () => {
  await start()
  const response = call('/api/tasks/t1/events')
  const wall = await opened()
  expect(wall.heard).toEqual([{ subscribe: ['tasks:t1', 'logs:t1'] }])
  stored = [line(1), line(2)]
  wall.say({ type: 'SNAPSHOT', topic: 'tasks:t1', logId: 'log', term: 1, seq: 10, items: [task()] })
  await scripted.until(() => wall.heard.length === 2)
  wall.say({ type: 'TASK_UPDATE', task: task({ progress: 0.5 }), seq: 11 })
  await scripted.until(() => wall.heard.length === 3)
  stored.push(line(3))
  wall.say({ type: 'TASK_UPDATE', task: over, seq: 12 })

  const events = parse(await (await response).text())
  expect(events.map(({ event, id }) => `${event} ${id}`)).toEqual([
    'output 10:1',
    'output 10:2',
    'status 10:2',
    'progress 11:2',
    'output 12:3',
    'status 12:3',
  ])
  expect(events[3]?.data).toEqual({ taskId: 't1', attempt: 1, fence: 9, pid: 42, progress: 0.5 })
  expect(events[5]?.data).toMatchObject({ phase: 'succeeded' })
  expect(wall.closes).toBe(1)
})

it('[PT1] tells each partial result once, also one that was too large to be pushed', async () => {
  const large = 'x'.repeat(5_000)
  await start({ task: async () => JSON.stringify(task({ partial: { large } })) })
  const response = call('/api/tasks/t1/events')
  const wall = await opened()
  wall.say({
    type: 'SNAPSHOT',
    topic: 'tasks:t1',
    logId: 'log',
    term: 1,
    seq: 10,
    items: [task({ partial: { rows: 1 } })],
  })
  await scripted.until(() => wall.heard.length === 2)
  wall.say({ type: 'TASK_UPDATE', task: task({ progress: 0.5, partial: { rows: 1 } }), seq: 11 })
  await scripted.until(() => wall.heard.length === 3)
  wall.say({ type: 'TASK_UPDATE', task: task({ progress: 0.6, truncated: true }), seq: 12 })
  await scripted.until(() => wall.heard.length === 4)
  wall.say({ type: 'TASK_UPDATE', task: over, seq: 13 })
  const events = parse(await (await response).text())
  expect(events.map(({ event, id }) => `${event} ${id}`)).toEqual([
    'status 10:0',
    'partial 10:0',
    'progress 11:0',
    'progress 12:0',
    'partial 12:0',
    'status 13:0',
  ])
  expect(events[1]?.data).toEqual({ taskId: 't1', attempt: 1, fence: 9, partial: { rows: 1 } })
  expect(events[4]?.data).toMatchObject({ partial: { large } })
})

it('goes on after the last line that the reader has', async () => {
  await start()
  stored = [line(1), line(2), line(3)]
  const response = call('/api/tasks/t1/events', { headers: { 'last-event-id': '10:2' } })
  const wall = await opened()
  wall.say({ type: 'SNAPSHOT', topic: 'tasks:t1', logId: 'log', term: 1, seq: 12, items: [over] })
  const events = parse(await (await response).text())
  expect(events.map(({ event, id }) => `${event} ${id}`)).toEqual(['output 10:3', 'status 12:3'])
})

it('tells an EventSource that has everything to stop', async () => {
  await start({ task: async () => JSON.stringify(over) })
  stored = [line(1)]
  expect((await call('/api/tasks/t1/events', { headers: { 'last-event-id': '12:1' } })).status).toBe(204)
})

it('refuses an id that is none', async () => {
  await start()
  const response = await call('/api/tasks/t1/events', { headers: { 'last-event-id': 'x' } })
  expect((await refusalOf(response)).slice(0, 2)).toEqual([400, 'invalid_request'])
})

it('leaves the leader when the reader goes', async () => {
  await start()
  const leaving = new AbortController()
  const response = call('/api/tasks/t1/events', { signal: leaving.signal })
  const wall = await opened()
  wall.say({ type: 'SNAPSHOT', topic: 'tasks:t1', logId: 'log', term: 1, seq: 10, items: [task()] })
  await response
  leaving.abort()
  await scripted.until(() => wall.closes === 1)
})
