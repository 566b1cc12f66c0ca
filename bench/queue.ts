import { join } from 'node:path'
import Database from 'better-sqlite3'
import { createClient } from '../src/client/index.js'
import { type LeaderReady, type Running, startLeader } from './cluster.js'
import { type Bench, percentile, rounded, roundsOf } from './harness.js'
import { peerNames } from './peer-names.js'
import type { LeaderAddress } from './queue-adapter.js'
import { startPeers } from './queue-peers.js'
import { type Measured, rowsOf } from './queue-rows.js'
import { QueueSide } from './queue-side.js'

const full = { warmUp: 2_000, tasks: 10_000, alone: 500 }
const quick = { warmUp: 200, tasks: 1_000, alone: 100 }
/** pg-boss asks an empty queue twice a second: a task alone takes as long. */
const aloneOfPolling = 20

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
        console.error(`  round ${round + 1}, ${side.name}: ${told(one)}`)
      }
    }
    await killAndCount(leader, ours, size.tasks)
    return rowsOf({
      ours: measured.get(ours.name) ?? [],
      peers: peers.sides.map(({ name }) => ({ name, rounds: measured.get(name) ?? [] })),
      tasks: size.tasks,
    })
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
    alone: startMs.length,
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

const told = (one: Measured): string =>
  Object.entries(one)
    .map(([figure, value]) => `${figure} ${rounded(value)}`)
    .join(', ')
