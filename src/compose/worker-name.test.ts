import { expect, it } from 'vitest'
import { nodeRandom } from '../adapters/random/node-random.js'
import { claimWorkerName } from './worker-name.js'

it('gives each live worker of a machine a name of its own, and a freed one again', async () => {
  const host = `test-${process.pid}`
  const [one, two] = [await claimWorkerName(host, nodeRandom), await claimWorkerName(host, nodeRandom)]
  expect([one.name, two.name]).toEqual([`${host}-w1`, `${host}-w2`])
  one.release()
  const again = await claimWorkerName(host, nodeRandom)
  expect(again.name).toBe(`${host}-w1`)
  again.release()
  two.release()
})

it('makes names up where a machine cannot keep them apart', async () => {
  const names = await Promise.all([1, 2].map(() => claimWorkerName('mac', nodeRandom, 'darwin')))
  expect(new Set(names.map(({ name }) => name)).size).toBe(2)
  expect(names[0]?.name).toMatch(/^mac-w[0-9a-f]{6}$/)
})
