import { expect, it } from 'vitest'
import { nodeRandom } from './node-random.js'

it('makes fractions in [0, 1)', () => {
  for (let i = 0; i < 100; i += 1) {
    const fraction = nodeRandom.fraction()
    expect(fraction).toBeGreaterThanOrEqual(0)
    expect(fraction).toBeLessThan(1)
  }
})

it('makes hex of the asked length', () => {
  expect(nodeRandom.hex(16)).toMatch(/^[0-9a-f]{32}$/)
})

it('makes URL-safe secrets of 256 bit that differ', () => {
  const secret = nodeRandom.secret()
  expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/)
  expect(nodeRandom.secret()).not.toBe(secret)
})

it('hashes text as UTF-8 with SHA-256', () => {
  expect(nodeRandom.sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
})
