import { cpus, tmpdir, totalmem } from 'node:os'
import { expect, it } from 'vitest'
import { createMachineMeter } from './machine-meter.js'

it('reads fractions between 0 and 1 and rates that are not negative', () => {
  const meter = createMachineMeter({ folder: tmpdir() })
  for (let n = 0; n < 3; n += 1) {
    const { cpu, memory, disk, rxBytesPerS, txBytesPerS } = meter.sample()
    for (const value of [cpu, memory, disk]) {
      expect(value).toBeGreaterThanOrEqual(0)
      expect(value).toBeLessThanOrEqual(1)
    }
    expect(rxBytesPerS).toBeGreaterThanOrEqual(0)
    expect(txBytesPerS).toBeGreaterThanOrEqual(0)
  }
})

it('sees a busy processor', () => {
  const meter = createMachineMeter({ folder: tmpdir() })
  const untilMs = performance.now() + 200
  let spins = 0
  while (performance.now() < untilMs) spins += 1
  expect(spins).toBeGreaterThan(0)
  expect(meter.sample().cpu).toBeGreaterThan(0.5 / cpus().length)
})

it('says what the machine has', async () => {
  const inventory = await createMachineMeter({ folder: tmpdir() }).inventory()
  expect(inventory).toMatchObject({ arch: process.arch, cpus: cpus().length, memoryBytes: totalmem() })
  expect(inventory.os).not.toBe('')
  expect(inventory.gpus).toBeInstanceOf(Array)
})

it('counts no fullness for a folder that is gone', () => {
  expect(createMachineMeter({ folder: '/no/such/folder' }).sample().disk).toBe(0)
})
