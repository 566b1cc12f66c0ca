import { expect, it } from 'vitest'
import { simulate } from '../../src/testing/simulator/world.js'

const seeds = 200

it(`[LS10] [RN2] [DD2] [LM2] holds every guarantee over ${seeds} seeds of work, faults and healing`, async () => {
  const from = Number(process.env.SEED ?? 1)
  const failures: string[] = []
  let [events, givenUp, late] = [0, 0, 0]
  for (let seed = from; seed < from + seeds; seed += 1) {
    const result = await simulate(seed)
    events += result.events
    givenUp += result.givenUp
    late += result.late
    if (result.failure !== null) failures.push(`SEED=${seed}: ${result.failure}`)
  }
  expect(failures).toEqual([])
  expect(events).toBeGreaterThan(10 * seeds)
  expect(givenUp).toBeGreaterThan(0)
  expect(late).toBeGreaterThan(0)
})

it('does the same for the same seed', async () => {
  const [first, second] = [await simulate(7), await simulate(7)]
  expect(second).toEqual(first)
})
