import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Seeded } from '../../src/testing/simulator/seeded.js'
import { ChaosClient } from './chaos-client.js'
import { check, type Violation } from './check.js'
import { Cluster } from './cluster.js'
import { planFaults } from './fault-plan.js'
import { History, type Line, readHistory } from './history.js'
import { doHarm } from './nemesis.js'
import { list, rest } from './settle.js'
import { watch } from './watch.js'

const clients = 3
/**
 * From the last fault to the last task's end. A steady lease (30 s), a leader's start (5 s), the longest task and its
 * attempts with their pauses; and room for a busy machine.
 */
const restMsMax = 90_000

export interface ChaosOptions {
  readonly seed: number
  /** Of faults. */
  readonly seconds: number
  readonly masters: number
  /** Must exist and be empty: history, data and logs stay there. */
  readonly folder: string
}

export interface Verdict {
  readonly violations: readonly Violation[]
  /** How many lines of each type the history has. */
  readonly counts: Readonly<Record<string, number>>
}

/** One run of everything: work, faults, healing, rest, one more restart, and the judgement of the history. */
export async function runChaos({ seed, seconds, masters, folder }: ChaosOptions): Promise<Verdict> {
  const random = new Seeded(seed)
  const history = new History(join(folder, 'history.ndjson'))
  const place = { locks: join(folder, 'locks'), history: history.path }
  mkdirSync(place.locks)
  history.write({ type: 'begin', seed, seconds, restMsMax })
  const plan = planFaults(random.fork(), { masters, forMs: seconds * 1000 })
  const cluster = await Cluster.start({ folder, masters, seed, history })
  const { client } = cluster
  const wall = watch(client, history)
  try {
    let ops = 0
    const nextOp = (): number => {
      ops += 1
      return ops
    }
    const isOver = new AbortController()
    const working = Array.from({ length: clients }, (_, index) =>
      new ChaosClient({ name: `c${index + 1}`, client, random: random.fork(), history, place, nextOp }).run(
        isOver.signal,
      ),
    )
    await doHarm(plan, cluster, history)
    history.write({ type: 'healed' })
    isOver.abort()
    await Promise.all(working)
    await rest(client, history, restMsMax)
    // What was acknowledged must stand in the log, not only in the memory of this leader.
    await cluster.leader.end('SIGKILL')
    await cluster.leader.start()
    await list(client, history)
  } finally {
    wall.close()
    await cluster.stop()
  }
  history.write({ type: 'end' })
  const lines = readHistory(history.path)
  return { violations: check(lines), counts: countsOf(lines) }
}

function countsOf(lines: readonly Line[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { type } of lines) counts[type] = (counts[type] ?? 0) + 1
  return counts
}
