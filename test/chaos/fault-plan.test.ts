import { expect, it } from 'vitest'
import { Seeded } from '../../src/testing/simulator/seeded.js'
import { planFaults } from './fault-plan.js'

const forMs = 60_000
const plan = (seed: number) => planFaults(new Seeded(seed), { masters: 3, forMs })

it('depends on the seed alone', () => {
  expect(plan(7)).toEqual(plan(7))
  expect(plan(8)).not.toEqual(plan(7))
})

it('makes every fault within its time, each lane one after the other', () => {
  const kinds = new Set<string>()
  for (let seed = 1; seed <= 50; seed += 1) {
    const { leader, masters } = plan(seed)
    for (const faults of [leader, ...masters]) {
      expect(faults.reduce((sum, fault) => sum + fault.afterMs + fault.forMs, 0)).toBeLessThanOrEqual(forMs)
      for (const { on, kind } of faults) kinds.add(`${on} ${kind}`)
    }
  }
  expect(kinds.size).toBe(13)
})
