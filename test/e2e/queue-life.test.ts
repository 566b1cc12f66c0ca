import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Task } from '../../src/contract/task.js'
import { Fleet } from './fleet.js'
import { poll } from './poll.js'

let fleet: Fleet
beforeAll(async () => {
  fleet = await Fleet.start(['--masters', '1'])
})
afterAll(async () => {
  await fleet.stop()
})

const read = (taskId: string): Promise<Task> => fleet.json<Task>(`/api/tasks/${taskId}`)
const inPhase = (taskId: string, ...phases: string[]): Promise<Task> =>
  poll(`${taskId} to be ${phases.join(' or ')}`, async () => {
    const task = await read(taskId)
    return phases.includes(task.phase) ? task : null
  })
const run = async (...args: string[]): Promise<string> => {
  const { code, stdout, stderr } = await fleet.cli(['task', 'run', ...args])
  expect([code, stderr]).toEqual([0, ''])
  return stdout.trim()
}

describe('delays', () => {
  it('[DL1] --delay and --at put a task off, and it says until when', async () => {
    const at = new Date(Date.now() + 60_000).toISOString()
    const [delayed, timed] = [
      await run('--delay', '500ms', '--', 'true'),
      await run('--at', at, '--', 'true'),
    ]
    expect(await read(timed)).toMatchObject({
      phase: 'delayed',
      status: 'pending',
      waitReason: { code: 'delayed', until: Date.parse(at) },
    })
    const done = await inPhase(delayed, 'succeeded')
    expect((done.startedAt ?? 0) - done.createdAt).toBeGreaterThanOrEqual(500)
    await fleet.cli(['task', 'retry', timed])
    await inPhase(timed, 'succeeded')
  })

  it('[DL2] a runAt that is past is refused at once', async () => {
    const body = { type: 'command', payload: { command: ['true'] }, runAt: Date.now() - 10_000 }
    const response = await fleet.post('/api/tasks', body)
    expect(response.status).toBe(422)
    expect(await response.json()).toMatchObject({ error: { code: 'unprocessable' } })
  })
})

describe('dependencies', () => {
  it('[DP2] [DP5] --after waits, and the results arrive in AGENTFLOW_INPUT_FILE', async () => {
    const gate = `${fleet.folder}/gate`
    const first = await run(
      '--shell',
      '--',
      `until [ -e ${gate} ]; do sleep 0.05; done; echo '{"n":42}' > $AGENTFLOW_RESULT_FILE`,
    )
    const other = await run('--', 'true')
    const taskId = await run(
      '--after',
      `${first},${other}`,
      '--shell',
      '--',
      'cat $AGENTFLOW_INPUT_FILE > $AGENTFLOW_RESULT_FILE',
    )
    expect(await inPhase(taskId, 'blocked')).toMatchObject({
      dependsOn: [first, other],
      waitReason: { code: 'dependency', text: expect.stringContaining(first) },
    })
    await run('--', 'touch', gate)
    const done = await inPhase(taskId, 'succeeded')
    expect(done.result?.value).toEqual({
      [first]: {
        status: 'completed',
        phase: 'succeeded',
        exitCode: 0,
        value: { n: 42 },
        valueChars: 8,
        truncated: false,
      },
      [other]: {
        status: 'completed',
        phase: 'succeeded',
        exitCode: 0,
        value: null,
        valueChars: 0,
        truncated: false,
      },
    })
  })

  it('[DP3] a failure reaches whoever waits, through the leader’s restart too, and a retry mends it [DP4]', async () => {
    const first = await run('--delay', '1h', '--', 'true')
    const second = await run('--after', first, '--', 'true')
    const third = await run('--after', second, '--after-mode', 'succeeded', '--', 'true')
    const cleanup = await run('--after', second, '--after-mode', 'done', '--', 'true')
    const { leader } = fleet.ready.pids
    process.kill(Number(leader), 'SIGKILL')
    await fleet.successor('leader', Number(leader))
    await poll('the leader to answer', async () =>
      (await fleet.call('/readyz').catch(() => null))?.ok === true ? true : null,
    )
    expect((await read(second)).phase).toBe('blocked')
    await fleet.cli(['task', 'cancel', first])
    expect(await inPhase(third, 'dependency_failed')).toMatchObject({
      status: 'failed',
      error: {
        code: 'dependency_failed',
        message: expect.stringMatching(new RegExp(`^It waited for .*${second}.*\\.$`)),
      },
    })
    await inPhase(cleanup, 'succeeded')
    expect((await fleet.cli(['task', 'retry', second])).code).toBe(6)
    await fleet.cli(['task', 'retry', first])
    await fleet.cli(['task', 'retry', second])
    await fleet.cli(['task', 'retry', third])
    await inPhase(third, 'succeeded')
  })

  it('[DP1] an unknown dependency is refused at once', async () => {
    const body = { type: 'command', payload: { command: ['true'] }, dependsOn: ['t7vvvv'] }
    const response = await fleet.post('/api/tasks', body)
    expect(response.status).toBe(422)
    expect(JSON.stringify(await response.json())).toContain('there is no task t7vvvv')
  })
})

describe('limits of time', () => {
  it('[TO1] [TO2] a wait that is too long and a time in all that is over end as timeout', async () => {
    const requirements = { capabilities: ['nobody-has-this'] }
    const waiting = await fleet.submit(['true'], { requirements, queueTimeoutMs: 300 })
    const running = await fleet.submit(['sleep', '300'], { totalTimeoutMs: 1_000 })
    expect(await inPhase(waiting, 'timeout')).toMatchObject({
      error: { message: expect.stringContaining('queueTimeoutMs') },
    })
    expect(await inPhase(running, 'timeout')).toMatchObject({
      attempt: 1,
      error: { message: expect.stringContaining('totalTimeoutMs') },
      attempts: [{ outcome: 'cancelled' }],
    })
  })
})

describe('dead letters', () => {
  it('[DD1] [DD3] retries that are used up leave a dead letter with every attempt, and a retry runs it once more', async () => {
    const retry = { attemptsMax: 2, on: ['exit'], backoffMs: 10 }
    const taskId = await fleet.submit(['sh', '-c', 'exit 7'], { retry })
    expect(await inPhase(taskId, 'dead_letter')).toMatchObject({
      status: 'failed',
      error: { code: 'dead_letter', message: expect.stringMatching(/^Its 2 attempts are used up; .*\.$/) },
      attempts: [
        { attempt: 1, outcome: 'exit', exitCode: 7 },
        { attempt: 2, outcome: 'exit', exitCode: 7 },
      ],
    })
    await fleet.cli(['task', 'retry', taskId])
    await poll('the third attempt', async () => ((await read(taskId)).attempts.length === 3 ? true : null))
    const { code } = await fleet.cli(['task', 'run', '--retry', '1', '--wait', '--', 'sh', '-c', 'exit 7'])
    expect(code).toBe(7)
  })

  it('[DD3] are listed and queued again from the command line, one or all; what is none is refused', async () => {
    const retry = { attemptsMax: 2, on: ['exit'], backoffMs: 10 }
    const project = 'broken'
    const ids = await Promise.all([1, 2].map(() => fleet.submit(['false'], { retry, project })))
    const fine = await fleet.submit(['true'], { project })
    await Promise.all([...ids.map((id) => inPhase(id, 'dead_letter')), inPhase(fine, 'succeeded')])
    const list = await fleet.cli(['deadletter', 'list', '--project', project, '--json'])
    const { tasks } = JSON.parse(list.stdout) as { tasks: Task[] }
    expect([list.code, tasks.map(({ taskId }) => taskId).sort()]).toEqual([0, [...ids].sort()])
    expect((await fleet.cli(['deadletter', 'list', '--project', project])).stdout).toContain(
      '2 attempts are used up',
    )
    expect((await fleet.cli(['deadletter', 'requeue', ids[0] ?? ''])).code).toBe(0)
    await poll('the third attempt', async () =>
      (await read(ids[0] ?? '')).attempts.length === 3 ? true : null,
    )
    await inPhase(ids[0] ?? '', 'dead_letter')
    const all = await fleet.cli(['deadletter', 'requeue', '--all', '--project', project, '--yes', '--json'])
    expect(JSON.parse(all.stdout)).toMatchObject({ state: 'done', matched: 2, done: 2 })
    const refused = await fleet.cli(['deadletter', 'requeue', fine, '--json'])
    expect([refused.code, refused.stderr]).toEqual([6, expect.stringContaining('no dead letter')])
    expect((await fleet.cli(['deadletter', 'requeue'])).code).toBe(2)
  })
})

it('[FC1] a task asks whether it is the current run, and is told so; a fence of before is stale', async () => {
  const agentflow = `'${process.execPath}' '${join(process.cwd(), 'dist/cli/main.js')}'`
  const asks = `${agentflow} fence check; echo "mine $?"; AGENTFLOW_FENCE=1 ${agentflow} fence check; echo "old $?"; AGENTFLOW_SOCKET=/nowhere ${agentflow} fence check; echo "cut $?"`
  const taskId = await fleet.submit(asks)
  await inPhase(taskId, 'succeeded')
  const { lines } = await fleet.json<{ lines: { text?: string }[] }>(`/api/tasks/${taskId}/logs`)
  expect(lines.map(({ text }) => text)).toEqual(['current', 'mine 0', 'stale', 'old 10', 'unknown', 'cut 11'])
  expect((await fleet.cli(['fence', 'check'])).code).toBe(2)
})
