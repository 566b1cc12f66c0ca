import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { runChaos } from '../chaos/run-chaos.js'

const seed = Number(process.env.SEED ?? 5)
const seconds = 15

it(`[LS10] [ID3] keeps its promises to clients and tasks over ${seconds} s of kills, stops and cuts (SEED=${seed})`, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'agentflow-chaos-'))
  const { violations, counts } = await runChaos({ seed, seconds, masters: 2, folder })
  expect(violations, `SEED=${seed}; history and logs: ${folder}`).toEqual([])
  expect(counts.submitted).toBeGreaterThan(10)
  expect(counts.run).toBeGreaterThan(10)
  rmSync(folder, { recursive: true, force: true })
}, 240_000)
