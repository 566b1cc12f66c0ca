import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Task } from '../../src/contract/task.js'
import type { Trigger, TriggerVerdict } from '../../src/contract/trigger.js'
import { Fleet, JsonProcess, temporaryFolder } from './fleet.js'
import { poll } from './poll.js'

let fleet: Fleet
beforeAll(async () => {
  fleet = await Fleet.start(['--masters', '1'])
})
afterAll(() => fleet?.stop())

const cli = async <T>(...args: readonly string[]): Promise<T> => {
  const { code, stdout, stderr } = await fleet.cli([...args, '--json'])
  if (code !== 0) throw new Error(`${args.join(' ')} → ${code} ${stderr}`)
  return JSON.parse(stdout) as T
}
/** Options first: what stands after -- belongs to the program. */
const create = async (options: readonly string[], argv: readonly string[]): Promise<Trigger> => {
  const { code, stdout, stderr } = await fleet.cli(['trigger', 'create', '--json', ...options, '--', ...argv])
  if (code !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as Trigger
}
const over = (taskId: string) =>
  poll(`${taskId} to be over`, async () => {
    const task = await fleet.json<Task>(`/api/tasks/${taskId}`)
    return task.completedAt === null ? null : task
  })
/** The task that a trigger made last, when it is over. */
const made = async (name: string): Promise<Task> => {
  const taskId = await poll(`the trigger ${name}`, async () => {
    const trigger = await fleet.json<Trigger>(`/api/triggers/${name}`)
    return trigger.lastTaskId
  })
  return over(taskId)
}

it('the end of a task makes a task that is filled in from it; an end that the condition does not meet makes none', async () => {
  const { triggerId } = await create(
    [
      '--name',
      'on-failure',
      '--event',
      'task_finished',
      '--if',
      "task.status == 'failed' && 'nightly' in task.tags",
    ],
    ['echo', 'of ${task.taskId}:', 'code=${task.result.exitCode}'],
  )
  await over(await fleet.submit(['true'], { tags: ['nightly'] }))
  await over(await fleet.submit(['sh', '-c', 'exit 3'], { tags: ['hourly'] }))
  const failed = await fleet.submit(['sh', '-c', 'exit 3'], { tags: ['nightly'] })
  const task = await made('on-failure')
  expect(task).toMatchObject({
    status: 'completed',
    result: { tail: `of ${failed}: code=3` },
    origin: { trigger: { triggerId, name: 'on-failure', depth: 1 } },
  })
  // Events are judged in their order, so what came before the one that made it made none.
  expect(await fleet.json<Trigger>('/api/triggers/on-failure')).toMatchObject({
    firedCount: 1,
    failedCount: 0,
    lastError: null,
  })
})

it('an alert makes a task', async () => {
  await create(
    ['--name', 'on-stall', '--event', 'alert_raised', '--if', "alert.kind == 'stall'"],
    ['echo', '${alert.taskId}', '${alert.level}'],
  )
  const stalled = await fleet.submit(['sleep', '300'], { stallAfterMs: 500 })
  expect((await made('on-stall')).result?.tail).toMatch(new RegExp(`^${stalled} (warning|error)$`))
  await fleet.post(`/api/tasks/${stalled}/cancel`)
})

it('a master that joins makes a task', async () => {
  await create(
    [
      '--name',
      'on-join',
      '--event',
      'node_joined',
      '--if',
      "node.joined == 'new' && node.labels.pool == 'web'",
    ],
    ['echo', 'hello ${node.workerId}'],
  )
  const { grpc, joinFile } = fleet.ready
  const folder = temporaryFolder()
  const root = process.getuid?.() === 0 ? ['--allow-root'] : []
  const about = ['--id', 'late', '--leader', grpc, '--join-file', joinFile, '--data', folder]
  const master = new JsonProcess([
    'master',
    '--json',
    ...about,
    '--http',
    '127.0.0.1:0',
    '--label',
    'pool=web',
    ...root,
  ])
  try {
    expect((await made('on-join')).result?.tail).toBe('hello late')
  } finally {
    await master.stop()
    rmSync(folder, { recursive: true, force: true })
  }
})

describe('the command line', () => {
  it('lists, shows, tries, pauses, resumes and deletes', async () => {
    const { triggers } = await cli<{ triggers: Trigger[] }>('trigger', 'list')
    expect(triggers.map(({ name }) => name)).toEqual(['on-failure', 'on-join', 'on-stall'])
    const table = await fleet.cli(['trigger', 'list'])
    expect(table.stdout).toMatch(/on-failure +task_finished +task\.status == 'failed'/)
    const failed = await fleet.submit(['false'])
    await over(failed)
    expect(await cli<TriggerVerdict>('trigger', 'test', 'on-failure', failed)).toMatchObject({
      holds: false,
      error: null,
      context: { task: { taskId: failed, status: 'failed', tags: [] } },
    })
    expect(await cli('trigger', 'disable', 'on-failure')).toMatchObject({ paused: true })
    await over(await fleet.submit(['false'], { tags: ['nightly'] }))
    expect(await cli('trigger', 'enable', 'on-failure')).toMatchObject({ paused: false, firedCount: 1 })
    expect(await cli('trigger', 'delete', 'on-failure')).toEqual({ deleted: 'on-failure' })
    expect((await fleet.cli(['trigger', 'show', 'on-failure'])).code).toBe(5)
  })

  it('says at once, and where, what is no condition; and takes templates and files', async () => {
    const wrong = await fleet.cli([
      'trigger',
      'create',
      '--json',
      '--event',
      'task_finished',
      '--if',
      "task.stat == 'failed'",
      '--',
      'true',
    ])
    expect(wrong.code).toBe(1)
    expect(JSON.parse(wrong.stderr)).toMatchObject({
      error: { code: 'unprocessable', details: { position: 5 }, message: expect.stringContaining('"stat"') },
    })
    const template = {
      name: 'tell',
      parameters: { text: { type: 'string', required: true }, code: { type: 'number' } },
      task: { type: 'command', payload: { command: ['echo', '${text}'], env: { CODE: 'n${code}' } } },
    }
    expect((await fleet.post('/api/templates', template)).status).toBe(201)
    const options = [
      '--param',
      'text=${task.name}',
      '--param',
      'code=${task.attempt}',
      '--max-per-minute',
      '5',
    ]
    const { code, stdout } = await fleet.cli([
      ...[
        'trigger',
        'create',
        '--json',
        '--name',
        'telling',
        '--event',
        'task_finished',
        '--if',
        "task.name == 'loud'",
      ],
      ...['--template', 'tell', ...options],
    ])
    expect([code, JSON.parse(stdout)]).toMatchObject([
      0,
      {
        maxPerMinute: 5,
        task: { template: 'tell', params: { text: '${task.name}', code: '${task.attempt}' } },
      },
    ])
    await fleet.submit(['true'], { name: 'loud' })
    expect((await made('telling')).result?.tail).toBe('loud')
    const file =
      'name: from-file\non: alert_raised\ntask: { template: tell, params: { text: "${alert.message}" } }\n'
    expect((await fleet.cli(['trigger', 'create', '-f', '-'], file)).code).toBe(0)
    expect(await cli('trigger', 'show', 'from-file')).toMatchObject({ on: 'alert_raised', condition: '' })
  })
})

it('every tool of triggers is on /rpc', async () => {
  const call = async (tool: string, args: object) =>
    ((await (await fleet.post(`/rpc/${tool}`, { args })).json()) as { result: unknown }).result
  const task = { type: 'command', payload: { command: ['true'] } }
  expect(await call('create_trigger', { name: 'by-tool', on: 'node_joined', task })).toMatchObject({
    name: 'by-tool',
  })
  expect(
    await call('test_trigger', { on: 'node_joined', condition: 'node.cpus > 0', id: 'master-1' }),
  ).toMatchObject({
    holds: true,
  })
  expect(await call('delete_trigger', { ref: 'by-tool' })).toEqual({})
})

it('a chain of its own tasks ends, and the trigger says why', async () => {
  await create(['--name', 'endless', '--event', 'task_finished', '--if', "task.name == 'again'"], ['true'])
  const trigger = await fleet.json<Trigger>('/api/triggers/endless')
  const body = { ...trigger.task, name: 'again' }
  const put = await fleet.call('/api/triggers/endless', {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'endless', on: trigger.on, condition: trigger.condition, task: body }),
  })
  expect(put.status).toBe(200)
  await fleet.submit(['true'], { name: 'again' })
  const ended = await poll('the end of the chain', async () => {
    const now = await fleet.json<Trigger>('/api/triggers/endless')
    return now.lastError === null ? null : now
  })
  expect(ended).toMatchObject({ firedCount: 8, failedCount: 1 })
  expect(ended.lastError?.message).toContain('8 triggers in a row')
})
