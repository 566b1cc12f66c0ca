import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { endOf, Rules } from '../testing/core-fixture.js'
import { ControlError } from './errors.js'
import type { LogEvent } from './event.js'
import { asTaskId, nodeIdOf } from './ids.js'
import type { NodeAction } from './input.js'
import { apply, type Entity, install, State } from './state.js'
import type { DependsMode } from './tasks/task.js'
import { plainTerms } from './tasks/terms.js'

type Step =
  | { do: 'submit'; priority: number; key: string | null }
  | { do: 'submit_later'; delayMs: number; picks: number[]; mode: DependsMode; totalTimeoutMs: number }
  | { do: 'join' | 'silence'; node: number }
  | { do: 'running' | 'end' | 'lose'; pick: number }
  | { do: 'control'; pick: number; action: 'pause' | 'resume' | 'cancel' | 'retry' }
  | { do: 'hold'; node: number; action: NodeAction; deadlineMs: number | null }
  | { do: 'pass'; ms: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('submit' as const),
    priority: fc.integer({ min: 1, max: 10 }),
    key: fc.option(fc.constantFrom('a', 'b', 'c')),
  }),
  fc.record({
    do: fc.constant('submit_later' as const),
    delayMs: fc.constantFrom(0, 0, 500, 30_000),
    picks: fc.array(fc.nat(20), { maxLength: 3 }),
    mode: fc.constantFrom('succeeded' as const, 'done' as const, 'any' as const),
    totalTimeoutMs: fc.constantFrom(0, 0, 20_000),
  }),
  fc.record({
    do: fc.constantFrom('join' as const, 'silence' as const),
    node: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({ do: fc.constantFrom('running' as const, 'end' as const, 'lose' as const), pick: fc.nat(20) }),
  fc.record({
    do: fc.constant('control' as const),
    pick: fc.nat(20),
    action: fc.constantFrom('pause' as const, 'resume' as const, 'cancel' as const, 'retry' as const),
  }),
  fc
    .record({
      do: fc.constant('hold' as const),
      node: fc.integer({ min: 1, max: 3 }),
      action: fc.constantFrom('cordon' as const, 'uncordon' as const, 'drain' as const),
      deadlineMs: fc.option(fc.integer({ min: 0, max: 20_000 })),
    })
    .filter(({ action, deadlineMs }) => action === 'drain' || deadlineMs === null),
  fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 40_000 }) }),
)

function take(rules: Rules, { ...one }: Step): void {
  const live = [...rules.state.tables.task.values()].filter((task) => task.state.phase === 'live')
  const all = [...rules.state.tables.task.keys()]
  switch (one.do) {
    case 'submit':
      rules.submit({ priority: one.priority, idempotencyKey: one.key })
      return
    case 'submit_later': {
      const dependsOn = [...new Set(one.picks.flatMap((pick) => all[pick % Math.max(1, all.length)] ?? []))]
      const { delayMs, mode: dependsMode, totalTimeoutMs } = one
      const queueTimeoutMs = totalTimeoutMs / 2
      const terms = {
        dependsOn: dependsOn.map(asTaskId),
        dependsMode,
        delayMs,
        totalTimeoutMs,
        queueTimeoutMs,
      }
      rules.submit({ queue: { ...plainTerms, ...terms } })
      return
    }
    case 'join':
      rules.join(`master-${one.node}`, { slots: 2 })
      return
    case 'silence':
      rules.system({ name: 'node_silent', nodeId: `master-${one.node}` as never, reason: 'cut' })
      return
    case 'hold': {
      const { action, deadlineMs } = one
      const nodeId = nodeIdOf(`master-${one.node}`)
      rules.user({ name: 'control_node', nodeId, action, deadlineMs })
      return
    }
    case 'pass':
      rules.pass(one.ms)
      return
    case 'control': {
      const taskId = all[one.pick % Math.max(1, all.length)]
      if (taskId !== undefined) rules.control(taskId, one.action)
      return
    }
    case 'running':
    case 'end':
    case 'lose': {
      const task = live[one.pick % Math.max(1, live.length)]
      if (task === undefined) return
      if (one.do === 'running') rules.running(task.taskId)
      else rules.ended(task.taskId, endOf(one.do === 'end' ? 'succeeded' : 'lost'))
    }
  }
}

/** Steps that the rules refuse are part of the game; anything but a ControlError is a defect. */
function play(steps: readonly Step[]): Rules {
  const rules = new Rules()
  for (const one of steps) {
    try {
      take(rules, one)
    } catch (thrown) {
      if (!(thrown instanceof ControlError)) throw thrown
    }
  }
  return rules
}

const entities = (state: State): Entity[] =>
  Object.values(state.tables).flatMap((table) => [...table.values()])
const sorted = (state: State): string[] =>
  entities(state)
    .map((entity) => JSON.stringify(entity))
    .sort()
const decoded = (event: LogEvent): LogEvent => JSON.parse(JSON.stringify(event)) as LogEvent

describe('fold', () => {
  it('[TU9] a fold of the encoded log gives the state that the rules had', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const rules = play(steps)
        const folded = new State()
        for (const event of rules.log) apply(folded, decoded(event))
        expect(sorted(folded)).toEqual(sorted(rules.state))
        expect(folded.index.counts).toEqual(rules.state.index.counts)
      }),
      { numRuns: 150 },
    )
  })

  it('[TU9] rows as of any seq and the tail after it give the same state', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.nat(), (steps, cut) => {
        const rules = play(steps)
        const at = cut % (rules.log.length + 1)
        const before = new State()
        for (const event of rules.log.slice(0, at)) apply(before, decoded(event))
        const loaded = new State()
        install(
          loaded,
          JSON.parse(JSON.stringify(entities(before))) as Entity[],
          before.headSeq,
          before.lastAtMs,
        )
        for (const event of rules.log.slice(at)) apply(loaded, decoded(event))
        expect(sorted(loaded)).toEqual(sorted(rules.state))
        expect(loaded.index.counts).toEqual(rules.state.index.counts)
        expect(loaded.index.queue.size).toBe(rules.state.index.queue.size)
        expect(loaded.index.dependants.isOwing).toBe(false)
      }),
      { numRuns: 150 },
    )
  })

  it('[TU9] what retires from memory is what the rows no longer load, also after a late report', () => {
    const rules = new Rules()
    rules.join('master-1')
    const [late, early, last] = [rules.submit(), rules.submit(), rules.submit()]
    const { fence } = rules.run(late)
    for (const taskId of [late, early]) rules.ended(taskId, endOf('succeeded'))
    const throughSeq = rules.state.headSeq
    rules.ended(late, endOf('lost'), fence, 'master-1')
    expect(rules.types().at(-1)).toBe('RunSuperseded')
    rules.ended(last, endOf('succeeded'))
    const rows = new Map(entities(rules.state).map((entity) => [JSON.stringify(entity), entity]))
    rules.system({ name: 'retire_tasks', throughSeq })
    const loaded = [...rows.values()].filter((row) => row.kind === 'task' && row.seq > throughSeq)
    const kept = [...rules.state.tables.task.values()]
    expect(kept.map((task) => task.taskId).sort()).toEqual([last, late].sort())
    expect(loaded).toEqual(kept)
    expect(rules.state.cluster?.retired).toEqual({ completed: 1, failed: 0, cancelled: 0 })
  })

  it('[TU1] the same inputs at the same times make the same log', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        expect(play(steps).log).toEqual(play(steps).log)
      }),
      { numRuns: 50 },
    )
  })

  it('[TU10] a forward step of the clock puts every due time off', () => {
    const rules = new Rules()
    rules.join('master-1')
    const taskId = rules.submit()
    rules.ended(taskId, endOf('lost'))
    rules.system({ name: 'step_clock', byMs: 60_000 })
    rules.pass(60_000)
    expect(rules.task(taskId).state.phase).toBe('delayed')
    rules.pass(2_000)
    expect(rules.task(taskId).state.phase).toBe('live')
  })
})
