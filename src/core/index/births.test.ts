import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Births } from './births.js'

it('[LT1] gives the tasks that are here, from any seq down or up, in whatever order they came', () => {
  const seq = fc.integer({ min: 1, max: 200 })
  fc.assert(
    fc.property(fc.uniqueArray(seq), fc.subarray([...Array(200).keys()]), seq, (born, gone, from) => {
      const births = new Births()
      for (const one of born) births.add(one)
      const removed = new Set(gone.filter((one) => born.includes(one)))
      for (const one of removed) births.remove(one)
      const here = born.filter((one) => !removed.has(one)).sort((a, b) => a - b)
      expect(births.size).toBe(here.length)
      expect([...births.before(from)]).toEqual(here.filter((one) => one < from).reverse())
      expect([...births.before(Number.POSITIVE_INFINITY)]).toEqual([...here].reverse())
      const above = [...births.between(from, 150)].filter((one) => !removed.has(one))
      expect(above).toEqual(here.filter((one) => one > from && one <= 150))
    }),
  )
})
