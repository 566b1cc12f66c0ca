import { parseArgs } from 'node:util'
import { simulate } from '../src/testing/simulator/world.js'

/**
 * Simulates seeds, one after another: `npm run sim -- --seeds 1000 --from 1 --json`. A failure prints SEED=S with its
 * story and makes the exit code 1; `SEED=S npm run sim` runs that one again. `--first` stops at the first failure.
 */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: process.env.SEED === undefined ? '1000' : '1' },
      from: { type: 'string', default: process.env.SEED ?? '1' },
      first: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  })
  const seeds = wholeNumber('--seeds', values.seeds)
  const from = wholeNumber('--from', values.from)
  const startMs = performance.now()
  const failures: { seed: number; failure: string }[] = []
  let [events, simulated] = [0, 0]
  for (let seed = from; seed < from + seeds; seed += 1) {
    const result = await simulate(seed)
    events += result.events
    simulated += 1
    if (result.failure === null) continue
    failures.push({ seed, failure: result.failure })
    console.error(`SEED=${seed}\n  ${result.story.join('\n  ')}`)
    if (values.first) break
  }
  const minutes = (performance.now() - startMs) / 60_000
  if (values.json) console.log(JSON.stringify({ seeds: simulated, events, failures }))
  else {
    const rate = Math.round(simulated / minutes)
    console.log(`${simulated} seeds, ${events} events, ${failures.length} failures, ${rate} seeds a minute`)
  }
  return failures.length === 0 ? 0 : 1
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= 0) return value
  console.error(`${name} needs a whole number, not "${text}"`)
  process.exit(2)
}

process.exitCode = await main()
