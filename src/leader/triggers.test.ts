import { beforeEach, describe, expect, it } from 'vitest'
import { parseOrRefuse } from '../contract/catalogue.js'
import type { Task } from '../contract/task.js'
import {
  type Trigger,
  type TriggerBody,
  type TriggerVerdict,
  toTriggerDefinition,
  triggerBodySchema,
} from '../contract/trigger.js'
import { limits } from '../core/limits.js'
import { endOf } from '../testing/core-fixture.js'
import { admin, durable, LeaderFixture, registerOf } from '../testing/leader-fixture.js'

type Outcome = Parameters<typeof endOf>[0]
const follow = { type: 'command', name: 'follow', payload: { command: ['echo', '${task.taskId}'] } }

class TriggerFixture extends LeaderFixture {
  #node: Awaited<ReturnType<LeaderFixture['connect']>> | null = null
  #uplinkSeq = 0

  override async start(): Promise<void> {
    await super.start()
    this.#node = null
  }

  async execute(asked: Parameters<typeof this.leader.plane.execute>[1]['command']) {
    return this.settled(() => this.leader.plane.execute(admin, { command: asked, projectId: 'default' }))
  }

  async create(body: Partial<TriggerBody> = {}): Promise<string> {
    const whole = { name: 'after', on: 'task_finished', task: follow, ...body }
    const definition = toTriggerDefinition(parseOrRefuse(triggerBodySchema, whole, 'trigger'))
    const answer = await this.execute({ name: 'create_trigger', definition })
    return answer.kind === 'plan' ? answer.id : ''
  }

  async trigger(ref = 'after'): Promise<Trigger> {
    return JSON.parse(
      await this.settled(() => this.leader.plane.plan(admin, 'trigger', ref, 'default')),
    ) as Trigger
  }

  /** Tasks that triggers made, oldest first. */
  async made(): Promise<readonly Task[]> {
    const page = await this.settled(() => this.leader.plane.tasks(admin, {}, { limit: 500, cursor: null }))
    const { tasks } = JSON.parse(page) as { tasks: Task[] }
    return tasks.filter(({ origin }) => origin?.trigger !== undefined).reverse()
  }

  /** The only master is gone. */
  cut(): void {
    this.#node?.session.closed('cut')
  }

  /** Runs the oldest task that waits, to this end. */
  async finish(outcome: Outcome = 'succeeded', changes: Parameters<typeof endOf>[1] = {}): Promise<string> {
    this.#node ??= await this.connect(registerOf(1, { ackedUplinkSeq: this.#uplinkSeq }))
    const request = this.#node.of('task_request').at(-1)
    if (request === undefined) throw new Error('nothing was handed over')
    const { taskId, attempt, fence } = request
    this.#uplinkSeq += 1
    await this.#node.send(
      { kind: 'ack', commandSeq: request.commandSeq },
      durable(this.#uplinkSeq, { kind: 'ended', end: endOf(outcome, changes), taskId, attempt, fence }),
    )
    return taskId
  }

  /** A task from its submit to its end; nothing else must wait. */
  async run(body: Record<string, unknown> = {}, outcome: Outcome = 'succeeded'): Promise<string> {
    const taskId = await this.submit({ retry: { attemptsMax: 1 }, ...body })
    expect(await this.finish(outcome)).toBe(taskId)
    return taskId
  }
}

describe('triggers', () => {
  let fixture: TriggerFixture
  beforeEach(async () => {
    fixture = new TriggerFixture()
    await fixture.start()
  })

  /** What triggers make here is of a type that nobody runs, so that the only master is free. */
  const aside = {
    ...follow,
    type: 'nobody-has-it',
    payload: { of: '${task.taskId}', code: '${task.result.exitCode}' },
  }

  it('[TG1] makes one task for the end of a task, filled in from it, and says where it comes from', async () => {
    const triggerId = await fixture.create({ condition: "task.status == 'failed'", task: aside })
    const first = await fixture.run({}, 'exit')
    await fixture.run()
    const [task, ...others] = await fixture.made()
    expect(others).toEqual([])
    const { lastTaskId, lastFiredAtMs, firedCount, lastError } = await fixture.trigger()
    expect([lastTaskId, lastFiredAtMs, firedCount, lastError]).toEqual([task?.taskId, 1_000_000, 1, null])
    expect(task).toMatchObject({
      payload: { of: first },
      origin: { trigger: { triggerId, name: 'after', depth: 1 } },
      idempotencyKey: `event:${task?.origin?.trigger?.eventSeq}`,
    })
  })

  it('[TG1] judges what ended before a leader died, once: the next one goes on where the log is', async () => {
    await fixture.create({ task: aside })
    const first = await fixture.run()
    await fixture.start()
    await fixture.rest()
    expect((await fixture.made()).map(({ payload }) => payload.of)).toEqual([first])
    const second = await fixture.run()
    await fixture.start()
    await fixture.rest()
    expect((await fixture.made()).map(({ payload }) => payload.of)).toEqual([first, second])
  })

  it('[TG2] looks at tasks of its own project, and at alerts of none', async () => {
    await fixture.create({ name: 'tasks', task: aside })
    await fixture.create({
      name: 'alerts',
      on: 'alert_raised',
      task: { ...aside, payload: { of: '${alert.nodeId}' } },
    })
    await fixture.run({ project: 'other' })
    expect(await fixture.made()).toEqual([])
    fixture.cut()
    await fixture.pass(limits.nodeOfflineAfterMs)
    expect((await fixture.made()).map(({ payload }) => payload)).toEqual([{ of: 'master-1' }])
  })

  it('[TG5] ends a chain of its own tasks at limits.triggerDepthMax, with a sentence', async () => {
    await fixture.create()
    await fixture.run()
    for (let depth = 1; depth <= limits.triggerDepthMax; depth += 1) await fixture.finish()
    const made = await fixture.made()
    expect(made.map(({ origin }) => origin?.trigger?.depth)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(made.map(({ status }) => status)).not.toContain('pending')
    const trigger = await fixture.trigger()
    expect(trigger).toMatchObject({ firedCount: limits.triggerDepthMax, failedCount: 1 })
    expect(trigger.lastError?.message).toContain('the chain ends here')
  })

  it('[TG6] refuses at once what could never be judged or be a task', async () => {
    const refused = (body: Partial<TriggerBody>, message: string, details: object = {}) =>
      expect(fixture.create(body)).rejects.toMatchObject({
        code: 'unprocessable',
        message: expect.stringContaining(message),
        details,
      })
    await refused({ condition: "task.status = 'failed'" }, 'write == to compare (at character 13)', {
      position: 12,
    })
    await refused(
      { on: 'node_joined', task: aside },
      'task.payload.of: ${task.taskId} stands for nothing; known: event.on',
    )
    await refused(
      { task: { ...follow, payload: { command: 'echo ${task.name}' } } },
      'a shell reads as a program',
    )
    await refused({ task: { template: 'deploy' } }, 'there is no template "deploy"')
    await refused({ task: { ...follow, payload: { command: [] } } }, 'task.payload.command')
    const parameters = {
      level: { type: 'number' as const, required: true, default: null, enum: null, description: '' },
    }
    const definition = {
      name: 'deploy',
      projectId: 'default' as never,
      description: '',
      parameters,
      task: follow,
    }
    await fixture.execute({
      name: 'create_template',
      definition: { ...definition, task: { type: 'x', payload: { level: '${level}' } } },
    })
    await refused(
      { task: { template: 'deploy', params: { level: '${task.name}' } } },
      'parameter "level" is a number',
    )
    await refused(
      { task: { template: 'deploy', params: { level: '${task.nme}' } } },
      'task.params.level: ${task.nme} stands for nothing',
    )
    await fixture.create({ name: 'a', task: { template: 'deploy', params: { level: '${task.attempt}' } } })
    await fixture.create({
      name: 'b',
      task: { template: 'deploy', params: { level: '${task.result.value.level}' } },
    })
    await fixture.run()
    expect((await fixture.made()).map(({ payload }) => payload)).toEqual([{ level: 1 }])
    expect((await fixture.trigger('b')).lastError?.message).toBe(
      'there is no value for ${task.result.value.level}',
    )
  })

  it('[TG7] a master joins when it is new, another process, or back from being offline, not after a cut', async () => {
    const task = { ...aside, payload: { joined: '${node.joined}', gpus: '${node.gpus}' } }
    await fixture.create({ on: 'node_joined', condition: "node.labels.pool == 'web'", task })
    const capabilities = { ...registerOf(1).capabilities, labels: { pool: 'web' } }
    const joined = async () => (await fixture.made()).map(({ payload }) => payload.joined)
    let node = await fixture.connect(registerOf(1, { capabilities }))
    expect(await joined()).toEqual(['new'])
    node.session.closed('cut')
    await fixture.rest()
    node = await fixture.connect(registerOf(1, { capabilities }))
    expect(await joined()).toEqual(['new'])
    node.session.closed('cut')
    await fixture.rest()
    node = await fixture.connect(registerOf(2, { capabilities }))
    expect(await joined()).toEqual(['new', 'restarted'])
    node.session.closed('cut')
    await fixture.pass(limits.nodeOfflineAfterMs)
    await fixture.connect(registerOf(2, { capabilities }))
    expect(await joined()).toEqual(['new', 'restarted', 'returned'])
    await fixture.connect(registerOf(1), 'master-2')
    expect(await joined()).toHaveLength(3)
    expect((await fixture.trigger()).lastError?.message).toContain('No such key: pool')
  })

  it('looks at nothing while it is paused, and at nothing of that time when it is resumed', async () => {
    await fixture.create({ task: aside })
    await fixture.execute({ name: 'pause_trigger', ref: 'after' })
    await fixture.run()
    await fixture.execute({ name: 'resume_trigger', ref: 'after' })
    const taskId = await fixture.run()
    expect((await fixture.made()).map(({ payload }) => payload.of)).toEqual([taskId])
    await fixture.execute({ name: 'delete_trigger', ref: 'after' })
    await fixture.run()
    expect(await fixture.made()).toHaveLength(1)
  })

  it('tries a condition on what is there, and fires nothing', async () => {
    const taskId = await fixture.run({ tags: ['nightly'] }, 'exit')
    const verdict = async (condition: string, on: Trigger['on'] = 'task_finished', id = taskId) =>
      JSON.parse(
        await fixture.settled(() => fixture.leader.plane.verdict(admin, { condition, subject: { on, id } })),
      ) as TriggerVerdict
    expect(await verdict("task.phase == 'exit' && 'nightly' in task.tags")).toMatchObject({
      holds: true,
      error: null,
      context: { task: { taskId, tags: ['nightly'] }, event: { on: 'task_finished' } },
    })
    expect(await verdict('task.result.value.a == 1')).toMatchObject({
      holds: false,
      error: expect.stringContaining('No such key: a'),
    })
    expect(await verdict("node.workerId == 'master-1'", 'node_joined', 'master-1')).toMatchObject({
      holds: true,
    })
    await expect(verdict('task.a == 1')).rejects.toMatchObject({ details: { position: 5 } })
    await expect(verdict('', 'alert_raised', 'a1')).rejects.toMatchObject({ code: 'alert_not_found' })
  })

  it('shows conditions no value that is over a limit', async () => {
    const payload = { list: Array.from({ length: limits.conditionListMax + 1 }, () => 0) }
    await fixture.create({ condition: 'size(task.payload) == 0', task: { ...aside, payload: {} } })
    const [, ...fits] = payload.list
    for (const list of [payload.list, fits]) {
      const taskId = await fixture.submit({ type: 'nobody-has-it', payload: { list } })
      await fixture.control(taskId, 'cancel')
    }
    expect(await fixture.made()).toHaveLength(1)
  })

  it('[SC9] is told to walls: the picture, each change, and its end', async () => {
    await fixture.create({ task: aside })
    const wall = await fixture.wall()
    await fixture.rest()
    const picture = wall.of('SNAPSHOT').find(({ topic }) => topic === 'triggers')
    expect(picture).toMatchObject({ items: [{ name: 'after', firedCount: 0 }], total: 1 })
    await fixture.run()
    await fixture.pass(limits.wallFrameMsMax)
    await fixture.execute({ name: 'delete_trigger', ref: 'after' })
    await fixture.pass(limits.wallFrameMsMax)
    expect(wall.of('TRIGGER_UPDATE')).toMatchObject([
      { trigger: { firedCount: 1 } },
      { trigger: { deleted: true } },
    ])
  })
})
