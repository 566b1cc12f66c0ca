import { median, type Row, rowOf } from './harness.js'

/** What one queue did in one round. */
export interface Measured {
  readonly live: number
  readonly drain: number
  readonly startP50: number
  readonly startP99: number
  readonly submitP50: number
  /** Tasks behind the last three, one at a time. */
  readonly alone: number
}

interface Peer {
  readonly name: string
  readonly rounds: readonly Measured[]
}

interface Kind {
  readonly name: string
  readonly figure: Exclude<keyof Measured, 'alone'>
  readonly unit: string
  readonly better: Row['better']
  /** By peer; beside the others the figure is only shown. */
  readonly bars: Readonly<Record<string, number>>
  readonly note: string
}

const kinds: readonly Kind[] = [
  {
    ...{ name: 'queue.live', figure: 'live', unit: 'tasks/s', better: 'higher' },
    bars: { 'bullmq-everysec': 4, 'bullmq-always': 5 },
    note: 'first submit → last completion stored, 100 in flight',
  },
  {
    ...{ name: 'queue.drain', figure: 'drain', unit: 'tasks/s', better: 'higher', bars: {} },
    note: "worker's start → last completion stored",
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

const bestDrainBar = 1.3

/** A row for each figure and peer, and one of the drain beside the best peer. */
export function rowsOf(measured: {
  readonly ours: readonly Measured[]
  readonly peers: readonly Peer[]
  readonly tasks: number
}): readonly Row[] {
  const { ours, peers, tasks } = measured
  const sizeOf = (unit: string, peer: Peer): string => {
    if (unit === 'tasks/s') return `${tasks} tasks a round`
    const [mine = 0, theirs = 0] = [ours[0]?.alone, peer.rounds[0]?.alone]
    return mine === theirs ? `${mine} tasks a round` : `${mine} tasks a round, the peer's ${theirs}`
  }
  const beside = (peer: Peer, { name, figure, unit, better, note }: Kind, bar: number | null): Row =>
    rowOf(
      {
        name,
        unit,
        better,
        bar,
        fsync: 'each-commit',
        note: `${note}; ${sizeOf(unit, peer)}; ${fsyncOf(peer)}`,
      },
      ours.map((round, index) => ({ ours: round[figure], reference: peer.rounds[index]?.[figure] ?? null })),
    )
  const rows = kinds.flatMap((kind) =>
    peers.map((peer) =>
      beside(peer, { ...kind, name: `${kind.name}/${peer.name}` }, kind.bars[peer.name] ?? null),
    ),
  )
  const drain = kinds.find(({ figure }) => figure === 'drain')
  const best = peers.toSorted((a, b) => drainOf(b) - drainOf(a))[0]
  if (drain === undefined || best === undefined) return rows
  const note = `${drain.note}; the best of ${peers.length}: ${best.name}`
  return [...rows, beside(best, { ...drain, name: 'queue.drain/best', note }, bestDrainBar)]
}

const drainOf = ({ rounds }: Peer): number => median(rounds.map(({ drain }) => drain))

const fsyncOf = ({ name }: Peer): string =>
  `${name} fsyncs each ${name === 'bullmq-everysec' ? 'second' : 'commit'}`
