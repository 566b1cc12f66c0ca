import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { receiptSchema, type Task, taskSchema } from '../../src/contract/task.js'
import { Fleet } from './fleet.js'
import { poll } from './poll.js'

/** The lines of the pinned interface that came with the queue. */
let fleet: Fleet
beforeAll(async () => {
  fleet = await Fleet.start()
})
afterAll(async () => {
  await fleet.stop()
})

const command = (text: string, more: object = {}): Promise<string> => fleet.submit(['sh', '-c', text], more)
const task = (taskId: string): Promise<Task> => fleet.json<Task>(`/api/tasks/${taskId}`)
const inPhase = (taskId: string, phase: Task['phase']): Promise<Task> =>
  poll(`${taskId} to be ${phase}`, async () => {
    const found = await task(taskId)
    return found.phase === phase ? found : null
  })
/** What stands after `--` is the program's. */
const cli = async <T = Record<string, unknown>>(...args: string[]): Promise<T> => {
  const own = args.includes('--') ? args.indexOf('--') : args.length
  const { stdout, stderr } = await fleet.cli([...args.slice(0, own), '--json', ...args.slice(own)])
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout) as T
}

describe('SUBMIT', () => {
  it('takes what the queue added, and gives it back with the task', async () => {
    const first = await command('true')
    await inPhase(first, 'succeeded')
    const added = {
      delayMs: 600_000,
      dependsOn: [first],
      dependsMode: 'done',
      tags: ['night', 'eu'],
      concurrencyKey: 'account-1',
    }
    const taskId = await command('true', added)
    const shown = taskSchema.strict().parse(await task(taskId))
    expect(shown).toMatchObject({
      ...added,
      phase: 'delayed',
      status: 'pending',
      capacity: null,
      runAt: null,
    })
    const runAt = Date.now() + 600_000
    expect(await task(await command('true', { runAt }))).toMatchObject({ runAt, phase: 'delayed' })
  })

  it('goes by a capacity that somebody named, and waits while it is paused', async () => {
    await fleet.cli(['limits', 'set', 'capacity', 'gpu-quota', '--runs', '0'])
    const taskId = await command('true', { capacity: 'gpu-quota' })
    const { waitReason } = await inPhase(taskId, 'queued')
    expect(waitReason).toMatchObject({ code: expect.stringMatching(/^(capacity_paused|concurrency)$/) })
    expect(
      (await fleet.post('/api/tasks', { type: 'command', payload: { command: 'true' }, capacity: 'x' }))
        .status,
    ).toBe(422)
  })
})

describe('TASK', () => {
  it('is blocked by what it depends on, and fails with it as dependency_failed', async () => {
    const first = await command('sleep 600')
    const second = await command('true', { dependsOn: [first] })
    const third = await command('true', { dependsOn: [second] })
    expect((await inPhase(second, 'blocked')).waitReason).toMatchObject({ code: 'dependency' })
    await fleet.post(`/api/tasks/${first}/cancel?wait=20000`)
    for (const taskId of [second, third])
      expect(await inPhase(taskId, 'dependency_failed')).toMatchObject({
        status: 'failed',
        error: { code: 'dependency_failed' },
      })
  })

  it('reads what its dependencies left in AGENTFLOW_INPUT_FILE', async () => {
    const first = await command('printf \'{"n":41}\' > "$AGENTFLOW_RESULT_FILE"')
    const second = await command('cp "$AGENTFLOW_INPUT_FILE" "$AGENTFLOW_RESULT_FILE"', {
      dependsOn: [first],
    })
    const { result } = await inPhase(second, 'succeeded')
    expect(JSON.stringify(result?.value)).toContain('"n":41')
    expect(JSON.stringify(result?.value)).toContain(first)
  })

  it('is a dead letter when its attempts are used up', async () => {
    const retry = { attemptsMax: 2, on: ['exit'], backoffMs: 1 }
    const taskId = await command('exit 3', { retry })
    expect(await inPhase(taskId, 'dead_letter')).toMatchObject({ status: 'failed', attempt: 2 })
    const { tasks } = await cli<{ tasks: Task[] }>('deadletter', 'list')
    expect(tasks.map((dead) => dead.taskId)).toContain(taskId)
    expect((await fleet.cli(['deadletter', 'requeue', taskId])).code).toBe(0)
    await poll('its third attempt', async () => ((await task(taskId)).attempt >= 3 ? true : null))
  })

  it('asks whether it is still the current run', async () => {
    const taskId = await command('agentflow fence check && printf 0 > "$AGENTFLOW_RESULT_FILE"')
    expect((await inPhase(taskId, 'succeeded')).result?.value).toBe(0)
  })
})

describe('WORKER', () => {
  it('is draining from a drain until it is taken back', async () => {
    const status = async (): Promise<unknown> =>
      (await fleet.json<{ status: string; schedulable: boolean }>('/api/workers/master-2')).status
    expect((await fleet.cli(['drain', 'master-2', '--wait'])).code).toBe(0)
    expect(await status()).toBe('draining')
    const taskId = await command('true', { requirements: { workerId: 'master-2' } })
    expect((await inPhase(taskId, 'queued')).waitReason).toMatchObject({ code: 'cordoned' })
    expect((await fleet.cli(['uncordon', 'master-2'])).code).toBe(0)
    await inPhase(taskId, 'succeeded')
    expect(await status()).toBe('online')
    expect((await fleet.cli(['cordon', 'master-2'])).code).toBe(0)
    expect(await fleet.json('/api/workers/master-2')).toMatchObject({ schedulable: false })
    await fleet.cli(['uncordon', 'master-2'])
  })

  it('restarts, and its receipt names no task', async () => {
    const response = await fleet.post('/api/workers/master-1/restart?wait=20000')
    expect(response.status).toBe(202)
    expect(receiptSchema.strict().parse(await response.json())).toMatchObject({
      action: 'restart',
      state: 'done',
      taskId: null,
    })
  })
})

describe('CLI', () => {
  it('runs a task after others, at a time, and by a schedule', async () => {
    const first = await cli<Task>('task', 'run', '--', 'true')
    const after = await cli<Task>('task', 'run', '--after', first.taskId, '--', 'true')
    expect(after.dependsOn).toEqual([first.taskId])
    const at = new Date(Date.now() + 3_600_000).toISOString()
    expect((await cli<Task>('task', 'run', '--at', at, '--', 'true')).runAt).toBe(Date.parse(at))
    await fleet.cli(['task', 'run', '--name', 'each-night', '--every', '0 3 * * *', '--', 'true'])
    const listed = JSON.stringify(await cli('schedule', 'list'))
    expect(listed).toContain('0 3 * * *')
  })

  it('creates and deletes schedules, and tells what waits', async () => {
    await fleet.cli(['schedule', 'create', '--name', 'hourly', '--every', '0 * * * *', '--', 'true'])
    expect(JSON.stringify(await cli('schedule', 'list'))).toContain('hourly')
    expect((await fleet.cli(['schedule', 'delete', 'hourly'])).code).toBe(0)
    expect(JSON.stringify(await cli('schedule', 'list'))).not.toContain('hourly')
    expect(await cli('queue')).toMatchObject({ reasons: expect.anything() })
  })

  it('explains its settings and completes itself', async () => {
    expect(JSON.stringify(await cli('config', 'leader'))).toContain('8100')
    for (const shell of ['bash', 'zsh', 'fish'])
      expect((await fleet.cli(['completion', shell])).stdout).toContain('agentflow')
    expect((await fleet.cli(['warden', '--help'])).code).toBe(0)
  })
})

describe('RPC', () => {
  it('calls a tool of the registry, and answers with its result', async () => {
    const response = await fleet.post('/rpc/stats', {})
    const body = await response.json()
    expect([response.status, body]).toMatchObject([200, { result: { durability: 'each-commit' } }])
    const unknown = await fleet.post('/rpc/nothing', {})
    expect([unknown.status, await unknown.json()]).toMatchObject([404, { error: { retryable: false } }])
  })
})
