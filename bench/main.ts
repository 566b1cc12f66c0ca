import { parseArgs } from 'node:util'
import type { Bench, Row } from './harness.js'
import { machine } from './machine.js'

/** In the order in which `npm run bench` runs them. */
const names: readonly string[] = ['ingest', 'fanout', 'dispatch', 'start', 'paint', 'idle']

const usage = `npm run bench -- [${names.join(' | ')}] [--json] [--quick] [--enforce]`
const { values, positionals } = asked()
if (values.help) {
  console.log(usage)
  process.exit(0)
}

const chosen = positionals.length === 0 ? names : positionals
const unknown = chosen.filter((name) => !names.includes(name))
if (unknown.length > 0) {
  console.error(`no bench ${unknown.join(', ')}; there are ${names.join(', ')}`)
  process.exit(2)
}

console.error(machine())
let failed = false
for (const name of chosen) {
  console.error(`${name} …`)
  try {
    // One at a time: a bench must not pay for another's modules.
    const { bench } = (await import(`./${name}.js`)) as { readonly bench: Bench }
    for (const row of await bench({ quick: values.quick })) {
      console.log(values.json ? JSON.stringify(row) : sentence(row))
      if (values.enforce && row.pass === false) failed = true
    }
  } catch (error) {
    console.error(`${name} could not run:`, error)
    failed = true
  }
}
process.exitCode = failed ? 1 : 0

function asked() {
  try {
    return parseArgs({
      args: process.argv.slice(2),
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        quick: { type: 'boolean', default: false },
        enforce: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
  } catch (unknown) {
    console.error(`${String(unknown)}\n${usage}`)
    process.exit(2)
  }
}

function sentence(row: Row): string {
  const beside = row.reference === null ? '' : ` ÷ ${row.reference} = ${row.ratio}`
  const sign = row.better === 'higher' ? '≥' : '≤'
  const bar = row.bar === null ? '' : ` (${sign} ${row.bar}: ${row.pass === true ? 'reached' : 'MISSED'})`
  return `${row.name.padEnd(26)} ${row.ours}${beside} ${row.unit}${bar}; ${row.rounds} rounds, spread ${row.spread}; fsync ${row.fsync}; ${row.note}`
}
