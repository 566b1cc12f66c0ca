import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { endOf, Rules } from '../../testing/core-fixture.js'
import { PlacementModel } from '../../testing/placement-model.js'
import { ControlError } from '../errors.js'
import { everyKey, limitIdOf, nodeIdOf, projectIdOf } from '../ids.js'
import type { LimitAction } from '../input.js'
import { limits } from '../limits.js'
import { defaultPlacement, type StrategyName, strategies } from '../placement/choice.js'
import type { LimitScope, Rate } from '../run-limits/limit.js'
import type { NodeNeeds, TaskSpec } from '../tasks/task.js'
import { plainNeeds, plainTerms } from '../tasks/terms.js'

const gpu = { labels: { gpu: 'yes' } }
const nodes = [
  { nodeId: 'master-1', slots: 2, labels: {}, memoryBytes: 4, types: ['command'] },
  { nodeId: 'master-2', slots: 3, labels: gpu.labels, memoryBytes: 8, types: ['command', 'scrape'] },
  {
    nodeId: 'worker-1',
    slots: 2,
    labels: {},
    memoryBytes: 4,
    types: ['scrape'],
    agentKind: 'function' as const,
  },
  {
    nodeId: 'master-3',
    slots: 1,
    labels: gpu.labels,
    memoryBytes: 0,
    types: ['command', 'cuda'],
    gpus: ['g'],
  },
]

const needs: fc.Arbitrary<NodeNeeds | undefined> = fc.option(
  fc.record({
    labels: fc.constantFrom<Readonly<Record<string, string>>>({}, { gpu: 'yes' }),
    capabilities: fc.constantFrom<readonly string[]>([], [], ['cuda']),
    gpus: fc.constantFrom(0, 0, 1, 2),
    slots: fc.constantFrom(1, 1, 2, 3),
    memoryBytes: fc.constantFrom(0, 0, 3, 8),
  }),
  { nil: undefined },
)

const submit = fc.record({
  do: fc.constant('submit' as const),
  priority: fc.integer({ min: 1, max: 10 }),
  type: fc.constantFrom('command', 'command', 'scrape'),
  workerId: fc.option(fc.constantFrom(...nodes.map((node) => nodeIdOf(node.nodeId)))),
  needs,
  accountIdx: fc.option(fc.nat(3)),
  project: fc.constantFrom('one', 'two'),
  capacity: fc.option(fc.constantFrom('api', 'browser')),
  key: fc.option(fc.constantFrom('a', 'b', 'c')),
  times: fc.constantFrom(1, 1, 1, 1, 3, 40),
})
type Submit = typeof submit extends fc.Arbitrary<infer One> ? One : never

type Step =
  | Submit
  | { do: 'join' | 'silence' | 'deaf' | 'fail'; node: number }
  | { do: 'end' | 'cancel'; pick: number }
  | { do: 'decline'; pick: number; code: 'no_memory' | 'leaving' }
  | { do: 'cordon' | 'uncordon' | 'drain'; node: number }
  | { do: 'limit'; scope: LimitScope; value: string; runsMax: number | null; rate: Rate | null }
  | { do: 'change'; limitId: string; action: LimitAction }
  | { do: 'pass'; ms: number }
  | { do: 'choose'; strategy: StrategyName }
  | { do: 'term' }

const limited: readonly (readonly [LimitScope, string])[] = [
  ['project', 'one'],
  ['project', 'two'],
  ['capacity', 'api'],
  ['capacity', 'browser'],
  ['key', 'a'],
  ['key', everyKey],
  ['agentKind', 'process'],
  ['agentKind', 'function'],
]
const limit = fc
  .record({
    of: fc.constantFrom(...limited),
    runsMax: fc.constantFrom(null, 0, 1, 2, 5),
    rate: fc.option(fc.record({ count: fc.integer({ min: 1, max: 3 }), perMs: fc.constantFrom(7, 1_000) })),
  })
  .map(({ of: [scope, value], runsMax, rate }) => ({ do: 'limit' as const, scope, value, runsMax, rate }))
const change = fc
  .record({
    of: fc.constantFrom(...limited),
    action: fc.constantFrom('pause' as const, 'resume' as const, 'delete' as const),
  })
  .map(({ of: [scope, value], action }) => ({
    do: 'change' as const,
    limitId: limitIdOf(scope, value),
    action,
  }))

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: submit },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constantFrom('end' as const, 'cancel' as const), pick: fc.nat(50) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'join' as const,
        'join' as const,
        'silence' as const,
        'deaf' as const,
        'fail' as const,
      ),
      node: fc.nat(3),
    }),
  },
  { weight: 3, arbitrary: limit },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('choose' as const),
      strategy: fc.constantFrom(...(Object.keys(strategies) as StrategyName[])),
    }),
  },
  { weight: 3, arbitrary: change },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(1, 5, 300, 2_000) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom('cordon' as const, 'uncordon' as const, 'uncordon' as const, 'drain' as const),
      node: fc.nat(3),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('decline' as const),
      pick: fc.nat(50),
      code: fc.constantFrom('no_memory' as const, 'no_memory' as const, 'leaving' as const),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'term' as const }) },
)

function submitOne(rules: Rules, one: Submit): void {
  const queue = { ...plainTerms, capacity: one.capacity, concurrencyKey: one.key }
  const requirements = { accountIdx: one.accountIdx, workerId: one.workerId, timeout: 0 }
  const spec: Partial<TaskSpec> = {
    priority: one.priority,
    type: one.type,
    queue,
    requirements: one.needs === undefined ? requirements : { ...requirements, needs: one.needs },
  }
  for (let n = 0; n < one.times; n += 1) rules.submit(spec, 'hash', { projectId: projectIdOf(one.project) })
}

function take(rules: Rules, one: Step): void {
  switch (one.do) {
    case 'submit':
      submitOne(rules, one)
      return
    case 'limit': {
      const { scope, value, runsMax, rate } = one
      rules.user({ name: 'set_limit', scope, value, runsMax, rate })
      return
    }
    case 'change':
      rules.user({ name: 'change_limit', limitId: one.limitId, action: one.action })
      return
    case 'choose':
      rules.user({ name: 'choose_placement', strategy: one.strategy, weights: defaultPlacement.weights })
      return
    case 'pass':
      rules.pass(one.ms)
      return
    case 'cordon':
    case 'uncordon':
    case 'drain': {
      const nodeId = nodeIdOf(nodes[one.node]?.nodeId ?? '')
      rules.user({ name: 'control_node', nodeId, action: one.do, deadlineMs: null })
      return
    }
    case 'term':
      rules.system({ name: 'start_term', leaderId: 'leader-2' })
      return
    case 'decline': {
      const live = [...rules.state.tables.task.values()].filter((task) => task.state.phase === 'live')
      const task = live[one.pick % Math.max(1, live.length)]
      if (task === undefined) return
      const { fence, nodeId } = rules.run(task.taskId)
      const report = { name: 'decline_run', taskId: task.taskId, fence, code: one.code } as const
      rules.node(nodeId, { ...report, text: 'no', retryAfterMs: 1_000 })
      return
    }
    case 'end':
    case 'cancel': {
      const wanted = one.do === 'end' ? 'live' : 'queued'
      const tasks = [...rules.state.tables.task.values()].filter((task) => task.state.phase === wanted)
      const task = tasks[one.pick % Math.max(1, tasks.length)]
      if (task === undefined) return
      if (one.do === 'end') rules.ended(task.taskId, endOf('succeeded'))
      else rules.control(task.taskId, 'cancel')
      return
    }
    default:
      changeNode(rules, one.do, nodes[one.node] ?? nodes[0])
  }
}

function changeNode(rules: Rules, change: 'join' | 'silence' | 'deaf' | 'fail', node = nodes[0]): void {
  if (node === undefined) return
  const nodeId = nodeIdOf(node.nodeId)
  const inventory = [...rules.state.tables.task.values()].flatMap((task) =>
    task.state.phase === 'live' && task.state.run.nodeId === nodeId
      ? [{ taskId: task.taskId, attempt: 1, fence: task.state.run.fence, state: 'running' as const, pid: 1 }]
      : [],
  )
  if (change === 'join')
    rules.join(nodeId, { ...node, inventory: inventory.map((run) => ({ ...run, outBytes: 0, errBytes: 0 })) })
  else if (change === 'silence') rules.system({ name: 'node_silent', nodeId, reason: 'cut' })
  else if (change === 'deaf') rules.system({ name: 'node_deaf', nodeId, deaf: true })
  else {
    const agents = rules.state.node(nodeId)?.agents ?? []
    rules.node(nodeId, { name: 'report_agents', agents: agents.slice(0, -1) })
  }
}

/** Every placement is the model's, and after each step nothing that fits is left waiting. */
function playBeside(steps: readonly Step[]): PlacementModel {
  const rules = new Rules()
  const model = new PlacementModel()
  let seen = 0
  const joins = [0, 1, 2, 3].map((node) => ({ do: 'join' as const, node }))
  const capacities = ['api', 'browser'].map((value) => ({
    do: 'limit' as const,
    scope: 'capacity' as const,
    value,
    runsMax: 2,
    rate: null,
  }))
  for (const one of [...joins, ...capacities, ...steps]) {
    try {
      take(rules, one)
    } catch (thrown) {
      if (!(thrown instanceof ControlError)) throw thrown
    }
    for (const event of rules.log.slice(seen)) model.take(event)
    seen = rules.log.length
    expect(model.choice(rules.nowMs)).toBeNull()
  }
  return model
}

describe('queue', () => {
  it('[RN6] [RN7] places what a search of all tasks and nodes would, and forgets nothing that can go', () => {
    let assigned = 0
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 100, size: 'max' }), (steps) => {
        const { state } = playBeside(steps)
        for (const task of state.tables.task.values()) if (task.state.phase !== 'queued') assigned += 1
      }),
      { numRuns: 25 },
    )
    // So that the runs are not idle; how many a random run places varies widely.
    expect(assigned).toBeGreaterThan(20)
  }, 120_000)

  it('[RN6] goes on placing others when the last agent that a task could have is taken away', () => {
    const rules = new Rules()
    for (const nodeId of ['master-1', 'master-2']) rules.join(nodeId)
    rules.user({ name: 'set_limit', scope: 'agentKind', value: 'process', runsMax: 0, rate: null })
    const requirements = { accountIdx: null, workerId: nodeIdOf('master-1'), timeout: 0 }
    rules.submit({ requirements })
    rules.node('master-1', { name: 'report_agents', agents: [] })
    const other = rules.submit()
    rules.user({ name: 'change_limit', limitId: 'agentKind:process', action: 'delete' })
    expect(rules.run(other).nodeId).toBe('master-2')
  })

  it('keeps the order of what is left when most of it was taken back while nothing could be placed', () => {
    const rules = new Rules()
    const ids = Array.from({ length: 5_000 }, () => rules.submit())
    const kept = ids.filter((_, n) => n % 1_000 === 7)
    for (const id of ids) if (!kept.includes(id)) rules.control(id, 'cancel')
    rules.join('master-1', { slots: 10 })
    const order = rules.log.filter((event) => event.type === 'TaskAssigned').map((event) => event.entity.id)
    expect(order).toEqual(kept)
  })

  it('[RN6] looks at a named worker alone', () => {
    const rules = new Rules()
    for (const nodeId of ['master-1', 'master-2']) rules.join(nodeId)
    const named = (workerId: string) =>
      rules.submit({ requirements: { accountIdx: null, workerId: nodeIdOf(workerId), timeout: 0 } })
    expect(rules.run(named('master-2')).nodeId).toBe('master-2')
    expect(rules.task(named('master-2')).state.phase).toBe('queued')
    expect(rules.run(named('master-1')).nodeId).toBe('master-1')
  })

  it('[RN15] counts slots and memory per master, and says what a task waits for', () => {
    const rules = new Rules()
    rules.join('master-1', { slots: 4, memoryBytes: 10 })
    const sized = (slots: number, memoryBytes: number): string =>
      rules.submit({
        requirements: {
          accountIdx: null,
          workerId: null,
          timeout: 0,
          needs: { ...plainNeeds, slots, memoryBytes },
        },
      })
    const three = sized(3, 6)
    expect(rules.run(three).agentId).toBe('master-1/p1')
    const two = sized(2, 0)
    const big = sized(1, 5)
    const small = sized(1, 4)
    expect(rules.run(small).agentId).toBe('master-1/p2')
    const { queue } = rules.state.index
    expect([two, big].map((taskId) => queue.reasonOf(taskId))).toEqual([
      { code: 'room', placesKnown: 1 },
      { code: 'room', placesKnown: 1 },
    ])
    expect(queue.reasonOf(rules.submit({ type: 'unknown' }))).toEqual({ code: 'room', placesKnown: 0 })
    rules.user({ name: 'set_limit', scope: 'project', value: 'default', runsMax: 0, rate: null })
    expect(queue.reasonOf(two)).toEqual({
      code: 'gate',
      scope: 'project',
      value: 'default',
      reason: 'concurrency',
    })
    rules.user({ name: 'change_limit', limitId: 'project:default', action: 'delete' })
    rules.ended(three, endOf('succeeded'))
    expect([two, big].map((taskId) => rules.run(taskId).agentId)).toEqual(['master-1/p1', 'master-1/p3'])
  })

  it('remembers as many sets of needs without a task as limits.poolsIdleKept, and places by those it forgot', () => {
    const rules = new Rules()
    const types = Array.from({ length: limits.poolsIdleKept + 10 }, (_, n) => `type-${n}`)
    rules.join('master-1', { types })
    for (let round = 0; round < 2; round += 1) {
      for (const type of types) rules.ended(rules.submit({ type }), endOf('succeeded'))
    }
    const [place] = [...rules.state.index.slots.all].flatMap((node) => [...node.places])
    expect(place?.seats.size).toBe(limits.poolsIdleKept)
    expect(rules.log.filter((event) => event.type === 'TaskAssigned')).toHaveLength(2 * types.length)
  })

  it('remembers as many keys without a task as limits.queueGroupsIdleKept', () => {
    const rules = new Rules()
    const ids = Array.from({ length: 1_000 }, (_, n) =>
      rules.submit({ queue: { ...plainTerms, concurrencyKey: `key-${n}` } }),
    )
    for (const id of ids) rules.control(id, 'cancel')
    expect(rules.state.index.queue.gatesKnown).toBeLessThanOrEqual(limits.queueGroupsIdleKept + 1)
  })
})
