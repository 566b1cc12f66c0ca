import { describe, expect, it } from 'vitest'
import type { State } from '../../live/health.js'
import { hideWith, plainView, selecting, viewOf } from './map-view.js'
import { sightOf } from './sight.js'
import { treeRows, treeStep } from './tree-rows.js'

const plan = [
  { id: 'm1', agents: ['m1/p1', 'm1/p2'], labels: { pool: 'a' } },
  { id: 'm2', agents: ['m2/p1'], labels: { pool: 'b', edge: 'yes' } },
  { id: 'm3', agents: [], labels: {} },
]
const states: Readonly<Record<string, State>> = { 'm1/p2': 'busy', m2: 'failed', 'm2/p1': 'nodata' }
const nodes = {
  state: (id: string): State => states[id] ?? 'ok',
  words: (id: string) => states[id] ?? 'ok',
}
const view = (search: string) => viewOf(new URLSearchParams(search))
const sight = (search: string) => sightOf(plan, view(search), nodes)

describe('what is drawn', () => {
  it('[MA4] is all without a filter, and a state or a label is hidden by the address', () => {
    expect(sight('').hidden.size).toBe(0)
    expect([...sight('hide=failed,nodata').hidden]).toEqual(['m2/p1', 'm2'])
    expect([...sight('hide=pool%3Da').hidden].sort()).toEqual(['m1', 'm1/p1', 'm1/p2'])
  })

  it('keeps a master whose agents are drawn: nothing hangs from nowhere', () => {
    expect([...sight('hide=ok').hidden]).toEqual(['m1/p1', 'm3'])
  })

  it('[MA4] is found by id, label and state, all words together', () => {
    expect(sight('q=m1/p').found).toEqual(['m1/p1', 'm1/p2'])
    expect(sight('q=pool%3Db').found).toEqual(['m2', 'm2/p1'])
    expect(sight('q=pool+busy').found).toEqual(['m1/p2'])
    expect(sight('q=nobody').found).toEqual([])
    expect(sight('').found).toBeNull()
  })

  it('is never found where it is hidden', () => {
    expect(sight('q=m2&hide=failed,nodata').found).toEqual([])
  })
})

describe('the address', () => {
  it('takes words that mean nothing for nothing', () => {
    expect(view('hide=,purple,ok&group=&q=')).toEqual({ ...plainView, hiddenStates: new Set(['ok']) })
  })

  it('adds and takes away what is hidden', () => {
    expect(hideWith(view('hide=ok'), 'pool=a', true)).toBe('ok,pool=a')
    expect(hideWith(view('hide=ok'), 'ok', false)).toBeNull()
  })

  it('selects an agent together with its master', () => {
    expect(selecting('m1/p2')).toEqual({ worker: 'm1', agent: 'm1/p2' })
    expect(selecting('m1')).toEqual({ worker: 'm1', agent: null })
    expect(view('worker=m1&agent=m1/p2').selected).toBe('m1/p2')
  })
})

describe('the tree', () => {
  const rows = (search: string, open: readonly string[] = []) =>
    treeRows(plan, sight(search), { leaderId: 'leader', open: new Set(open) })

  it('[MA5] has the map’s nodes in its order, agents below a master that is open', () => {
    expect(rows('').map(({ id }) => id)).toEqual(['leader', 'm1', 'm2', 'm3'])
    expect(rows('', ['m1']).map(({ id, level }) => `${level} ${id}`)).toEqual([
      '1 leader',
      '2 m1',
      '3 m1/p1',
      '3 m1/p2',
      '2 m2',
      '2 m3',
    ])
    expect(rows('').map(({ position, of, isOpen }) => [position, of, isOpen])).toEqual([
      [1, 1, true],
      [1, 3, false],
      [2, 3, false],
      [3, 3, null],
    ])
    expect(rows('')[2]?.isEdge).toBe(true)
  })

  it('[MA5] has only what is drawn and found', () => {
    expect(rows('hide=ok').map(({ id }) => id)).toEqual(['leader', 'm1', 'm2'])
    expect(rows('q=busy').map(({ id }) => id)).toEqual(['leader', 'm1', 'm1/p2'])
  })

  it('is walked as trees are: right opens and goes down, left closes and goes up', () => {
    const closed = rows('')
    expect(treeStep(closed, 1, 'ArrowRight')).toEqual({ kind: 'open', id: 'm1' })
    const open = rows('', ['m1'])
    expect(treeStep(open, 1, 'ArrowRight')).toEqual({ kind: 'go', index: 2 })
    expect(treeStep(open, 3, 'ArrowLeft')).toEqual({ kind: 'go', index: 1 })
    expect(treeStep(open, 1, 'ArrowLeft')).toEqual({ kind: 'close', id: 'm1' })
    expect(treeStep(open, 0, 'ArrowUp')).toEqual({ kind: 'stay' })
    expect(treeStep(open, 0, 'End')).toEqual({ kind: 'go', index: 5 })
    expect(treeStep(open, 5, 'ArrowRight')).toEqual({ kind: 'stay' })
  })
})
