import { afterEach, describe, expect, it } from 'vitest'
import type { ControlPlane } from '../ports/control-plane.js'
import { httpCalls, refusalOf } from '../testing/http-calls.js'
import { createRememberingLog } from '../testing/remembering-log.js'
import { ScriptedPlane } from '../testing/scripted-plane.js'
import type { HttpServer } from './listen.js'
import { createHttpServer } from './server.js'

const planOf = (command: string) =>
  command.endsWith('template') ? 'template' : command.endsWith('trigger') ? 'trigger' : 'schedule'

let server: HttpServer
let port: number
let scripted: ScriptedPlane
const { call, post } = httpCalls(() => port)

async function start(script: Partial<ControlPlane> = {}): Promise<void> {
  scripted = new ScriptedPlane({
    execute: async (_, { command }) =>
      command.name === 'run_schedule' || command.name === 'submit_template'
        ? { kind: 'task', taskId: 't1' as never, created: command.idempotencyKey !== 'again' }
        : { kind: 'plan', plan: planOf(command.name), id: 's1' },
    task: async (_, taskId) => JSON.stringify({ taskId }),
    plan: async (_, kind, ref, projectId) =>
      JSON.stringify({ kind, ref, projectId, cron: '0 3 * * *', timeZone: 'UTC' }),
    plans: async (_, kind, projectId) => JSON.stringify({ [`${kind}s`]: [projectId] }),
    slots: async (_, about) => JSON.stringify({ slots: [about] }),
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

const asked = () => scripted.calls.filter(({ name }) => name === 'execute').map(({ args }) => args[1])
const task = { type: 'command', payload: { command: ['true'] } }
const schedule = { name: 'nightly', cron: '0 3 * * *', task }
const json = { 'content-type': 'application/json' }

describe('schedules', () => {
  it('are made with every default filled in, and answered with 201', async () => {
    await start()
    const response = await post('/api/schedules', { ...schedule, project: 'p1' })
    expect([response.status, await response.json()]).toMatchObject([201, { kind: 'schedule', ref: 's1' }])
    const { name, cron } = schedule
    const defaults = { timeZone: 'UTC', catchUp: 'none', overlap: 'allow', projectId: 'p1' }
    expect(asked()).toEqual([
      {
        command: {
          name: 'create_schedule',
          definition: { name, cron, ...defaults, task: { kind: 'body', body: task } },
        },
        projectId: 'p1',
      },
    ])
  })

  it('are changed, paused, resumed, run and deleted by id or name', async () => {
    await start()
    const changed = await call('/api/schedules/nightly', {
      method: 'PUT',
      headers: json,
      body: JSON.stringify(schedule),
    })
    const paused = await post('/api/schedules/nightly/pause?project=p2', {})
    const resumed = await post('/api/schedules/nightly/resume', {})
    const ran = await post('/api/schedules/nightly/run', {}, { 'idempotency-key': 'k' })
    const again = await post('/api/schedules/nightly/run', {}, { 'idempotency-key': 'again' })
    const deleted = await call('/api/schedules/s1', { method: 'DELETE' })
    expect([changed, paused, resumed, ran, again, deleted].map(({ status }) => status)).toEqual([
      200, 200, 200, 201, 200, 200,
    ])
    expect([ran.headers.get('location'), await deleted.json()]).toEqual(['/api/tasks/t1', {}])
    expect(asked()).toMatchObject([
      { command: { name: 'update_schedule', ref: 'nightly' }, projectId: 'default' },
      { command: { name: 'pause_schedule', ref: 'nightly' }, projectId: 'p2' },
      { command: { name: 'resume_schedule', ref: 'nightly' } },
      { command: { name: 'run_schedule', ref: 'nightly', idempotencyKey: 'k' } },
      { command: { name: 'run_schedule', idempotencyKey: 'again' } },
      { command: { name: 'delete_schedule', ref: 's1' } },
    ])
  })

  it('are listed and shown, with their next times', async () => {
    await start()
    const read = async (path: string): Promise<unknown> => (await call(path)).json()
    expect(await read('/api/schedules')).toEqual({ schedules: [null] })
    expect(await read('/api/schedules?project=p1')).toEqual({ schedules: ['p1'] })
    expect(await read('/api/schedules/nightly?project=p1')).toMatchObject({ ref: 'nightly', projectId: 'p1' })
    const about = { cron: '0 3 * * *', timeZone: 'UTC', afterMs: null }
    expect(await read('/api/schedules/nightly/next')).toEqual({ slots: [{ ...about, count: 5 }] })
    const query = new URLSearchParams({
      cron: '0 4 * * *',
      timeZone: 'Europe/Berlin',
      after: '7',
      count: '2',
    })
    expect(await read(`/api/schedules/next?${query}`)).toEqual({
      slots: [{ cron: '0 4 * * *', timeZone: 'Europe/Berlin', afterMs: 7, count: 2 }],
    })
  })

  it.each<[string, object, string]>([
    ['an unknown field', { ...schedule, every: '1m' }, 'unknown key "every"'],
    ['a name with blanks', { ...schedule, name: 'a b' }, 'name'],
    ['no task', { name: 'a', cron: '* * * * *' }, 'task'],
    ['a time of its own', { ...schedule, task: { ...task, runAt: 1 } }, 'task.runAt: may not be given here'],
    [
      'another payload than the template’s',
      { ...schedule, task: { template: 't', payload: {} } },
      'task.payload',
    ],
    [
      'a parameter that is a list',
      { ...schedule, task: { template: 't', params: { a: [] } } },
      'task.params.a',
    ],
  ])('[AC7] with %s are refused', async (_, body, message) => {
    await start()
    const refusal = await refusalOf(await post('/api/schedules', body))
    expect(refusal).toEqual([400, 'invalid_request', expect.stringContaining(message)])
    expect(asked()).toEqual([])
  })
})

describe('templates', () => {
  it('make tasks of what is given', async () => {
    await start()
    const body = { params: { service: 'web', replicas: 3 }, priority: 8 }
    const response = await post('/api/templates/deploy/tasks?project=p1', body, { 'idempotency-key': 'k' })
    expect([response.status, await response.json()]).toEqual([201, { taskId: 't1' }])
    expect(asked()).toEqual([
      {
        command: {
          name: 'submit_template',
          template: 'deploy',
          params: body.params,
          overrides: { priority: 8 },
          idempotencyKey: 'k',
        },
        projectId: 'p1',
      },
    ])
    expect((await post('/api/templates/deploy/tasks', { payload: {} })).status).toBe(400)
  })

  it('are made, with what a parameter leaves out filled in', async () => {
    await start()
    const parameters = { service: { required: true }, size: { enum: ['s', 'm'], default: 's' } }
    const response = await post('/api/templates', { name: 'deploy', parameters, task })
    expect(response.status).toBe(201)
    const plain = { type: 'string', required: false, default: null, enum: null, description: '' }
    expect(asked()).toMatchObject([
      {
        command: {
          name: 'create_template',
          definition: {
            parameters: {
              service: { ...plain, required: true },
              size: { ...plain, enum: ['s', 'm'], default: 's' },
            },
          },
        },
      },
    ])
    const wrong = { name: 'deploy', parameters: { size: { enum: ['s'], default: 'm' } }, task }
    const [, , message] = await refusalOf(await post('/api/templates', wrong))
    expect(message).toContain('parameters.size.default: is not in enum')
  })
})

describe('triggers', () => {
  const trigger = { name: 'after', on: 'task_finished', condition: " task.status == 'failed' ", task }

  it('are made, changed, paused, resumed, deleted and read as every plan is', async () => {
    await start()
    const response = await post('/api/triggers', { ...trigger, project: 'p1', maxPerMinute: 5 })
    expect([response.status, await response.json()]).toMatchObject([201, { kind: 'trigger', ref: 's1' }])
    const put = { method: 'PUT', headers: json, body: JSON.stringify(trigger) }
    const answers = [
      await call('/api/triggers/after', put),
      await post('/api/triggers/after/pause?project=p2', {}),
      await post('/api/triggers/after/resume', {}),
      await call('/api/triggers/s1', { method: 'DELETE' }),
    ]
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
    const { name, on } = trigger
    const condition = "task.status == 'failed'"
    const definition = { name, on, condition, task: { kind: 'body', body: task } }
    expect(asked()).toEqual([
      {
        command: {
          name: 'create_trigger',
          definition: { ...definition, projectId: 'p1', firesPerMinuteMax: 5 },
        },
        projectId: 'p1',
      },
      {
        command: {
          name: 'update_trigger',
          ref: 'after',
          definition: { ...definition, projectId: 'default' },
        },
        projectId: 'default',
      },
      { command: { name: 'pause_trigger', ref: 'after' }, projectId: 'p2' },
      { command: { name: 'resume_trigger', ref: 'after' }, projectId: 'default' },
      { command: { name: 'delete_trigger', ref: 's1' }, projectId: 'default' },
    ])
    const read = async (path: string): Promise<unknown> => (await call(path)).json()
    expect(await read('/api/triggers?project=p1')).toEqual({ triggers: ['p1'] })
    expect(await read('/api/triggers/after')).toMatchObject({ kind: 'trigger', ref: 'after' })
  })

  it('are tried on what is there', async () => {
    await start({ verdict: async (_, about) => JSON.stringify({ about }) })
    const response = await post('/api/triggers/test', { on: 'node_joined', id: 'm1', condition: ' true ' })
    const about = { condition: 'true', subject: { on: 'node_joined', id: 'm1' } }
    expect([response.status, await response.json()]).toEqual([200, { about }])
    expect((await post('/api/triggers/test', { on: 'task_finished' })).status).toBe(400)
  })

  it('[AC7] with another event, a wrong rate or an unknown field are refused', async () => {
    await start()
    for (const wrong of [{ on: 'task_started' }, { maxPerMinute: 0 }, { maxPerMinute: 601 }, { if: 'true' }])
      expect((await post('/api/triggers', { ...trigger, ...wrong })).status).toBe(400)
    expect(asked()).toEqual([])
  })
})
