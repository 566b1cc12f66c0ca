import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runChaos } from '../test/chaos/run-chaos.js'

const help = `npm run chaos -- [--seed N] [--seconds S] [--masters N] [--json] [--keep]

Starts a real leader and real masters, lets clients work, kills, stops and cuts for S seconds (60), heals, waits for
rest, and judges the history that clients and tasks wrote. Exit 1 on a violation; its folder is then kept. The seed
chooses work and faults; the moments at which they meet are the machine's.`

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: process.env.SEED ?? String(Date.now() % 1_000_000) },
      seconds: { type: 'string', default: '60' },
      masters: { type: 'string', default: '3' },
      json: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const [seed, seconds, masters] = [values.seed, values.seconds, values.masters].map(Number)
  const isWhole = (value: number | undefined): value is number => Number.isSafeInteger(value)
  if (values.help || !isWhole(seed) || !isWhole(seconds) || !isWhole(masters) || seconds < 1 || masters < 1) {
    console.error(help)
    return values.help ? 0 : 2
  }
  const folder = mkdtempSync(join(tmpdir(), 'agentflow-chaos-'))
  console.error(`SEED=${seed} ${folder}`)
  const { violations, counts } = await runChaos({ seed, seconds, masters, folder })
  const isGood = violations.length === 0
  if (values.json) console.log(JSON.stringify({ seed, seconds, masters, folder, counts, violations }))
  else {
    const { submitted = 0, run = 0, fault = 0, watched = 0 } = counts
    console.log(`${submitted} answers to submits, ${run} lines of tasks, ${watched} pushed, ${fault} faults`)
    for (const { invariant, what } of violations) console.log(`VIOLATED ${invariant}: ${what}`)
    console.log(isGood ? 'Every invariant holds.' : `SEED=${seed}; history and logs: ${folder}`)
  }
  if (isGood && !values.keep) rmSync(folder, { recursive: true, force: true })
  return isGood ? 0 : 1
}

// A socket that a fault left half closed would keep the process.
process.exit(await main())
