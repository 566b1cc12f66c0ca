import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { endOf, Rules } from '../../testing/core-fixture.js'
import type { LogEvent } from '../event.js'
import { observeLoads } from '../schedule.js'
import { apply, type Entity, install, State } from '../state.js'
import { plainTerms } from '../tasks/terms.js'
import { defaultPlacement, type StrategyName } from './choice.js'
import { hashOf, scoreOf } from './rendezvous.js'
import type { Weights } from './strategy.js'

const fleet = (strategy: StrategyName, sizes: readonly number[], weights: Partial<Weights> = {}): Rules => {
  const rules = new Rules()
  choose(rules, strategy, weights)
  for (const [n, slots] of sizes.entries()) rules.join(`master-${n + 1}`, { slots })
  return rules
}
const choose = (rules: Rules, strategy: StrategyName, weights: Partial<Weights> = {}) =>
  rules.user({ name: 'choose_placement', strategy, weights: { ...defaultPlacement.weights, ...weights } })
const places = (rules: Rules, count: number, submit = () => rules.submit()): string[] =>
  Array.from({ length: count }, () => rules.run(submit()).nodeId.slice('master-'.length))

describe('rendezvous hashing', () => {
  const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 12 }), { minLength: 2, maxLength: 12 })
  const ownerOf = (nodes: readonly string[], key: string): string =>
    [...nodes].sort((a, b) => {
      const [one, other] = [a, b].map((node) => scoreOf(hashOf(node), hashOf(key)))
      return (other ?? 0) - (one ?? 0) || (a < b ? -1 : 1)
    })[0] ?? ''

  it('[PL4] a node that leaves moves its own keys alone', () => {
    fc.assert(
      fc.property(names, fc.array(fc.string(), { maxLength: 50 }), (nodes, keys) => {
        const [gone = '', ...rest] = nodes
        for (const key of keys) {
          const owner = ownerOf(nodes, key)
          if (owner !== gone) expect(ownerOf(rest, key)).toBe(owner)
        }
      }),
    )
  })

  it('[PL4] gives each of ten nodes its share of ten thousand keys, within a fifth', () => {
    const nodes = Array.from({ length: 10 }, (_, n) => `master-${n + 1}`)
    const counts = new Map<string, number>()
    for (let n = 0; n < 10_000; n += 1) {
      const owner = ownerOf(nodes, `account ${n}`)
      counts.set(owner, (counts.get(owner) ?? 0) + 1)
    }
    for (const node of nodes) expect(Math.abs((counts.get(node) ?? 0) - 1_000)).toBeLessThan(200)
  })
})

describe('strategies', () => {
  it('[PL2] first-fit takes the lowest free slot number over all masters', () => {
    expect(places(fleet('first-fit', [3, 1, 2]), 6)).toEqual(['1', '2', '3', '1', '3', '1'])
  })

  it('[PL2] round-robin takes each in turn, whatever its size, and skips what is full', () => {
    expect(places(fleet('round-robin', [4, 1, 4]), 7)).toEqual(['1', '2', '3', '1', '3', '1', '3'])
  })

  it('[PL2] least-connections takes the one with the fewest runs', () => {
    const rules = fleet('least-connections', [5, 5])
    const first = rules.submit()
    expect(places(rules, 3)).toEqual(['2', '1', '2'])
    rules.ended(first, endOf('succeeded'))
    expect(places(rules, 1)).toEqual(['1'])
  })

  it('[PL3] resource-based goes by the newest sample, and counts on what began since', () => {
    const rules = fleet('resource-based', [4, 4])
    observeLoads(rules.state, new Map([['master-1', { cpu: 0.1, memory: 0.7 }]]))
    observeLoads(rules.state, new Map([['master-2', { cpu: 0.3, memory: 0.1 }]]))
    expect(places(rules, 3)).toEqual(['2', '2', '1'])
    observeLoads(rules.state, new Map([['master-1', { cpu: 0.9, memory: 0.7 }]]))
    observeLoads(rules.state, new Map([['master-2', { cpu: 0.5, memory: 0.2 }]]))
    expect(places(rules, 2)).toEqual(['2', '2'])
  })

  it('[PL4] affinity keeps an account on its master, and on the next in order while that is full', () => {
    const rules = fleet('affinity', [2, 2, 2])
    const ofAccount = (accountIdx: number | null) =>
      rules.submit({ requirements: { accountIdx, workerId: null, timeout: 0 } })
    const ids = Array.from({ length: 4 }, () => ofAccount(7))
    const [first, second, third, fourth] = ids.map((id) => rules.run(id).nodeId)
    expect([second, fourth]).toEqual([first, third])
    expect(third).not.toBe(first)
    rules.ended(ids[0] ?? '', endOf('succeeded'))
    expect(rules.run(ofAccount(7)).nodeId).toBe(first)
    const other = rules.run(ofAccount(null)).nodeId
    expect([first, third]).not.toContain(other)
  })

  it('[PL4] consistent-hash goes by the concurrency key, without one by the name', () => {
    const rules = fleet('consistent-hash', [9, 9, 9, 9])
    const keyed = places(rules, 4, () =>
      rules.submit({ name: String(rules.log.length), queue: { ...plainTerms, concurrencyKey: 'k' } }),
    )
    const named = places(rules, 4, () => rules.submit({ name: 'build' }))
    expect([new Set(keyed).size, new Set(named).size]).toEqual([1, 1])
    const spread = places(rules, 12, () => rules.submit({ name: `build ${rules.log.length}` }))
    expect(new Set(spread).size).toBeGreaterThan(1)
  })

  it('[PL5] weighted-response prefers where runs of the type take less time, and tries what it does not know', () => {
    const rules = fleet('weighted-response', [4, 4])
    const [slow, fast] = [rules.submit(), rules.submit()]
    expect([slow, fast].map((id) => rules.run(id).nodeId)).toEqual(['master-1', 'master-2'])
    for (const id of [slow, fast]) rules.running(id)
    rules.nowMs += 100
    rules.ended(fast, endOf('succeeded'))
    rules.nowMs += 900
    rules.ended(slow, endOf('exit'))
    expect(places(rules, 4)).toEqual(['2', '2', '2', '2'])
    expect(places(rules, 1)).toEqual(['1'])
  })

  it('[PL5] a run that was lost or cancelled says nothing of the time that runs take', () => {
    const rules = fleet('weighted-response', [1])
    const lost = rules.submit({ retry: { attemptsMax: 1, on: [], backoffMs: 0 } })
    rules.nowMs += 5_000
    rules.ended(lost, endOf('lost'))
    const [node] = rules.state.index.slots.all
    expect(node?.places[0].responseMs('command')).toBeNull()
  })

  it('[PL6] weighted counts each measure by its weight', () => {
    const onlyConnections = { cpu: 0, memory: 0, response: 0 }
    const rules = fleet('weighted', [1, 4], onlyConnections)
    observeLoads(rules.state, new Map([['master-2', { cpu: 1, memory: 1 }]]))
    rules.submit()
    expect(places(rules, 1)).toEqual(['2'])
    choose(rules, 'weighted', { connections: 0, memory: 0, response: 0 })
    rules.join('master-3', { slots: 4 })
    observeLoads(rules.state, new Map([['master-3', { cpu: 0.2, memory: 1 }]]))
    expect(places(rules, 1)).toEqual(['3'])
    expect(() => choose(rules, 'weighted', { connections: 0, cpu: 0, memory: 0, response: 0 })).toThrowError(
      /needs a weight above 0/,
    )
  })
})

describe('the choice of a strategy', () => {
  it('[PL1] is an event, holds from the next placement on and moves nothing that is placed', () => {
    const rules = fleet('first-fit', [2, 2, 2])
    const ids = [rules.submit(), rules.submit()]
    const before = ids.map((id) => rules.run(id))
    const from = rules.log.length
    choose(rules, 'least-connections')
    choose(rules, 'least-connections')
    expect(rules.types(from)).toEqual(['PlacementChosen'])
    expect(ids.map((id) => rules.run(id))).toEqual(before)
    expect(places(rules, 2)).toEqual(['3', '1'])
  })

  it('[PL1] [TU9] is there after a new term, from the log and from rows', () => {
    const rules = fleet('round-robin', [2, 2])
    rules.system({ name: 'start_term', leaderId: 'leader-2' })
    const folded = new State()
    for (const event of rules.log) apply(folded, JSON.parse(JSON.stringify(event)) as LogEvent)
    const loaded = new State()
    const entities = Object.values(rules.state.tables).flatMap((table) => [...table.values()])
    install(loaded, JSON.parse(JSON.stringify(entities)) as Entity[], rules.state.headSeq, rules.nowMs)
    for (const state of [folded, loaded]) expect(state.cluster?.placement?.strategy).toBe('round-robin')
    for (const n of [1, 2]) rules.join(`master-${n}`, { slots: 2, incarnation: 2 })
    expect(places(rules, 3)).toEqual(['1', '2', '1'])
  })
})
