import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { endOf, Rules } from '../../testing/core-fixture.js'
import { whyByHand } from '../../testing/why-model.js'
import { ControlError } from '../errors.js'
import { asTaskId, nodeIdOf } from '../ids.js'
import { limits } from '../limits.js'
import type { Rate } from '../run-limits/limit.js'
import type { NodeNeeds, TaskSpec } from '../tasks/task.js'
import { plainNeeds, plainTerms } from '../tasks/terms.js'
import { Reasons } from './reasons.js'

const gib = 1024 ** 3
const why = (rules: Rules, taskId: string) => new Reasons(rules.state).of(rules.task(taskId))

/** A master's word of its own on what it has. */
const join = (rules: Rules, nodeId: string, more: Parameters<Rules['join']>[1] = {}) =>
  rules.join(nodeId, { memoryBytes: gib, ...more })

const asking = (needs: Partial<NodeNeeds>, workerId: string | null = null): Partial<TaskSpec> => ({
  requirements: {
    accountIdx: null,
    workerId: workerId === null ? null : nodeIdOf(workerId),
    timeout: 0,
    needs: { ...plainNeeds, ...needs },
  },
})
const pinned = (workerId: string): Partial<TaskSpec> => ({
  requirements: { accountIdx: null, workerId: nodeIdOf(workerId), timeout: 0 },
})
const act = (rules: Rules, nodeId: string, action: 'cordon' | 'drain') =>
  rules.user({ name: 'control_node', nodeId: nodeIdOf(nodeId), action, deadlineMs: null })

describe('why a task waits', () => {
  it('[WY1] no master has joined', () => {
    const rules = new Rules()
    expect(why(rules, rules.submit())).toEqual({
      code: 'worker_offline',
      text: 'No master has joined yet. Start one: agentflow master',
      nearest: null,
      until: null,
    })
  })

  it('[WY1] no_capability: the type, a capability, a GPU', () => {
    const rules = new Rules()
    join(rules, 'master-1', { types: ['command', 'test'] })
    join(rules, 'master-2', { types: ['command', 'test', 'cuda'] })
    expect(why(rules, rules.submit({ type: 'scrape' }))).toEqual({
      code: 'no_capability',
      text: 'No master can run tasks of type scrape; the nearest, master-1, lacks scrape.',
      nearest: { workerId: 'master-1', lacks: ['no_capability'] },
      until: null,
    })
    expect(why(rules, rules.submit(asking({ capabilities: ['cuda', 'tpu'] })))?.text).toBe(
      'No master can run all that it needs; the nearest, master-1, lacks cuda, tpu.',
    )
    expect(why(rules, rules.submit(asking({ gpus: 1 })))).toMatchObject({
      code: 'no_capability',
      text: 'The task needs 1 GPU; the nearest, master-1, has 0.',
    })
    expect(why(rules, rules.submit({ ...pinned('master-1'), type: 'scrape' }))?.text).toBe(
      'master-1 cannot run scrape; it can run command, test.',
    )
  })

  it('[WY1] no_label', () => {
    const rules = new Rules()
    join(rules, 'master-1', { labels: { zone: 'a' } })
    expect(why(rules, rules.submit(asking({ labels: { zone: 'b' } })))).toEqual({
      code: 'no_label',
      text: 'No master that could run it has the label zone=b; master-1 has zone=a.',
      nearest: { workerId: 'master-1', lacks: ['no_label'] },
      until: null,
    })
  })

  it('[WY1] cordoned, and what to do about it', () => {
    const rules = new Rules()
    join(rules, 'master-1', { labels: { zone: 'a' } })
    join(rules, 'master-2', { labels: { zone: 'b' } })
    act(rules, 'master-2', 'cordon')
    expect(why(rules, rules.submit(asking({ labels: { zone: 'b' } })))).toEqual({
      code: 'cordoned',
      text: 'master-2 has label zone=b but is cordoned: agentflow uncordon master-2',
      nearest: { workerId: 'master-2', lacks: ['cordoned'] },
      until: null,
    })
    act(rules, 'master-1', 'drain')
    expect(why(rules, rules.submit(pinned('master-1')))?.text).toBe(
      'master-1 could run it but is drained: agentflow uncordon master-1',
    )
  })

  it('[WY1] worker_offline: silent, deaf, away, and not back yet', () => {
    const rules = new Rules()
    join(rules, 'master-1')
    const taskId = rules.submit({ type: 'command', ...pinned('master-1') })
    const waiting = rules.submit(pinned('master-1'))
    rules.running(taskId)
    rules.system({ name: 'node_deaf', nodeId: nodeIdOf('master-1'), deaf: true })
    expect(why(rules, waiting)?.text).toBe(
      'master-1 could run it but does not answer: its command handler is stuck.',
    )
    rules.system({ name: 'node_silent', nodeId: nodeIdOf('master-1'), reason: 'cut' })
    expect(why(rules, waiting)).toEqual({
      code: 'worker_offline',
      text: 'master-1 could run it but is silent: its link is gone.',
      nearest: { workerId: 'master-1', lacks: ['worker_offline', 'no_slot'] },
      until: null,
    })
    expect(why(rules, taskId)?.text).toMatch(/^master-1 is silent. Unless it returns, /)
    rules.pass(limits.nodeOfflineAfterMs)
    expect(why(rules, waiting)?.text).toBe('master-1 could run it but is offline.')
    const other = new Rules()
    other.join('master-1')
    other.submit()
    const again = other.submit()
    expect(why(other.succeed(), again)?.text).toBe(
      'master-1 could run it but has not come back since the leader started.',
    )
  })

  it('[WY1] no_slot and no_memory: now, and for ever', () => {
    const rules = new Rules()
    for (const nodeId of ['master-1', 'master-2']) join(rules, nodeId, { slots: 2 })
    expect(why(rules, rules.submit(asking({ slots: 3 })))?.text).toBe(
      'The task takes 3 slots at once; no master that could run it has as many: master-1 has fewer in all.',
    )
    expect(why(rules, rules.submit(asking({ memoryBytes: 2 * gib })))).toMatchObject({
      code: 'no_memory',
      text: 'The task needs 2048 MiB of memory; no master that could run it has as much: master-1 has 1024 MiB.',
    })
    for (let count = 0; count < 3; count += 1) rules.submit(asking({ memoryBytes: gib / 2 }))
    expect(why(rules, rules.submit(asking({ memoryBytes: gib })))).toMatchObject({
      code: 'no_memory',
      text: 'The task needs 1024 MiB of memory, which no master that could run it has left beside its runs.',
      nearest: { workerId: 'master-2', lacks: ['no_memory'] },
    })
    expect(why(rules, rules.submit(asking({ slots: 2 })))?.text).toBe(
      'The task takes 2 slots at once; no master that could run it has so many free.',
    )
    rules.submit()
    expect(why(rules, rules.submit())).toEqual({
      code: 'no_slot',
      text: 'All slots of the 2 masters that could run it are taken.',
      nearest: { workerId: 'master-1', lacks: ['no_slot'] },
      until: null,
    })
    expect(why(rules, rules.submit(pinned('master-2')))?.text).toBe('All slots of master-2 are taken.')
  })

  it('[WY1] declined: what the master said, and when it is asked again', () => {
    const rules = new Rules()
    join(rules, 'master-1')
    const taskId = rules.submit()
    const { fence } = rules.run(taskId)
    const decline = { name: 'decline_run', taskId: asTaskId(taskId), fence, code: 'no_memory' } as const
    rules.node('master-1', { ...decline, text: '1 GiB is free.', retryAfterMs: 5_000 })
    expect(why(rules, taskId)).toEqual({
      code: 'no_memory',
      text: 'master-1 declined it: 1 GiB is free. It is asked again in a while.',
      nearest: { workerId: 'master-1', lacks: ['no_memory'] },
      until: rules.nowMs + 5_000,
    })
  })

  it('[WY1] delayed: a retry that is not due', () => {
    const rules = new Rules()
    join(rules, 'master-1')
    const taskId = rules.submit({ retry: { attemptsMax: 2, on: ['exit'], backoffMs: 1_000 } })
    rules.ended(taskId, endOf('exit'))
    expect(why(rules, taskId)).toMatchObject({
      code: 'delayed',
      text: 'Attempt 2 starts when the delay after attempt 1 is over.',
      until: expect.any(Number),
    })
  })

  it.each([
    ['capacity', 'concurrency', 'concurrency', 'As many tasks of the capacity "api" run as its limit allows'],
    ['capacity', 'capacity_paused', 'capacity_paused', 'The capacity "api" is paused'],
    ['capacity', 'capacity_unknown', 'capacity_paused', 'The capacity "api" is not set up'],
    ['key', 'concurrency', 'concurrency', 'As many tasks of the concurrency key "k"'],
    ['project', 'rate', 'rate', 'As many tasks of the project "default" were started lately'],
    ['agentKind', 'concurrency', 'concurrency', 'As many tasks of the agent kind "process" run'],
  ] as const)('[WY1] a closed gate of a %s: %s is %s', (scope, reason, code, text) => {
    const rules = new Rules()
    join(rules, 'master-1')
    const value = { capacity: 'api', key: 'k', project: 'default', agentKind: 'process' }[scope]
    const queue = { ...plainTerms, capacity: 'api', concurrencyKey: 'k' }
    const limit = (runsMax: number | null, rate: Rate | null = null) => {
      const { scope: of, name } = runsMax === null && rate === null ? open : { scope, name: value }
      rules.user({ name: 'set_limit', scope: of, value: name, runsMax, rate })
    }
    const open = { scope: 'capacity', name: 'api' } as const
    limit(null)
    if (reason === 'rate') {
      limit(null, { count: 1, perMs: 60_000 })
      rules.ended(rules.submit(), endOf('succeeded'))
    } else limit(0)
    const taskId = rules.submit({ queue })
    const change = { name: 'change_limit', limitId: 'capacity:api' } as const
    if (reason === 'capacity_paused') rules.user({ ...change, action: 'pause' })
    if (reason === 'capacity_unknown') rules.user({ ...change, action: 'delete' })
    expect(why(rules, taskId)).toMatchObject({ code, text: expect.stringContaining(text), nearest: null })
  })

  it('[WY1] nothing when it runs or is over', () => {
    const rules = new Rules()
    join(rules, 'master-1')
    const taskId = rules.submit()
    expect(why(rules, taskId)).toBeNull()
    rules.running(taskId)
    expect(why(rules, taskId)).toBeNull()
    rules.ended(taskId, endOf('succeeded'))
    expect(why(rules, taskId)).toBeNull()
  })
})

// --- by brute force ---

const master = fc.record({
  slots: fc.integer({ min: 0, max: 3 }),
  memoryBytes: fc.constantFrom(0, 4, 8),
  types: fc.subarray(['command', 'test', 'cuda']),
  gpus: fc.constantFrom<string[]>([], ['g'], ['g', 'g']),
  labels: fc.constantFrom<Record<string, string>>({}, { zone: 'a' }, { zone: 'b', disk: 'ssd' }),
  becomes: fc.constantFrom('online', 'online', 'online', 'silent', 'deaf', 'cordon', 'drain'),
})
const needs = fc.record({
  labels: fc.constantFrom<Record<string, string>>({}, {}, { zone: 'b' }, { zone: 'b', disk: 'ssd' }),
  capabilities: fc.constantFrom<string[]>([], [], ['cuda']),
  gpus: fc.constantFrom(0, 0, 1, 2),
  slots: fc.constantFrom(1, 1, 2, 4),
  memoryBytes: fc.constantFrom(0, 0, 3, 8, 9),
})
const task = fc.record({
  type: fc.constantFrom('command', 'command', 'test'),
  needs,
  pin: fc.option(fc.nat(4), { freq: 4 }),
  declines: fc.boolean(),
})

describe('by brute force', () => {
  it('[WY2] code and nearest master are those of a search of every master, for every fleet and task', () => {
    const codes = new Set<string>()
    fc.assert(
      fc.property(
        fc.array(master, { minLength: 1, maxLength: 5 }),
        fc.array(task, { minLength: 1, maxLength: 12 }),
        (masters, tasks) => {
          const rules = fleetOf(masters)
          for (const one of tasks) {
            const workerId = one.pin === null || masters[one.pin] === undefined ? null : `m${one.pin}`
            const taskId = rules.submit({ type: one.type, ...asking(one.needs, workerId) })
            if (one.declines && rules.task(taskId).state.phase === 'live') declineOf(rules, taskId)
          }
          const reasons = new Reasons(rules.state)
          for (const known of rules.state.tables.task.values()) {
            if (known.state.phase !== 'queued') continue
            const reason = reasons.of(known)
            const byHand = whyByHand(rules, known)
            expect({ code: reason?.code, nearest: reason?.nearest }).toEqual(byHand)
            codes.add(reason?.code ?? '')
            expect(reason?.text).toMatch(/^\S.{10,}[\w.]$/)
          }
        },
      ),
      { numRuns: 300 },
    )
    expect([...codes].sort()).toEqual([
      'cordoned',
      'no_capability',
      'no_label',
      'no_memory',
      'no_slot',
      'worker_offline',
    ])
  })
})

type Master = typeof master extends fc.Arbitrary<infer One> ? One : never

function fleetOf(masters: readonly Master[]): Rules {
  const rules = new Rules()
  for (const [index, { becomes, ...has }] of masters.entries()) {
    const nodeId = nodeIdOf(`m${index}`)
    rules.join(nodeId, has)
    if (becomes === 'silent') rules.system({ name: 'node_silent', nodeId, reason: 'cut' })
    else if (becomes === 'deaf') rules.system({ name: 'node_deaf', nodeId, deaf: true })
    else if (becomes !== 'online') act(rules, nodeId, becomes as 'cordon' | 'drain')
  }
  return rules
}

/** Its master says no; others may take it then. */
function declineOf(rules: Rules, taskId: string): void {
  const { fence, nodeId } = rules.run(taskId)
  const report = { name: 'decline_run', taskId: asTaskId(taskId), fence, code: 'no_memory' } as const
  try {
    rules.node(nodeId, { ...report, text: 'It is full.', retryAfterMs: 5_000 })
  } catch (thrown) {
    if (!(thrown instanceof ControlError)) throw thrown
  }
}

it(`[WY1] at most ${limits.whyLooksMax} masters are looked at for one list; the rest of it has no nearest one`, () => {
  const rules = new Rules()
  const masters = 100
  for (let index = 0; index < masters; index += 1) rules.join(`m${index}`, { slots: 0 })
  const classes = limits.whyLooksMax / masters + 1
  const ids = Array.from({ length: classes }, (_, index) => rules.submit({ type: `t${index}` }))
  const reasons = new Reasons(rules.state)
  const told = ids.map((taskId) => reasons.of(rules.task(taskId)))
  expect(told.slice(0, -1).every((reason) => reason?.code === 'no_capability')).toBe(true)
  expect(told.at(-1)).toMatchObject({ code: 'no_slot', nearest: null })
  expect(why(rules, ids.at(-1) ?? '')?.code).toBe('no_capability')
})
