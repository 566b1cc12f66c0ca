import { expect, it } from 'vitest'
import { simulate } from '../../src/testing/simulator/world.js'

/** Seeds that once failed, and what they showed. */
const pinned: readonly [number, string][] = [
  [3, 'a sample of a run carried its task to a wall before the commit'],
  [35, 'a cancel whose deadline passed left its task uncancellable'],
  [130, 'an assignment made while its master registered was never sent'],
  [268, 'an end that only the outbox knew was overruled as lost'],
  [353, 'a welcome told of a command that was decided later in the same turn'],
]

it.each(pinned)('SEED=%i stays fixed: %s', async (seed) => {
  expect((await simulate(seed)).failure).toBeNull()
})
