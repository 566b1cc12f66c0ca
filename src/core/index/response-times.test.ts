import fc from 'fast-check'
import { expect, it } from 'vitest'
import { limits } from '../limits.js'
import { ResponseTimes } from './response-times.js'

it('[PL5] averages by type, and forgets the types that ended longest ago beyond the limit', () => {
  const kept = limits.responseTypesKept
  const run = fc.record({ type: fc.integer({ min: 0, max: kept + 3 }), ms: fc.nat(1_000) })
  fc.assert(
    fc.property(fc.array(run, { minLength: kept, maxLength: 3 * kept, size: 'max' }), (runs) => {
      const times = new ResponseTimes()
      const model = new Map<string, number>()
      for (const { type, ms } of runs.map((one) => ({ ...one, type: `type-${one.type}` }))) {
        times.add(type, ms)
        const known = model.get(type)
        model.delete(type)
        model.set(type, known === undefined ? ms : known + 0.2 * (ms - known))
        const [oldest] = model.keys()
        if (model.size > kept && oldest !== undefined) model.delete(oldest)
      }
      for (let n = 0; n <= kept + 3; n += 1)
        expect(times.of(`type-${n}`)).toBe(model.get(`type-${n}`) ?? null)
    }),
    { numRuns: 20 },
  )
})
