import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { endOf, Rules } from '../../testing/core-fixture.js'
import type { LogEvent } from '../event.js'
import { everyKey, projectIdOf } from '../ids.js'
import { limits } from '../limits.js'
import { apply, type Entity, install, State } from '../state.js'
import { plainTerms } from '../tasks/terms.js'
import type { LimitScope, Rate } from './limit.js'
import { TokenBucket } from './token-bucket.js'

const fleet = (slots = 10): Rules => {
  const rules = new Rules()
  rules.join('master-1', { slots })
  rules.join('master-2', { slots })
  return rules
}
const setLimit = (
  rules: Rules,
  scope: LimitScope,
  value: string,
  { runsMax = null, rate = null }: { runsMax?: number | null; rate?: Rate | null },
) => rules.user({ name: 'set_limit', scope, value, runsMax, rate })
const change = (rules: Rules, limitId: string, action: 'pause' | 'resume' | 'delete') =>
  rules.user({ name: 'change_limit', limitId, action })
const withKey = (rules: Rules, concurrencyKey: string) =>
  rules.submit({ queue: { ...plainTerms, concurrencyKey } })
const withCapacity = (rules: Rules, capacity: string) => rules.submit({ queue: { ...plainTerms, capacity } })
const live = (rules: Rules, ids: readonly string[]) =>
  ids.filter((id) => rules.task(id).state.phase === 'live').length
const reason = (rules: Rules, taskId: string) => {
  const cause = rules.state.index.queue.reasonOf(taskId)
  return cause?.code === 'gate' ? `${cause.scope} ${cause.value}: ${cause.reason}` : (cause?.code ?? null)
}

describe('limits on runs', () => {
  it('[LM1] is set, set anew and deleted by events; what is so already makes none', () => {
    const rules = fleet()
    setLimit(rules, 'key', 'deploy', { runsMax: 1 })
    const before = rules.log.length
    setLimit(rules, 'key', 'deploy', { runsMax: 1 })
    expect(rules.types(before)).toEqual([])
    const ids = [1, 2, 3].map(() => withKey(rules, 'deploy'))
    expect(live(rules, ids)).toBe(1)
    setLimit(rules, 'key', 'deploy', { runsMax: 2 })
    expect(live(rules, ids)).toBe(2)
    setLimit(rules, 'key', 'deploy', { runsMax: 0 })
    expect(live(rules, ids)).toBe(2)
    change(rules, 'key:deploy', 'delete')
    expect(live(rules, ids)).toBe(3)
    expect(rules.state.tables.limit.size).toBe(0)
    expect(() => change(rules, 'key:deploy', 'delete')).toThrowError(/there is no limit key:deploy/)
  })

  it('[LM1] refuses a limit that limits nothing, and one too many', () => {
    const rules = fleet()
    expect(() => setLimit(rules, 'key', 'deploy', {})).toThrowError(/needs runsMax or rate/)
    for (let n = 0; n < limits.limitsMax; n += 1) setLimit(rules, 'key', `key-${n}`, { runsMax: 1 })
    expect(() => setLimit(rules, 'key', 'one more', { runsMax: 1 })).toThrowError(
      /limits already; delete one/,
    )
    setLimit(rules, 'key', 'key-7', { runsMax: 2 })
    change(rules, 'key:key-8', 'delete')
    setLimit(rules, 'key', 'one more', { runsMax: 1 })
  })

  it('[LM2] a key has its own limit, else that of every key; two keys do not share it', () => {
    const rules = fleet()
    setLimit(rules, 'key', everyKey, { runsMax: 1 })
    setLimit(rules, 'key', 'wide', { runsMax: 3 })
    const [a, b, wide] = ['a', 'b', 'wide'].map((key) => [1, 2, 3, 4].map(() => withKey(rules, key)))
    expect([a, b, wide].map((ids) => live(rules, ids ?? []))).toEqual([1, 1, 3])
    expect(reason(rules, a?.[1] ?? '')).toBe('key a: concurrency')
    expect(live(rules, [rules.submit()])).toBe(1)
    change(rules, 'key:wide', 'delete')
    rules.ended(wide?.[0] ?? '', endOf('succeeded'))
    expect(live(rules, wide ?? [])).toBe(2)
    change(rules, `key:${everyKey}`, 'delete')
    expect([a, b, wide].map((ids) => live(rules, ids ?? []))).toEqual([4, 4, 3])
  })

  it('[LM3] a project and a kind of agent have limits; those of other projects and kinds go on', () => {
    const rules = fleet(3)
    rules.join('worker-1', { slots: 3, types: ['email'], agentKind: 'function' })
    setLimit(rules, 'project', 'web', { runsMax: 2 })
    setLimit(rules, 'agentKind', 'process', { runsMax: 4 })
    const web = [1, 2, 3].map(() => rules.submit({}, 'hash', { projectId: projectIdOf('web') }))
    const others = [1, 2, 3].map(() => rules.submit())
    const functions = [1, 2].map(() => rules.submit({ type: 'email' }))
    expect([web, others, functions].map((ids) => live(rules, ids))).toEqual([2, 2, 2])
    expect(reason(rules, web[2] ?? '')).toBe('project web: concurrency')
    expect(reason(rules, others[2] ?? '')).toBe('agentKind process: concurrency')
    rules.ended(web[0] ?? '', endOf('succeeded'))
    // The oldest of those that wait takes the place that the project and the kind have again.
    expect([web, others].map((ids) => live(rules, ids))).toEqual([2, 2])
  })

  it('[LM4] a rate lets its count start at once, then one each perMs ÷ count, woken by time alone', () => {
    const rules = fleet()
    setLimit(rules, 'key', 'api', { rate: { count: 3, perMs: 300 } })
    const ids = Array.from({ length: 8 }, () => withKey(rules, 'api'))
    expect(live(rules, ids)).toBe(3)
    expect(reason(rules, ids[3] ?? '')).toBe('key api: rate')
    expect(rules.state.index.due.nextAtMs).toBe(rules.nowMs + 100)
    rules.pass(99)
    expect(live(rules, ids)).toBe(3)
    rules.pass(1)
    expect(live(rules, ids)).toBe(4)
    rules.pass(250)
    expect(live(rules, ids)).toBe(6)
    rules.system({ name: 'step_clock', byMs: 60_000 })
    rules.nowMs += 60_000
    rules.pass(0)
    expect(live(rules, ids)).toBe(6)
    rules.pass(50)
    expect(live(rules, ids)).toBe(7)
  })

  it('[LM4] a token bucket never lets more start than its count and what time gave', () => {
    const rate = fc.record({
      count: fc.integer({ min: 1, max: 20 }),
      perMs: fc.integer({ min: 1, max: 5_000 }),
    })
    fc.assert(
      fc.property(rate, fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 200 }), (one, waits) => {
        const bucket = new TokenBucket(one)
        const starts: number[] = []
        let nowMs = 1_000_000
        for (const wait of waits) {
          nowMs += wait
          if (!bucket.hasToken(nowMs)) {
            expect(bucket.hasToken(bucket.tokenAtMs - 1)).toBe(false)
            expect(bucket.hasToken(bucket.tokenAtMs)).toBe(true)
            continue
          }
          bucket.take(nowMs)
          starts.push(nowMs)
        }
        for (const [from, first] of starts.entries()) {
          for (const [n, last] of starts.slice(from).entries()) {
            expect(n + 1).toBeLessThanOrEqual(one.count + ((last - first) * one.count) / one.perMs)
          }
        }
      }),
    )
  })

  it('[LM4] forgets the starts of a key whose rate is whole again', () => {
    const rules = fleet(500)
    setLimit(rules, 'key', everyKey, { rate: { count: 2, perMs: 1_000 } })
    for (let n = 0; n < 100; n += 1) withKey(rules, `key-${n}`)
    expect(rules.state.index.limits.flowsKnown).toBe(100)
    rules.pass(1_000)
    expect(rules.state.index.limits.flowsKnown).toBe(0)
  })

  it('[LM4] [TU9] a leader that loads its rows gives no start back that a rate had counted', () => {
    const rules = fleet()
    setLimit(rules, 'key', 'api', { rate: { count: 2, perMs: 1_000 } })
    const ids = Array.from({ length: 3 }, () => withKey(rules, 'api'))
    rules.ended(ids[0] ?? '', endOf('succeeded'))
    const loaded = new State()
    const entities = Object.values(rules.state.tables).flatMap((table) => [...table.values()])
    install(loaded, JSON.parse(JSON.stringify(entities)) as Entity[], rules.state.headSeq, rules.nowMs)
    expect(loaded.index.limits.reasonOf('key', 'api')).toBe('rate')
    expect(loaded.index.limits.runningOf('key', 'api')).toBe(1)
    expect(loaded.index.due.nextAtMs).toBe(rules.nowMs + 500)
  })

  it('[LM5] refuses a task of a capacity that nobody defined, and says how to define it', () => {
    const rules = fleet()
    setLimit(rules, 'capacity', 'browser', { runsMax: 1 })
    expect(() => withCapacity(rules, 'api')).toThrowError(
      'there is no capacity "api"; known: browser; define it: agentflow limits set capacity api --runs N',
    )
  })

  it('[LM5] tasks of a capacity that is deleted wait until it is set again', () => {
    const rules = fleet()
    setLimit(rules, 'capacity', 'api', { runsMax: 1 })
    const ids = [withCapacity(rules, 'api'), withCapacity(rules, 'api')]
    change(rules, 'capacity:api', 'delete')
    rules.ended(ids[0] ?? '', endOf('succeeded'))
    expect(reason(rules, ids[1] ?? '')).toBe('capacity api: capacity_unknown')
    setLimit(rules, 'capacity', 'api', {})
    expect(live(rules, ids)).toBe(1)
  })

  it('[LM6] nothing of a paused capacity starts, also after a new term; what runs goes on', () => {
    const rules = fleet()
    setLimit(rules, 'capacity', 'api', { runsMax: 5 })
    const running = withCapacity(rules, 'api')
    change(rules, 'capacity:api', 'pause')
    const waiting = withCapacity(rules, 'api')
    expect(reason(rules, waiting)).toBe('capacity api: capacity_paused')
    expect(live(rules, [running, rules.submit()])).toBe(2)
    setLimit(rules, 'capacity', 'api', { runsMax: 7 })
    const folded = new State()
    for (const event of rules.log) apply(folded, JSON.parse(JSON.stringify(event)) as LogEvent)
    expect(folded.index.queue.reasonOf(waiting)).toMatchObject({ reason: 'capacity_paused' })
    change(rules, 'capacity:api', 'resume')
    expect(live(rules, [waiting])).toBe(1)
    setLimit(rules, 'key', 'deploy', { runsMax: 1 })
    expect(() => change(rules, 'key:deploy', 'pause')).toThrowError(/only a capacity can be paused/)
  })
})
