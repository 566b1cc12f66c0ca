import { describe, expect, it } from 'vitest'
import { FinishedList } from './finished.js'

describe('finished list', () => {
  it('lists the oldest first, and one that is added again at the end', () => {
    const list = new FinishedList()
    for (let seq = 1; seq <= 4; seq += 1) list.add(`t${seq}`, seq)
    list.add('t1', 5)
    list.remove('t3')
    expect(list.size).toBe(3)
    expect(list.oldest()).toEqual({ id: 't2', seq: 2 })
    expect(list.through(4)).toEqual(['t2', 't4'])
    expect([list.seqAt(1), list.seqAt(3), list.seqAt(4)]).toEqual([2, 5, null])
  })

  it('costs as much after a million retired entries as after a few', () => {
    const list = new FinishedList()
    const kept = 100
    let looked = 0
    for (let seq = 1; seq <= 1_000_000; seq += 1) {
      list.add(`t${seq}`, seq)
      if (list.size <= 2 * kept) continue
      const throughSeq = list.seqAt(kept) ?? 0
      for (const id of list.through(throughSeq)) list.remove(id)
      looked += 1
    }
    expect(looked).toBeGreaterThan(9_000)
    expect(list.size).toBeLessThanOrEqual(2 * kept)
  })
})
