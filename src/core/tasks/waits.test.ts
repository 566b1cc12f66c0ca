import { describe, expect, it } from 'vitest'
import { endOf, Rules } from '../../testing/core-fixture.js'
import { asTaskId } from '../ids.js'
import { limits } from '../limits.js'
import { install, State } from '../state.js'
import { type Made, runCascade } from '../turn.js'
import type { DependsMode, QueueTerms, TaskSpec } from './task.js'
import { plainTerms } from './terms.js'

const terms = (changes: Partial<QueueTerms>): Partial<TaskSpec> => ({ queue: { ...plainTerms, ...changes } })
const behind = (dependsOn: readonly string[], dependsMode: DependsMode = 'succeeded') =>
  terms({ dependsOn: dependsOn.map(asTaskId), dependsMode })

const phase = (rules: Rules, taskId: string) => {
  const { state } = rules.task(taskId)
  return state.phase === 'final' ? state.outcome : state.phase
}

describe('delays', () => {
  it('[DL1] a task with delayMs is delayed from its submit and queued when the time has passed', () => {
    const rules = new Rules()
    rules.join('master-1')
    const from = rules.log.length
    const taskId = rules.submit(terms({ delayMs: 5_000 }))
    expect(rules.types(from)).toEqual(['TaskSubmitted', 'TaskDelayed'])
    rules.pass(4_999)
    expect(phase(rules, taskId)).toBe('delayed')
    rules.pass(1)
    expect(phase(rules, taskId)).toBe('live')
    expect(rules.task(taskId).state.attempt).toBe(1)
  })

  it('[DL1] of runAt and delayMs the later one counts', () => {
    const rules = new Rules()
    const taskId = rules.submit(terms({ delayMs: 5_000, runAtMs: rules.nowMs + 9_000 }))
    expect(rules.task(taskId).state).toMatchObject({ phase: 'delayed', dueAtMs: rules.nowMs + 9_000 })
  })

  it('[DL2] refuses a runAt that is past, and one that is too far ahead, at once', () => {
    const rules = new Rules()
    const from = rules.log.length
    expect(() => rules.submit(terms({ runAtMs: rules.nowMs - 1 }))).toThrowError(/runAt: .* 1 ms ago/)
    expect(() => rules.submit(terms({ runAtMs: rules.nowMs + limits.delayMsMax + 1 }))).toThrowError(
      /put off/,
    )
    expect(rules.log).toHaveLength(from)
  })

  it('[DL3] a step of the clock puts a delay off, and leaves a time of day where it is', () => {
    const rules = new Rules()
    rules.join('master-1', { slots: 2 })
    const delayed = rules.submit(terms({ delayMs: 60_000 }))
    const timed = rules.submit(terms({ runAtMs: rules.nowMs + 60_000 }))
    rules.system({ name: 'step_clock', byMs: 60_000 })
    rules.pass(60_000)
    expect([phase(rules, delayed), phase(rules, timed)]).toEqual(['delayed', 'live'])
    rules.pass(60_000)
    expect(phase(rules, delayed)).toBe('live')
  })

  it('[DL4] a delayed task can be cancelled, and a retry runs it now', () => {
    const rules = new Rules()
    rules.join('master-1')
    const [cancelled, hurried] = [
      rules.submit(terms({ delayMs: 9_000 })),
      rules.submit(terms({ delayMs: 9_000 })),
    ]
    rules.control(cancelled, 'cancel')
    expect(phase(rules, cancelled)).toBe('cancelled')
    rules.control(hurried, 'retry')
    expect(rules.task(hurried).state).toMatchObject({ phase: 'live', attempt: 1 })
    rules.ended(hurried, endOf('succeeded'))
    rules.pass(9_000)
    expect(phase(rules, hurried)).toBe('succeeded')
  })
})

describe('dependencies', () => {
  /** One master, two tasks that run. */
  const two = () => {
    const rules = new Rules()
    rules.join('master-1', { slots: 4 })
    return { rules, one: rules.submit(), other: rules.submit() }
  }

  it.each([
    ['succeeded', 'succeeded', 'blocked', 'live'],
    ['succeeded', 'exit', 'blocked', 'dependency_failed'],
    ['exit', 'succeeded', 'dependency_failed', 'dependency_failed'],
  ] as const)('[DP2] succeeded: after %s it is %3$s, after %s then %s', (first, second, between, end) => {
    const { rules, one, other } = two()
    const taskId = rules.submit(behind([one, other]))
    expect(phase(rules, taskId)).toBe('blocked')
    rules.ended(one, endOf(first))
    expect(phase(rules, taskId)).toBe(between)
    rules.ended(other, endOf(second))
    expect(phase(rules, taskId)).toBe(end)
  })

  it('[DP2] done: it starts when all are over, in whatever way', () => {
    const { rules, one, other } = two()
    const taskId = rules.submit(behind([one, other], 'done'))
    rules.ended(one, endOf('exit'))
    expect(phase(rules, taskId)).toBe('blocked')
    rules.control(other, 'cancel')
    rules.ended(other, endOf('cancelled'))
    expect(phase(rules, taskId)).toBe('live')
  })

  it('[DP2] any: it starts with the first success, and fails when there was none', () => {
    const { rules, one, other } = two()
    const taskId = rules.submit(behind([one, other], 'any'))
    const late = rules.submit(behind([one], 'any'))
    rules.ended(one, endOf('exit'))
    expect([phase(rules, taskId), phase(rules, late)]).toEqual(['blocked', 'dependency_failed'])
    rules.ended(other, endOf('succeeded'))
    expect(phase(rules, taskId)).toBe('live')
    expect(rules.task(taskId).inputs?.map((input) => input.status)).toEqual(['failed', 'completed'])
  })

  it('[DP1] refuses a dependency that nobody knows, also itself', () => {
    const rules = new Rules()
    const itself = `t${(rules.state.headSeq + 1).toString(32)}`
    for (const id of ['tnone', 'x', itself])
      expect(() => rules.submit(behind([id]))).toThrowError(new RegExp(`there is no task ${id}`))
  })

  it('[DP1] dependencies that are over already count, also retired ones', () => {
    const { rules, one, other } = two()
    rules.ended(one, endOf('succeeded', { value: { n: 1 } }))
    rules.ended(other, endOf('exit', { exitCode: 3 }))
    const started = rules.submit(behind([one]))
    expect(phase(rules, started)).toBe('live')
    expect(rules.task(started).inputs).toMatchObject([{ taskId: one, value: { n: 1 } }])
    const failed = rules.submit(behind([one, other]))
    expect(phase(rules, failed)).toBe('dependency_failed')
    const retired = rules.task(one)
    rules.system({ name: 'retire_tasks', throughSeq: rules.state.headSeq })
    expect(rules.state.task(one)).toBeUndefined()
    const command = { name: 'submit_task', spec: { ...rules.task(started).spec }, bodyHash: 'h' } as const
    const answer = rules.user(command, { facts: { asOfSeq: 0, dependencies: [retired] } })
    expect(answer).toMatchObject({ kind: 'task', created: true })
    if (answer.kind === 'task') expect(phase(rules, answer.taskId)).toBe('live')
  })

  it('[DP3] a failed or cancelled dependency fails its dependants at once, transitively, and each says why', () => {
    const rules = new Rules()
    const first = rules.submit()
    const second = rules.submit(behind([first]))
    const third = rules.submit(behind([second]))
    const beside = rules.submit(behind([first], 'done'))
    rules.control(first, 'cancel')
    expect([second, third].map((id) => phase(rules, id))).toEqual(['dependency_failed', 'dependency_failed'])
    expect(phase(rules, beside)).toBe('queued')
    expect(rules.task(third).state).toMatchObject({
      why: expect.stringContaining(`(${second}), which ended as dependency_failed`),
    })
  })

  it('[DP3] a cascade over the limit of a turn goes on in the next ones, also under a new leader', () => {
    const rules = new Rules()
    const root = rules.submit()
    const fan = Array.from({ length: 30 }, () => rules.submit(behind([root])))
    const tail = rules.submit(behind([fan.at(-1) ?? '']))
    const made: Made = { events: [], changed: [] }
    rules.cascadeEventsMax = 20
    rules.control(root, 'cancel')
    expect(fan.filter((id) => phase(rules, id) === 'dependency_failed').length).toBeLessThan(10)
    expect(rules.state.index.dependants.isOwing).toBe(true)

    const rows = Object.values(rules.state.tables).flatMap((table) => [...table.values()])
    const successor = new State()
    install(successor, JSON.parse(JSON.stringify(rows)), rules.state.headSeq, rules.state.lastAtMs)
    while (runCascade(successor, rules.nowMs, made, made.events.length + 20));
    const outcomes = [...fan, tail].map((id) => successor.task(id)?.state)
    expect(outcomes.every((state) => state?.phase === 'final' && state.outcome === 'dependency_failed')).toBe(
      true,
    )
    expect(successor.index.unfinishedTasks).toBe(0)

    while (rules.state.index.dependants.isOwing) rules.pass(1)
    expect([...fan, tail].map((id) => phase(rules, id))).toEqual(outcomes.map(() => 'dependency_failed'))
  })

  it('[DP4] dependants that failed by a task stay failed when it is retried; their own retry waits for it again', () => {
    const { rules, one } = two()
    const taskId = rules.submit(behind([one]))
    rules.ended(one, endOf('exit'))
    expect(phase(rules, taskId)).toBe('dependency_failed')
    expect(() => rules.control(taskId, 'retry')).toThrowError(/retry that one first/)
    rules.control(one, 'retry')
    expect(phase(rules, taskId)).toBe('dependency_failed')
    rules.control(taskId, 'retry')
    expect(rules.task(taskId).state).toMatchObject({ phase: 'blocked', attempt: 1, waitsFor: [one] })
    rules.ended(one, endOf('succeeded', { value: 7 }))
    expect(phase(rules, taskId)).toBe('live')
    expect(rules.task(taskId).inputs).toMatchObject([{ taskId: one, value: 7 }])
  })

  it('[DP5] a value over the limit is left out and says so, and so is what comes after too much in all', () => {
    const { rules, one, other } = two()
    const long = 'x'.repeat(limits.dependencyValueCharsMax)
    rules.ended(one, endOf('succeeded', { value: long }))
    rules.ended(other, endOf('succeeded', { value: 'short' }))
    const taskId = rules.submit(behind([one, other]))
    const [cut, kept] = rules.task(taskId).inputs ?? []
    expect(cut).toMatchObject({ value: null, truncated: true, valueChars: long.length + 2 })
    expect(kept).toMatchObject({ value: 'short', truncated: false })
    const almost = 'x'.repeat(limits.dependencyValueCharsMax - 2)
    const many = Array.from({ length: 5 }, () => rules.submit())
    for (const id of many) {
      rules.ended(id, endOf('succeeded', { value: almost }))
      rules.pass(1)
    }
    const last = rules.submit(behind(many))
    expect(rules.task(last).inputs?.map((input) => input.truncated)).toEqual([
      false,
      false,
      false,
      false,
      true,
    ])
  })

  it('[DP6] a task that waits for others and for a time waits for both', () => {
    const { rules, one } = two()
    const taskId = rules.submit(terms({ dependsOn: [asTaskId(one)], delayMs: 5_000 }))
    rules.ended(one, endOf('succeeded'))
    expect(phase(rules, taskId)).toBe('delayed')
    rules.pass(5_000)
    expect(phase(rules, taskId)).toBe('live')
  })
})
