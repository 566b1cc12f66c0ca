import { parseArgs } from 'node:util'
import type { Bench, Row } from './harness.js'
import { machine } from './machine.js'
import { peerNames } from './peer-names.js'

/** In the order in which `npm run bench` runs them. */
const names: readonly string[] = ['ingest', 'fanout', 'dispatch', 'scheduler', 'start', 'paint', 'idle']
/** Only when named: minutes long, and queue installs other people's queues and their servers. */
const named: readonly string[] = ['queue', 'fleet', 'recovery', 'lists', 'ndjson', 'web', 'replay']
const all = [...names, ...named]

const usage = `npm run bench -- [${all.join(' | ')}] [--json] [--quick] [--enforce] [--peers NAME,NAME] [--soak MINUTES]
Without a name: ${names.join(', ')}. queue installs its peers on first use into bench/peers/node_modules
and, where they are missing, redis-server and postgresql by apt; --peers: ${peerNames.join(', ')}.
--soak: web also keeps a wall open that long, over a restart of its leader.`
const { values, positionals } = asked()
if (values.help) {
  console.log(usage)
  process.exit(0)
}

const chosen = positionals.length === 0 ? names : positionals
const unknown = chosen.filter((name) => !all.includes(name))
if (unknown.length > 0) {
  console.error(`no bench ${unknown.join(', ')}; there are ${all.join(', ')}`)
  process.exit(2)
}

const peers = values.peers?.split(',') ?? null
const strange = peers?.filter((peer) => !peerNames.includes(peer)) ?? []
if (strange.length > 0) {
  console.error(`no peer ${strange.join(', ')}; there are ${peerNames.join(', ')}`)
  process.exit(2)
}

const soakMinutes = values.soak === undefined ? null : Number(values.soak)
if (soakMinutes !== null && !(soakMinutes >= 2)) {
  console.error('--soak takes minutes, at least 2: the session is to be renewed meanwhile')
  process.exit(2)
}

console.error(machine())
let failed = false
for (const name of chosen) {
  console.error(`${name} …`)
  try {
    // One at a time: a bench must not pay for another's modules.
    const { bench } = (await import(`./${name}.js`)) as { readonly bench: Bench }
    for (const row of await bench({ quick: values.quick, peers, soakMinutes })) {
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
        peers: { type: 'string' },
        soak: { type: 'string' },
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
