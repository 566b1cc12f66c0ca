import { setTimeout as wait } from 'node:timers/promises'
import { type Child, startChild } from './child.js'
import { startLeader } from './cluster.js'
import { type Bench, type Measurement, rowOf } from './harness.js'
import { rssMiB } from './machine.js'
import type { LinesAnswer, LinesRequest } from './ndjson-client.js'

const full = { items: 1_000_000, warmUp: 300_000, rounds: 2 }
const quick = { items: 50_000, warmUp: 20_000, rounds: 1 }
const bytesPerS = 1_200_000
const lookMs = 20

interface Round {
  readonly ms: number
  readonly growthMiB: number
}

/**
 * Items as lines to POST /api/batches, their results read more slowly than they could be made: what the leader's memory
 * grows by meanwhile, beside bare Node streams with the same client. Every item has the same idempotency key, so that
 * each is decided and answered, and no task is left behind whose memory would be measured.
 */
export const bench: Bench = async (options) => {
  const size = options.quick ? quick : full
  const leader = await startLeader()
  const reference = startChild('ndjson-reference.js')
  const client = startChild('ndjson-client.js')
  try {
    const { api, token, pid } = leader.ready
    const { port } = await reference.ask<{ readonly port: number }>({})
    const ours = { pid, api, token }
    const bare = { pid: reference.pid, api: `http://127.0.0.1:${port}`, token: '' }
    // Heaps come to their size.
    for (const side of [ours, bare]) await measure(client, side, size.warmUp, 100 * bytesPerS)
    const rounds: { readonly ours: Round; readonly reference: Round }[] = []
    for (let round = 0; round < size.rounds; round += 1) {
      rounds.push({
        ours: await measure(client, ours, size.items, bytesPerS),
        reference: await measure(client, bare, size.items, bytesPerS),
      })
    }
    return rowsOf(rounds, size.items)
  } finally {
    client.end()
    reference.end()
    await leader.stop()
  }
}

interface Side {
  readonly pid: number
  readonly api: string
  readonly token: string
}

async function measure(client: Child, side: Side, items: number, pace: number): Promise<Round> {
  const before = rssMiB(side.pid)
  let most = before
  let isOver = false
  const startedAt = performance.now()
  const { api, token } = side
  const sent = client
    .ask<LinesAnswer>({ api, token, items, bytesPerS: pace } satisfies LinesRequest)
    .finally(() => {
      isOver = true
    })
  while (!isOver) {
    await Promise.race([sent, wait(lookMs)])
    most = Math.max(most, rssMiB(side.pid))
  }
  const { results, refused, error } = await sent
  if (error !== null || results !== items || refused > 0)
    throw new Error(`${results} results of ${items} items, ${refused} refused: ${error}`)
  return { ms: performance.now() - startedAt, growthMiB: most - before }
}

function rowsOf(
  rounds: readonly { readonly ours: Round; readonly reference: Round }[],
  items: number,
): ReturnType<typeof rowOf>[] {
  const note = `${items} items as lines of NDJSON, results read at ${bytesPerS / 1e6} MB/s; beside bare Node streams`
  const alone = rounds.map(({ ours }): Measurement => ({ ours: ours.growthMiB, reference: null }))
  const beside = rounds.map(({ ours, reference }) => ({
    ours: ours.growthMiB,
    reference: Math.max(reference.growthMiB, 0.1),
  }))
  const perS = rounds.map(({ ours, reference }) => ({
    ours: (items * 1_000) / ours.ms,
    reference: (items * 1_000) / reference.ms,
  }))
  const fsync = 'each-commit'
  return [
    rowOf({ name: 'ndjson.memory', unit: 'MiB', better: 'lower', bar: 32, fsync, note }, alone),
    rowOf({ name: 'ndjson.memory.beside', unit: 'MiB', better: 'lower', bar: null, fsync, note }, beside),
    rowOf({ name: 'ndjson.rate', unit: 'items/s', better: 'higher', bar: null, fsync, note }, perS),
  ]
}
