import { join } from 'node:path'
import Database from 'better-sqlite3'
import { createClient } from '../src/client/index.js'
import { type LeaderReady, type Running, startLeader } from './cluster.js'
import { type Bench, median, percentile, type Row, rounded, roundsOf, rowOf } from './harness.js'
import { peerNames } from './peer-names.js'
import type { LeaderAddress } from './queue-adapter.js'
import { startPeers } from './queue-peers.js'
import { QueueSide } from './queue-side.js'

const full = { warmUp: 2_000, tasks: 10_000, alone: 500 }
const quick = { warmUp: 200, tasks: 1_000, alone: 100 }
/** pg-boss asks an empty queue twice a second: a task alone takes as long. */
const aloneOfPolling = 20

/** What one queue did in one round. */
interface Measured {
  readonly live: number
  readonly drain: number
  readonly startP50: number
  readonly startP99: number
  readonly submitP50: number
}
type Figure = keyof Measured

/**
 * Our queue beside those that people use: server, submitter and worker are processes of their own on every side, 100
 * submits in flight, each acknowledged by itself. One queue at a time; who goes first changes each round. At the end our
 * leader is killed with tasks that it has only acknowledged, and must have every task when it is back.
 */
export const bench: Bench = async (options) => {
  const size = options.quick ? quick : full
  const rounds = roundsOf(options)
  const peers = await startPeers(options.peers ?? (options.quick ? ['bullmq-everysec'] : peerNames))
  const leader = await startLeader().catch(async (cause: unknown) => {
    await peers.stop()
    throw cause
  })
  const ours = oursOf(leader.ready)
  const sides = [ours, ...peers.sides]
  try {
    for (const side of sides) {
      console.error(`  ${side.name}: ${await side.settings()}`)
      await warm(side, size.warmUp)
    }
    const measured = new Map<string, Measured[]>(sides.map(({ name }) => [name, []]))
    for (let round = 0; round < rounds; round += 1) {
      for (const index of sides.keys()) {
        const side = sides[(index + round) % sides.length]
        if (side === undefined) continue
        const one = await measure(side, size)
        measured.get(side.name)?.push(one)
        console.error(
          `  round ${round + 1}, ${side.name}: ${JSON.stringify(one, (_, value) => (typeof value === 'number' ? rounded(value) : value))}`,
        )
      }
    }
    await killAndCount(leader, ours, size.tasks)
    return rowsOf(measured, ours.name, size)
  } finally {
    ours.end()
    await peers.stop()
    await leader.stop()
  }
}

function oursOf({ api, token, grpc, joinFile }: LeaderReady): QueueSide {
  const address: LeaderAddress = { api, token, grpc, joinFile }
  return new QueueSide(
    'agentflow',
    new URL('queue-adapter.js', import.meta.url).href,
    JSON.stringify(address),
  )
}

async function warm(side: QueueSide, tasks: number): Promise<void> {
  await side.startWorker()
  await side.live(tasks)
  await side.stopWorker()
}

async function measure(side: QueueSide, size: typeof full): Promise<Measured> {
  await side.startWorker()
  const live = await side.live(size.tasks)
  const { startMs, submitMs } = await side.latency(side.name === 'pg-boss' ? aloneOfPolling : size.alone)
  await side.stopWorker()
  return {
    live,
    drain: await side.drain(size.tasks),
    startP50: percentile(startMs, 0.5),
    startP99: percentile(startMs, 0.99),
    submitP50: percentile(submitMs, 0.5),
  }
}

/** Throws when the leader, killed right after an acknowledgement and started again, lacks a task. */
async function killAndCount(leader: Running<LeaderReady>, ours: QueueSide, tasks: number): Promise<void> {
  const completed = ours.submitted
  await ours.submit(tasks)
  await leader.kill()
  const { dataDir } = leader.ready
  const perTask = journalRows(dataDir) / ours.submitted
  const again = await startLeader(dataDir)
  try {
    const { api: url, token } = again.ready
    const client = createClient({ url, token })
    const { tasks: counts } = await client.stats()
    const { total } = await client.tasks({ limit: 1 })
    const text = `${counts.completed} completed, ${counts.pending} waiting, ${total} listed; ${completed} were completed, ${ours.submitted} acknowledged`
    console.error(`  after SIGKILL: ${text}; ${rounded(perTask)} rows of the journal a task`)
    if (counts.completed !== completed || counts.pending !== tasks || total !== ours.submitted)
      throw new Error(`tasks are missing after SIGKILL: ${text}`)
  } finally {
    await again.stop()
  }
}

/** A commit writes one row or more. */
function journalRows(dataDir: string): number {
  const db = new Database(join(dataDir, 'journal.db'), { readonly: true })
  try {
    return Number(db.prepare('SELECT count(*) FROM chunks').pluck().get())
  } finally {
    db.close()
  }
}

const fsyncOf: Readonly<Record<string, string>> = { 'bullmq-everysec': 'each second' }

function rowsOf(
  measured: ReadonlyMap<string, readonly Measured[]>,
  oursName: string,
  size: typeof full,
): readonly Row[] {
  const ours = measured.get(oursName) ?? []
  const peers = [...measured].filter(([name]) => name !== oursName)
  const kinds: readonly {
    readonly name: string
    readonly figure: Figure
    readonly unit: string
    readonly better: Row['better']
    readonly bars: Readonly<Record<string, number>>
    readonly note: string
  }[] = [
    {
      ...{ name: 'queue.live', figure: 'live', unit: 'tasks/s', better: 'higher' },
      bars: { 'bullmq-everysec': 4, 'bullmq-always': 5 },
      note: `first submit → last completion stored, ${size.tasks} tasks, 100 in flight`,
    },
    {
      ...{ name: 'queue.drain', figure: 'drain', unit: 'tasks/s', better: 'higher', bars: {} },
      note: `worker's start → last completion stored, ${size.tasks} tasks waiting`,
    },
    {
      ...{ name: 'queue.latency.p50', figure: 'startP50', unit: 'ms p50', better: 'lower' },
      bars: { 'bullmq-everysec': 0.8 },
      note: 'submit → function called, 1 in flight',
    },
    {
      ...{ name: 'queue.latency.p99', figure: 'startP99', unit: 'ms p99', better: 'lower' },
      bars: { 'bullmq-everysec': 1 },
      note: 'submit → function called, 1 in flight',
    },
    {
      ...{ name: 'queue.submit.p50', figure: 'submitP50', unit: 'ms p50', better: 'lower' },
      bars: { 'bullmq-everysec': 1.2 },
      note: 'submit → acknowledged, 1 in flight',
    },
  ]
  const beside = kinds.flatMap(({ name, figure, unit, better, bars, note }) =>
    peers.map(([peer, theirs]) =>
      rowOf(
        {
          ...{ name: `${name}.${peer}`, unit, better, bar: bars[peer] ?? null, fsync: 'each-commit' },
          note: `${note}; the peer's fsync: ${fsyncOf[peer] ?? 'each commit'}`,
        },
        ours.map((round, index) => ({ ours: round[figure], reference: theirs[index]?.[figure] ?? null })),
      ),
    ),
  )
  return [...beside, bestDrain(ours, peers)]
}

function bestDrain(
  ours: readonly Measured[],
  peers: readonly (readonly [string, readonly Measured[]])[],
): Row {
  const drainOf = (rounds: readonly Measured[]) => median(rounds.map(({ drain }) => drain))
  const [best = '', theirs = []] = [...peers].sort((a, b) => drainOf(b[1]) - drainOf(a[1]))[0] ?? []
  return rowOf(
    {
      ...{ name: 'queue.drain.best', unit: 'tasks/s', better: 'higher', bar: 1.3, fsync: 'each-commit' },
      note: `beside the best of ${peers.map(([name]) => name).join(', ')}: ${best}`,
    },
    ours.map(({ drain }, index) => ({ ours: drain, reference: theirs[index]?.drain ?? null })),
  )
}
