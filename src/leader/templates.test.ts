import { beforeEach, describe, expect, it } from 'vitest'
import { parseOrRefuse } from '../contract/catalogue.js'
import { scheduleBodySchema, toScheduleDefinition } from '../contract/schedule.js'
import type { Task } from '../contract/task.js'
import { type TemplateBody, templateBodySchema, toTemplateDefinition } from '../contract/template.js'
import { limits } from '../core/limits.js'
import { admin, LeaderFixture } from '../testing/leader-fixture.js'

const body: TemplateBody = {
  name: 'deploy',
  parameters: {
    service: { type: 'string', required: true },
    replicas: { type: 'number', default: 2 },
    urgency: { type: 'number', default: 5 },
  },
  task: {
    type: 'command',
    name: 'deploy ${service}',
    priority: '${urgency}',
    payload: { command: ['./deploy.sh', '${service}', '--replicas=${replicas}'], env: { HOME: '$${HOME}' } },
  },
}

describe('templates', () => {
  let fixture: LeaderFixture
  beforeEach(async () => {
    fixture = new LeaderFixture()
    await fixture.start()
  })

  const execute = (command: Parameters<typeof fixture.leader.plane.execute>[1]['command']) =>
    fixture.settled(() => fixture.leader.plane.execute(admin, { command, projectId: 'default' }))
  const definitionOf = (changes: Partial<TemplateBody>) =>
    toTemplateDefinition(parseOrRefuse(templateBodySchema, { ...body, ...changes }, 'template'))
  const create = (changes: Partial<TemplateBody> = {}) =>
    execute({ name: 'create_template', definition: definitionOf(changes) })
  const run = async (
    params: Record<string, string | number | boolean>,
    more: { readonly overrides?: Record<string, string | number>; readonly key?: string } = {},
  ): Promise<Task> => {
    const { overrides = {}, key: idempotencyKey = null } = more
    const answer = await execute({
      name: 'submit_template',
      template: 'deploy',
      params,
      overrides,
      idempotencyKey,
    })
    return fixture.read(answer.kind === 'task' ? answer.taskId : '')
  }

  it('[TP1] makes an ordinary task, which says what it was made from', async () => {
    await create()
    const task = await run({ service: 'a b; rm -rf /', urgency: 9 }, { overrides: { stallAfterMs: 0 } })
    expect(task).toMatchObject({
      name: 'deploy a b; rm -rf /',
      priority: 9,
      stallAfterMs: 0,
      payload: { command: ['./deploy.sh', 'a b; rm -rf /', '--replicas=2'], env: { HOME: '${HOME}' } },
      origin: { template: { name: 'deploy', version: 1 } },
    })
  })

  it('[TP2] refuses a parameter that is wrong, and what becomes no task with it', async () => {
    await create()
    await expect(run({})).rejects.toMatchObject({ code: 'unprocessable', details: { parameter: 'service' } })
    await expect(run({ service: 'web', urgency: 11 })).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining('task.priority'),
    })
    await expect(
      execute({ name: 'submit_template', template: 'none', params: {}, overrides: {}, idempotencyKey: null }),
    ).rejects.toMatchObject({ code: 'not_found' })
  })

  it('[TP3] refuses a body that can be no task, whatever it is filled with', async () => {
    const refused = (task: TemplateBody['task'], message: string) =>
      expect(create({ task })).rejects.toMatchObject({
        code: 'unprocessable',
        message: expect.stringContaining(message),
      })
    const payload = { command: ['true'] }
    await refused(
      { type: 'command', payload: { command: ['echo', '${servce}'] } },
      '${servce} stands for nothing; known: replicas',
    )
    await refused({ type: 'command', payload: { command: 'echo ${service}' } }, 'a shell reads as a program')
    await refused({ type: 'command' }, 'task.payload')
    await refused({ type: 'command', payload, priorty: 3 }, 'unknown key "priorty"')
    await refused({ type: 'command', payload, priority: 11 }, 'task.priority')
    const large = { command: ['x'.repeat(limits.payloadBytesMax)] }
    await expect(create({ task: { type: 'command', payload: large } })).rejects.toMatchObject({
      code: 'too_large',
    })
  })

  it('[TP4] leaves tasks of an older version as they are', async () => {
    await create()
    const old = await run({ service: 'web' }, { key: 'k' })
    const task = { type: 'command', payload: { command: ['./new.sh', '${service}'] } }
    await execute({ name: 'update_template', ref: 'deploy', definition: definitionOf({ task }) })
    expect((await fixture.read(old.taskId)).payload).toEqual(old.payload)
    expect(await run({ service: 'web' })).toMatchObject({
      payload: { command: ['./new.sh', 'web'] },
      origin: { template: { version: 2 } },
    })
    await expect(run({ service: 'web' }, { key: 'k' })).rejects.toMatchObject({
      code: 'idempotency_conflict',
    })
  })

  it('[TP5] is filled in for each slot of a schedule, by its newest version', async () => {
    await create()
    const task = { template: 'deploy', params: { service: 'web' }, name: 'nightly' }
    const definition = toScheduleDefinition(
      parseOrRefuse(scheduleBodySchema, { name: 's', cron: '* * * * *', task }, 'schedule'),
    )
    await execute({ name: 'create_schedule', definition })
    await fixture.pass(60_000)
    const newer = { type: 'command', payload: { command: ['./new.sh', '${service}'] } }
    await execute({ name: 'update_template', ref: 'deploy', definition: definitionOf({ task: newer }) })
    await fixture.pass(60_000)
    await execute({ name: 'delete_template', ref: 'deploy' })
    await fixture.pass(60_000)
    const page = await fixture.settled(() =>
      fixture.leader.plane.tasks(admin, {}, { limit: 10, cursor: null }),
    )
    const { tasks } = JSON.parse(page) as { tasks: Task[] }
    expect(tasks.map(({ name, payload }) => [name, payload.command])).toEqual([
      ['nightly', ['./new.sh', 'web']],
      ['nightly', ['./deploy.sh', 'web', '--replicas=2']],
    ])
    const schedule = await fixture.settled(() => fixture.leader.plane.plan(admin, 'schedule', 's', 'default'))
    expect(JSON.parse(schedule)).toMatchObject({
      lastSkip: { reason: 'there is no template "deploy" in project default: create it first' },
    })
  })
})
