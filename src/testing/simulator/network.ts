import type {
  LeaderChannel,
  LeaderChannelEvents,
  LeaderCommand,
  LeaderDialer,
  NodeGateway,
} from '../../ports/node-link.js'
import { Link } from './link.js'
import type { Seeded } from './seeded.js'
import type { SimClock } from './sim-clock.js'
import type { SimProcess } from './sim-process.js'

/** Who answers at an address. */
export interface Listener {
  readonly process: SimProcess
  readonly gateway: NodeGateway
}

/** Directions that are blocked between a master and whoever leads. */
export type Partition = 'none' | 'up' | 'down' | 'both'

/**
 * Streams between masters and leaders: ordered and reliable while a connection lives, as TCP is; what is in flight when
 * it breaks may be lost at either end, and each end may notice at another time.
 */
export class SimNetwork {
  readonly clock: SimClock
  readonly random: Seeded
  /** Everything that a leader puts on the wire, before anyone sees it. */
  onLeaderSend: (leader: SimProcess, nodeId: string, commands: readonly LeaderCommand[]) => void = () =>
    undefined
  readonly #listeners = new Map<string, Listener>()
  readonly #links = new Set<Link>()
  readonly #partitions = new Map<string, Partition>()

  constructor(clock: SimClock, random: Seeded) {
    this.clock = clock
    this.random = random
  }

  listen(address: string, listener: Listener): void {
    this.#listeners.set(address, listener)
  }

  /** null while nobody listens there. */
  listener(address: string): Listener | null {
    const listener = this.#listeners.get(address)
    return listener === undefined || listener.process.isDead ? null : listener
  }

  dialer(nodeId: string, process: SimProcess): LeaderDialer {
    return {
      dial: (address: string, events: LeaderChannelEvents): LeaderChannel => {
        const link = new Link({ network: this, nodeId, process, events })
        // What a process had under way when it was killed may still come here.
        if (process.isDead) return link
        this.#links.add(link)
        link.connect(address)
        return link
      },
    }
  }

  gone(link: Link): void {
    this.#links.delete(link)
  }

  /** The master has one connection, and nobody is yet to notice that it is broken. */
  isWhole(nodeId: string): boolean {
    const links = [...this.#links].filter((link) => link.nodeId === nodeId)
    return links.length === 1 && links.every((link) => link.isWhole)
  }

  partitionOf(nodeId: string): Partition {
    return this.#partitions.get(nodeId) ?? 'none'
  }

  /** Blocks or frees a master's way; streams that stay blocked are given up by the keepalive of each end. */
  partition(nodeId: string, partition: Partition): void {
    this.#partitions.set(nodeId, partition)
    for (const link of [...this.#links]) if (link.nodeId === nodeId) link.partitioned(partition)
  }

  /** The connection breaks: each end notices when it will. */
  cut(nodeId: string): void {
    for (const link of [...this.#links]) if (link.nodeId === nodeId) link.break('the connection was reset')
  }

  /** A killed process's sockets are closed by its system; a machine without power leaves them open. */
  died(process: SimProcess, how: 'killed' | 'power_cut'): void {
    for (const link of [...this.#links]) link.died(process, how)
  }

  /** A process does not answer: whoever waits for it gives up after its keepalive. */
  froze(process: SimProcess): void {
    for (const link of [...this.#links]) link.froze(process)
  }

  latencyMs(): number {
    return this.random.chance(0.02) ? this.random.between(5, 200) : this.random.between(0.1, 3)
  }

  /** 10 s until the ping, 5 s for its answer. */
  keepaliveMs(): number {
    return this.random.between(5_000, 15_000)
  }
}
