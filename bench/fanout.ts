import { startChild } from './child.js'
import { alternate, type Bench, type Measurement, roundsOf, rowOf } from './harness.js'
import { cpuMs } from './machine.js'

export const sockets = 1_000
export const topicSets = 10
export const eventsPerFrame = 64

interface Round {
  /** Deliveries per second of the server's CPU, and per second. */
  readonly perCpuS: number
  readonly perS: number
}

/**
 * The hub and the WebSocket endpoint as the leader has them, against a bare `ws` server that encodes once: the same
 * task events of about 200 bytes, the same frames, 1,000 sockets in another process over ten sets of topics. Each
 * receiver checks that no frame is missing or repeated.
 */
export const bench: Bench = async (options) => {
  const frames = options.quick ? 30 : 120
  const rounds: { ours: Round[]; reference: Round[] } = { ours: [], reference: [] }
  const take = async (side: 'ours' | 'reference') => {
    const round = await measure(side, frames)
    rounds[side].push(round)
    return round.perCpuS
  }
  const measured = await alternate(roundsOf(options), {
    ours: () => take('ours'),
    reference: () => take('reference'),
  })
  const perSecond: Measurement[] = rounds.ours.map((round, index) => ({
    ours: round.perS,
    reference: rounds.reference[index]?.perS ?? null,
  }))
  const note = `${sockets} sockets, ${topicSets} topic sets, ~200-byte events, ${eventsPerFrame} a frame, ${frames} frames a round`
  const description = { better: 'higher', fsync: 'none', note } as const
  return [
    rowOf({ ...description, name: 'fanout', unit: 'deliveries/CPU-s', bar: 0.8 }, measured),
    rowOf({ ...description, name: 'fanout.per-second', unit: 'deliveries/s', bar: null }, perSecond),
  ]
}

async function measure(side: 'ours' | 'reference', frames: number): Promise<Round> {
  const server = startChild('fanout-server.js', [side])
  const receivers = startChild('fanout-receivers.js')
  try {
    const { port } = await server.ask<{ port: number }>({ do: 'listen' })
    await receivers.ask({ do: 'connect', port })
    // The compilers have seen the path before it is measured.
    await pump(server.ask, receivers.ask, 10)
    const before = { cpu: cpuMs(server.pid), at: performance.now() }
    await pump(server.ask, receivers.ask, frames)
    const cpuS = (cpuMs(server.pid) - before.cpu) / 1_000
    const elapsedS = (performance.now() - before.at) / 1_000
    const deliveries = frames * eventsPerFrame * sockets
    return { perCpuS: deliveries / cpuS, perS: deliveries / elapsedS }
  } finally {
    server.end()
    receivers.end()
  }
}

type Ask = <T>(message: object) => Promise<T>

/** Frames in flight at once: enough to keep both processes busy, too few to make a socket fall behind. */
const window = 12

/** Sends `frames` frames; resolves when every receiver has every one of them in order. */
async function pump(send: Ask, receive: Ask, frames: number): Promise<void> {
  for (let sent = 0; sent < frames; sent += window) {
    const count = Math.min(window, frames - sent)
    const arrived = receive<{ error: string | null }>({ do: 'expect', frames: count })
    await send({ do: 'send', frames: count })
    const { error } = await arrived
    if (error !== null) throw new Error(error)
  }
}
