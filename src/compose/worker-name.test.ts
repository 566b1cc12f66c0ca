import { expect, it } from 'vitest'
import { claimWorkerName } from './worker-name.js'

it('gives each live worker of a machine a name of its own, and a freed one again', async () => {
  const host = `test-${process.pid}`
  const [one, two] = [await claimWorkerName(host), await claimWorkerName(host)]
  expect([one.name, two.name]).toEqual([`${host}-w1`, `${host}-w2`])
  one.release()
  const again = await claimWorkerName(host)
  expect(again.name).toBe(`${host}-w1`)
  again.release()
  two.release()
})
