import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { allBugs, type Hunt, huntAll } from '../test/bugs/hunt.js'
import { readBug } from '../test/bugs/patch.js'

const help = `npm run bugs -- [--patch FILE] [--seeds N] [--json]

Plants each bug of test/bugs/*.patch in a copy of src and lets the simulator look for it, on at most N seeds (1000).
Prints a line per bug; exit 1 when one is not caught or no longer applies.`

/** Proves by faults that the simulator sees what the guarantees forbid. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      patch: { type: 'string' },
      seeds: { type: 'string', default: '1000' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const seeds = Number(values.seeds)
  if (values.help || !Number.isSafeInteger(seeds) || seeds < 1) {
    console.error(help)
    return values.help ? 0 : 2
  }
  let missed = 0
  const bugs = values.patch === undefined ? allBugs() : [readBug(resolve(values.patch))]
  const told: Promise<void>[] = []
  await huntAll(bugs, seeds, (bug, hunted) => {
    const tell = (line: Hunt): void => {
      if (!line.caught) missed += 1
      console.log(values.json ? JSON.stringify(line) : inWords(line))
    }
    told.push(
      hunted.then(tell, (failure: unknown) => {
        console.error(failure instanceof Error ? failure.message : String(failure))
        tell({ bug: bug.bug, guarantee: bug.guarantee, caught: false, seeds: 0, invariant: null })
      }),
    )
  })
  await Promise.all(told)
  return missed === 0 ? 0 : 1
}

const inWords = ({ bug, guarantee, caught, seeds, invariant }: Hunt): string =>
  `${caught ? 'caught' : 'MISSED'} ${guarantee} ${bug} (${seeds} seeds)${invariant === null ? '' : `: ${invariant}`}`

process.exitCode = await main()
