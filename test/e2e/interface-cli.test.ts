import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { receiptSchema, type Task, taskSchema } from '../../src/contract/task.js'
import { agentflow, Fleet, freePort, JsonProcess, temporaryFolder } from './fleet.js'
import { poll } from './poll.js'

let fleet: Fleet
beforeAll(async () => {
  fleet = await Fleet.start()
})
afterAll(async () => {
  await fleet.stop()
})

const json = async <T = Record<string, unknown>>(...args: string[]): Promise<T> => {
  const { stdout, stderr } = await fleet.cli([...args, '--json'])
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout) as T
}
const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '')
const running = (taskId: string) =>
  poll(`${taskId} to run`, async () =>
    (await fleet.json<Task>(`/api/tasks/${taskId}`)).phase === 'running' ? true : null,
  )

describe('task run', () => {
  it('prints the id, with --json the task', async () => {
    const { code, stdout } = await fleet.cli(['task', 'run', '--', 'true'])
    expect([code, stdout.trim()]).toEqual([0, expect.stringMatching(/^t[0-9a-v]+$/)])
    const { stdout: text } = await fleet.cli(['task', 'run', '--json', '--', 'true'])
    expect(taskSchema.strict().parse(JSON.parse(text)).payload).toEqual({ command: ['true'] })
  })

  it('takes every option', async () => {
    const options =
      '--name all --project p1 --on master-2 --priority 9 --timeout 2m --stall-after 90s --retry 2 --cwd / --env A=1 --env B=x=y --stdin-open --lease strict --on-disconnect wait --idempotency-key all-1'
    const { stdout } = await fleet.cli([
      'task',
      'run',
      '--json',
      ...options.split(' '),
      '--',
      'sh',
      '-c',
      'read x',
    ])
    const task = JSON.parse(stdout) as Task
    expect(task).toMatchObject({
      name: 'all',
      project: 'p1',
      priority: 9,
      stallAfterMs: 90_000,
      idempotencyKey: 'all-1',
      leaseClass: 'strict',
      onDisconnect: 'wait',
      requirements: { workerId: 'master-2', timeout: 120_000 },
      retry: { attemptsMax: 3 },
      payload: { command: ['sh', '-c', 'read x'], cwd: '/', env: { A: '1', B: 'x=y' }, stdinOpen: true },
    })
    const again = await fleet.cli(['task', 'run', ...options.split(' '), '--', 'sh', '-c', 'read x'])
    expect(again.stdout.trim()).toBe(task.taskId)
    const other = await fleet.cli(['task', 'run', '--idempotency-key', 'all-1', '--', 'true'])
    expect([other.code, other.stdout]).toEqual([6, ''])
    await fleet.cli(['task', 'cancel', task.taskId, '--wait'])
  })

  it.each<[string[], number]>([
    [['--', 'sh', '-c', 'exit 0'], 0],
    [['--', 'sh', '-c', 'exit 7'], 7],
    [['--', 'sh', '-c', 'kill -9 $$'], 137],
    [['--retry', '0', '--timeout', '300ms', '--', 'sleep', '60'], 124],
    [['--', '/no/such/program'], 125],
    [['--shell', '--', 'exit 4'], 4],
  ])("--wait exits with the program's code: %j → %i", async (args, code) => {
    const outcome = await fleet.cli(['task', 'run', '--wait', ...args])
    expect([outcome.code, outcome.stderr]).toEqual([code, expect.stringMatching(/\.|task show/)])
  })

  it('--wait exits 130 when it is cancelled', async () => {
    const waiting = fleet.cli(['task', 'run', '--wait', '--name', 'to cancel', '--', 'sleep', '300'])
    const taskId = await poll('the task', async () => {
      const { tasks } = await fleet.json<{ tasks: Task[] }>('/api/tasks?status=running')
      return tasks.find(({ name }) => name === 'to cancel')?.taskId ?? null
    })
    await fleet.cli(['task', 'cancel', taskId])
    expect((await waiting).code).toBe(130)
  })

  it('--follow shows what the program says, each stream on its own, and every line', async () => {
    const { code, stdout, stderr } = await fleet.cli([
      'task',
      'run',
      '--follow',
      '--shell',
      '--',
      'seq 1 5000; echo oops >&2; exit 2',
    ])
    expect(code).toBe(2)
    expect(lines(stdout)).toEqual(Array.from({ length: 5000 }, (_, index) => String(index + 1)))
    expect(stderr).toContain('oops')
  })

  it('--stdin sends what stands on standard input', async () => {
    const { stdout } = await fleet.cli(
      ['task', 'run', '--stdin', '--follow', '--', 'tr', 'a-z', 'A-Z'],
      'loud\n',
    )
    expect(stdout).toBe('LOUD\n')
  })
})

describe('looking', () => {
  it('task list, show and logs', async () => {
    const { stdout: id } = await fleet.cli([
      'task',
      'run',
      '--project',
      'look',
      '--wait',
      '--shell',
      '--',
      'echo one; echo two >&2',
    ])
    const taskId = id.trim()
    const page = await json<{ tasks: Task[]; nextCursor: null }>(
      'task',
      'list',
      '--project',
      'look',
      '--status',
      'completed',
      '--limit',
      '1',
    )
    expect(Object.keys(page)).toEqual(['tasks', 'nextCursor'])
    expect(page.tasks.map((task) => task.taskId)).toEqual([taskId])
    expect((await json<Task>('task', 'show', taskId)).taskId).toBe(taskId)
    const { stdout } = await fleet.cli(['task', 'logs', taskId, '--json'])
    expect(
      lines(stdout)
        .map((line) => (JSON.parse(line) as { text: string }).text)
        .sort(),
    ).toEqual(['one', 'two'])
    for (const args of [
      ['task', 'list'],
      ['task', 'show', taskId],
    ])
      expect((await fleet.cli(args)).stdout).toContain(taskId)
    expect((await fleet.cli(['task', 'logs', taskId])).stdout).toContain('one')
  })

  it('task logs --follow goes on to the end', async () => {
    const taskId = await fleet.submit(['sh', '-c', 'echo first; sleep 1; echo last'])
    const { stdout, code } = await fleet.cli(['task', 'logs', taskId, '--follow'])
    expect([code, lines(stdout)]).toEqual([0, ['first', 'last']])
  })

  it('nodes, version and doctor', async () => {
    expect(
      (await json<{ workers: { workerId: string }[] }>('nodes')).workers.map(({ workerId }) => workerId),
    ).toEqual(['master-1', 'master-2'])
    expect((await fleet.cli(['nodes'])).stdout).toContain('master-1')
    expect((await json('version')).version).toMatch(/^\d+\.\d+\.\d+/)
    const { checks } = await json<{ checks: { name: string; ok: boolean; hint: string }[] }>('doctor')
    expect(checks.map(({ ok }) => ok)).toEqual(checks.map(() => true))
    for (const check of checks) expect(Object.keys(check)).toEqual(['name', 'ok', 'hint'])
  })

  it('events --follow prints each event as it is committed', async () => {
    const events = new JsonProcess(['events', '--follow', '--json'], { AGENTFLOW_DATA: fleet.folder })
    const taskId = await fleet.submit(['true'])
    const event = await events.line(
      'TaskSubmitted',
      ({ type, entity }) => type === 'TaskSubmitted' && (entity as { id: string }).id === taskId,
    )
    expect(Object.keys(event)).toEqual(
      expect.arrayContaining([
        'seq',
        'term',
        'atMs',
        'type',
        'v',
        'projectId',
        'entity',
        'actor',
        'traceId',
        'causeSeq',
        'body',
      ]),
    )
    const seqs = events.lines.map(({ seq }) => Number(seq))
    expect(seqs).toEqual(seqs.map((_, index) => (seqs[0] ?? 0) + index))
    expect(await events.stop('SIGINT')).toBe(0)
  })
})

describe('acting', () => {
  it('pause, resume, cancel and retry give receipts', async () => {
    const taskId = await fleet.submit(['sleep', '300'])
    await running(taskId)
    for (const [action, state] of [
      ['pause', 'done'],
      ['resume', 'done'],
      ['cancel', 'stopped'],
      ['retry', 'done'],
    ]) {
      const receipt = receiptSchema.strict().parse(await json('task', String(action), taskId, '--wait'))
      expect([receipt.action, receipt.state]).toEqual([action, state])
    }
    await running(taskId)
    expect((await fleet.cli(['task', 'cancel', taskId, '--wait'])).stdout).toContain('cancelled')
    expect((await fleet.cli(['task', 'cancel', taskId])).code).toBe(0)
  })
})

describe('EXIT', () => {
  it.each<[string, string[], number, string]>([
    ['a wrong flag', ['task', 'list', '--colour'], 2, 'invalid_configuration'],
    ['a wrong value', ['task', 'run', '--priority', '11', '--', 'true'], 2, 'invalid_configuration'],
    ['a missing argument', ['task', 'show'], 2, 'invalid_configuration'],
    ['a task that is not there', ['task', 'show', 't0'], 5, 'task_not_found'],
  ])('%s', async (_, args, code, error) => {
    const cut = args.includes('--') ? args.indexOf('--') : args.length
    const outcome = await fleet.cli([...args.slice(0, cut), '--json', ...args.slice(cut)])
    expect([outcome.code, outcome.stdout]).toEqual([code, ''])
    expect((JSON.parse(outcome.stderr) as { error: { code: string } }).error.code).toBe(error)
    const plain = await fleet.cli(args)
    expect([plain.code, plain.stderr]).toEqual([code, expect.stringMatching(/^agentflow: /)])
  })

  it('4 with a wrong token, 6 on a conflict, 3 without a leader, and flags before variables', async () => {
    const { api } = fleet.ready
    const wrong = await agentflow(['nodes'], { env: { AGENTFLOW_URL: api, AGENTFLOW_TOKEN: 'afp_wrong' } })
    expect([wrong.code, wrong.stderr]).toEqual([
      4,
      'agentflow: The token is unknown, expired or withdrawn.\n',
    ])
    const taskId = await fleet.submit(['true'])
    await poll('its end', async () =>
      (await fleet.json<Task>(`/api/tasks/${taskId}`)).completedAt === null ? null : true,
    )
    expect((await fleet.cli(['task', 'pause', taskId])).code).toBe(6)
    const nobody = `http://127.0.0.1:${await freePort()}`
    const lost = await agentflow(['nodes', '--json'], {
      env: { AGENTFLOW_URL: nobody, AGENTFLOW_TOKEN: 'x' },
    })
    expect([lost.code, JSON.parse(lost.stderr)]).toMatchObject([
      3,
      { error: { code: 'unavailable', message: `No leader answers at ${nobody}.` } },
    ])
    expect(
      (await agentflow(['nodes', '--data', fleet.folder], { env: { AGENTFLOW_DATA: '/nowhere' } })).code,
    ).toBe(0)
  })

  it('2 when no leader is known, with what to do', async () => {
    const folder = temporaryFolder()
    const { code, stderr } = await agentflow(['nodes'], { env: { AGENTFLOW_DATA: folder } })
    expect([code, stderr]).toEqual([2, expect.stringContaining('agentflow up')])
    rmSync(folder, { recursive: true })
  })
})

describe('help', () => {
  it('shows every command, and examples for each', async () => {
    const { stdout, code } = await agentflow(['--help'])
    expect(code).toBe(0)
    const commands = [
      'up',
      'leader',
      'master',
      'warden',
      'task',
      'nodes',
      'events',
      'doctor',
      'progress',
      'version',
    ]
    for (const command of commands) expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'))
    for (const args of [
      ['up'],
      ['leader'],
      ['master'],
      ['task', 'run'],
      ['task', 'list'],
      ['events'],
      ['progress'],
    ]) {
      expect((await agentflow([...args, '--help'])).stdout).toContain('Example')
    }
  })
})

describe('config', () => {
  it('shows every setting with its source, and no secret', async () => {
    const { settings } = await json<{
      settings: { role: string; name: string; value: unknown; source: string }[]
    }>('config')
    const of = (role: string, name: string) => settings.find((one) => one.role === role && one.name === name)
    expect(of('client', 'token')).toMatchObject({ value: '(hidden)', source: 'file' })
    expect(of('client', 'data')).toMatchObject({ value: fleet.folder, source: 'environment' })
    expect(of('leader', 'http')).toMatchObject({ value: '127.0.0.1:8100', source: 'default' })
    const { stdout } = await fleet.cli(['config', 'master', '--slots', '3'])
    expect(stdout).toMatch(/^slots +3 +flag --slots +--slots +AGENTFLOW_SLOTS$/m)
    expect(stdout).not.toContain(fleet.ready.token)
    expect((await fleet.cli(['config', '--slots', 'many'])).code).toBe(2)
  })
})
