import { expect, it } from 'vitest'
import { aTask } from '../../live/fixture.js'
import { compareLines, comparePairs } from './compare-runs.js'

it('what differs stands first; a fact that one of them lacks is told', () => {
  const a = aTask('t1', {
    name: 'build',
    payload: { command: ['make', 'all'], env: { A: '1' } },
    priority: 5,
  })
  const b = aTask('t2', {
    name: 'build',
    payload: { command: ['make', 'all'], env: { B: '2' } },
    priority: 8,
  })
  const pairs = comparePairs(a, b)
  expect(pairs.filter((pair) => !pair.same).map(({ path, values }) => [path, ...values])).toEqual([
    ['priority', '5', '8'],
    ['payload.env.A', '1', ''],
    ['payload.env.B', '', '2'],
  ])
  expect(pairs.find(({ path }) => path === 'payload.command')).toMatchObject({
    same: true,
    values: ['make all', 'make all'],
  })
})

it('outputs: equal lines are folded but for some around each difference', () => {
  const common = Array.from({ length: 10 }, (_, index) => `line ${index}`)
  const rows = compareLines([...common, 'old', 'end'], [...common, 'new', 'more', 'end'])
  expect(rows).toEqual([
    { kind: 'equal', count: 8 },
    { kind: 'both', text: 'line 8' },
    { kind: 'both', text: 'line 9' },
    { kind: 'left', text: 'old' },
    { kind: 'right', text: 'new' },
    { kind: 'right', text: 'more' },
    { kind: 'both', text: 'end' },
  ])
  expect(compareLines(['a', 'b', 'c'], ['a', 'b', 'c'])).toEqual([{ kind: 'equal', count: 3 }])
  expect(compareLines([], [])).toEqual([])
})

it('outputs that share nothing are not searched for ever', () => {
  const side = (name: string) => Array.from({ length: 3_000 }, (_, index) => `${name} ${index}`)
  expect(compareLines(side('a'), side('b'))).toBeNull()
})
