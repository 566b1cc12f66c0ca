import { describe, expect, it } from 'vitest'
import type { Task, Worker } from '../client/index.js'
import { sizeText } from '../contract/size.js'
import { nodeTable } from './nodes.js'
import { duration, wholeNumber } from './options.js'
import { age, plain, table } from './print.js'
import { queueText } from './queue.js'
import { endOf, taskExitCode } from './task-end.js'
import { taskTable } from './task-list.js'
import { taskText } from './task-show.js'

const task: Task = {
  taskId: 't1a',
  type: 'command',
  name: 'build',
  project: 'default',
  priority: 5,
  payload: { command: ['sh', '-c', "echo it's"] },
  requirements: {
    accountIdx: null,
    workerId: null,
    timeout: 300_000,
    labels: {},
    capabilities: [],
    gpus: 0,
    slots: 1,
    memoryBytes: 0,
  },
  runAt: null,
  delayMs: null,
  dependsOn: [],
  dependsMode: 'succeeded',
  tags: [],
  concurrencyKey: null,
  capacity: null,
  queueTimeoutMs: 0,
  totalTimeoutMs: 0,
  stallAfterMs: 120_000,
  retry: { attemptsMax: 4, on: ['lost'], backoffMs: 1000 },
  leaseClass: 'steady',
  onDisconnect: 'restart',
  idempotencyKey: null,
  origin: null,
  status: 'failed',
  phase: 'exit',
  workerId: 'master-1',
  agentId: 'master-1/p1',
  attempt: 2,
  fence: 9,
  pid: null,
  progress: 0.5,
  stall: null,
  waitReason: null,
  result: { exitCode: 3, signal: null, value: { rows: 1 }, tail: 'last words\n' },
  error: { code: 'exit', message: 'It exited with code 3.' },
  createdAt: 1_000,
  startedAt: 2_000,
  completedAt: 5_000,
  leaseUntil: null,
  effects: null,
  attempts: [
    {
      attempt: 1,
      fence: 5,
      workerId: 'master-2',
      agentId: 'master-2/p1',
      startedAt: 1_500,
      endedAt: 1_900,
      outcome: 'lost',
      exitCode: null,
      signal: null,
      message: 'Its master was restarted.',
    },
  ],
}

describe('tables', () => {
  it('align by what is seen, wide characters too', () => {
    const text = table(
      ['NAME', 'X'],
      [
        ['構築', '1'],
        ['\u001b[31mred\u001b[39m', '2'],
      ],
    )
    expect(text.split('\n')).toEqual(['NAME  X', '構築  1', '\u001b[31mred\u001b[39m   2'])
  })

  it('list tasks and masters', () => {
    expect(taskTable([task], 61_000).split('\n')).toEqual([
      'TASK  PHASE  MASTER    DONE  AGE   PROJECT  NAME',
      't1a   exit   master-1  50 %  60 s  default  build',
    ])
    const worker: Worker = {
      workerId: 'm',
      url: null,
      status: 'online',
      schedulable: true,
      hold: null,
      os: 'Linux',
      arch: 'x64',
      cpus: 2,
      memoryBytes: 8 * 1024 ** 3,
      gpus: [],
      labels: {},
      projectTypes: [],
      maxAgents: 10,
      busyAgents: 1,
      rttMs: 0.42,
      registeredAt: 0,
      lastSeenAt: 0,
      metrics: null,
      agents: [],
      host: 'h',
      version: '1',
    }
    expect(nodeTable([worker])).toContain(
      'm       online  1/10  programs  –    –       –     0.4 ms  Linux x64, 2 CPU, 8.0 GiB',
    )
  })
})

describe('one task', () => {
  it('is told with its command as a shell would take it, its attempts and last lines', () => {
    const text = taskText(task, 65_000)
    expect(text).toContain(`Command   sh -c 'echo it'\\''s'`)
    expect(text).toContain('Attempt   2 of 4')
    expect(text).toContain('Ran       3 s')
    expect(text).toContain('Exit      code 3')
    expect(text).toContain('Value     {"rows":1}')
    expect(text).toMatch(/1 {8}master-2 {2}lost {5}0 s {2}Its master was restarted\./)
    expect(text.endsWith('Last lines\nlast words')).toBe(true)
  })

  it('ends in one sentence', () => {
    expect(endOf(task)).toBe(
      'Failed after 3 s on master-1 in attempt 2: It exited with code 3. See more: agentflow task show t1a',
    )
    expect(endOf({ ...task, phase: 'succeeded', attempt: 1 })).toBe('Succeeded after 3 s on master-1.')
  })

  it.each<[Partial<Task>, number]>([
    [{ phase: 'succeeded' }, 0],
    [{ phase: 'exit' }, 3],
    [{ phase: 'exit', result: { exitCode: null, signal: 'SIGKILL', value: null, tail: '' } }, 137],
    [{ phase: 'exit', result: null }, 125],
    [{ phase: 'timeout' }, 124],
    [{ phase: 'cancelled' }, 130],
    [{ phase: 'spawn_failed' }, 125],
    [{ phase: 'lost' }, 125],
    [{ phase: 'dependency_failed' }, 125],
    [{ phase: 'dead_letter' }, 125],
    [{ phase: 'dead_letter', attempts: task.attempts.map((one) => ({ ...one, outcome: 'timeout' })) }, 124],
  ])('%j exits with %i', (change, code) => {
    expect(taskExitCode({ ...task, ...change })).toBe(code)
  })
})

describe('what waits', () => {
  const waiting: Task = {
    ...task,
    status: 'pending',
    phase: 'queued',
    waitReason: {
      code: 'cordoned',
      text: 'm could run it but is cordoned: agentflow uncordon m',
      nearest: { workerId: 'm', lacks: ['cordoned', 'no_slot'] },
      limit: null,
      until: 66_000,
    },
  }

  it('[WY4] is told for one task with the nearest master and the time that is left', () => {
    const lines = taskText(waiting, 61_000).split('\n')
    expect(lines).toContain(
      'Waits     m could run it but is cordoned: agentflow uncordon m That is in 5 s.  (cordoned)',
    )
    expect(lines).toContain('Nearest   m, lacks cordoned, no_slot')
  })

  it('[WY4] is told by band and reason, with what goes next', () => {
    const text = queueText(
      {
        waiting: 1,
        bands: { high: 0, normal: 1, low: 0 },
        reasons: [{ code: 'cordoned', tasks: 1, text: 'm is cordoned.' }],
        next: [waiting],
        masters: [
          { workerId: 'm', status: 'online', schedulable: false, busyAgents: 0, maxAgents: 4, waiting: 1 },
        ],
      },
      61_000,
    )
    expect(text.split('\n')).toEqual([
      '1 task waits: 0 high, 1 normal, 0 low.',
      '',
      'TASKS  WHY       FOR EXAMPLE',
      '1      cordoned  m is cordoned.',
      '',
      'NEXT  PRIORITY  WAITED  WHY       NAME',
      't1a   5         60 s    cordoned  build',
      '',
      'MASTER  STATUS    BUSY  NAMED BY',
      'm       cordoned  0/4   1',
    ])
  })
})

describe('values', () => {
  it('are shown short', () => {
    expect([age(900), age(119_000), age(600_000), age(7_200_000), age(5 * 86_400_000)]).toEqual([
      '1 s',
      '119 s',
      '10 min',
      '2 h',
      '5 d',
    ])
    expect([sizeText(512), sizeText(1536), sizeText(40 * 1024 ** 2)]).toEqual(['512 B', '1.5 KiB', '40 MiB'])
  })

  it('of other programs cannot steer the terminal', () => {
    expect(plain('a\u001b[2Jb\u001b]0;title\u0007c\rd\u202ee\tf')).toBe('abcde\tf')
  })

  it('are read from flags, or refused with what is right', () => {
    expect(duration('2m')).toBe(120_000)
    expect(() => duration('soon')).toThrow('500ms, 5s, 2m or 1h')
    expect(wholeNumber(1, 10)('7')).toBe(7)
    for (const text of ['0', '11', '1.5', 'x']) expect(() => wholeNumber(1, 10)(text)).toThrow('from 1 to 10')
  })
})
