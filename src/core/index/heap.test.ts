import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { IndexedHeap } from './heap.js'

interface Item {
  readonly name: number
  key: number
  readonly at: number[]
}

describe('indexed heap', () => {
  it('gives the same first as a sort after any puts, moves and removals', () => {
    const act = fc.record({
      do: fc.constantFrom('set', 'remove'),
      name: fc.nat(15),
      key: fc.nat(20),
    })
    fc.assert(
      fc.property(fc.array(act, { maxLength: 200 }), (acts) => {
        const heap = new IndexedHeap<Item>(1, (one, other) =>
          one.key !== other.key ? one.key < other.key : one.name < other.name,
        )
        const items = Array.from({ length: 16 }, (_, name): Item => ({ name, key: 0, at: [7, -1] }))
        const present = new Set<Item>()
        for (const { name, key, ...one } of acts) {
          const item = items[name]
          if (item === undefined) continue
          if (one.do === 'set') {
            item.key = key
            heap.set(item)
            present.add(item)
          } else {
            heap.remove(item)
            present.delete(item)
          }
          const [first] = [...present].sort((a, b) => a.key - b.key || a.name - b.name)
          expect(heap.first).toBe(first)
          expect(heap.size).toBe(present.size)
          expect(heap.has(item)).toBe(present.has(item))
        }
        expect(items.every((item) => item.at[0] === 7)).toBe(true)
      }),
    )
  })
})
