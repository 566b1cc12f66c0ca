import { CronerCalendar } from '../../adapters/calendar/croner-calendar.js'
import { CelConditions } from '../../adapters/conditions/cel-conditions.js'
import { createLeader } from '../../leader/leader.js'
import type { Leader } from '../../leader/leader-options.js'
import type { Journal, Views } from '../../ports/store.js'
import type { Streams } from '../../ports/streams.js'
import { MemoryCrashNotes } from '../memory-crash-notes.js'
import { JournalDisk, type JournalFate, MemoryJournal } from '../memory-journal.js'
import { MemoryStreams, StreamsDisk } from '../memory-streams.js'
import { MemoryViews, ViewsDisk } from '../memory-views.js'
import { MemoryWorkBodies, WorkBodiesDisk } from '../memory-work-bodies.js'
import { silentLog } from '../silent-log.js'
import type { SimNetwork } from './network.js'
import { clockRate, type Seeded } from './seeded.js'
import type { SimClock } from './sim-clock.js'
import { SimProcess } from './sim-process.js'
import { utf8Text } from './utf8-text.js'

/** What a test may put between the leader and its disk, to plant a bug. */
export interface StoreSeams {
  readonly journal?: (journal: Journal) => Journal
  readonly views?: (views: Views) => Views
  readonly streams?: (streams: Streams) => Streams
  /** Whether it is the test that broke this rule: the leader's end is then no failure by itself. */
  readonly isPlanted?: (cause: unknown) => boolean
}

interface Life {
  readonly process: SimProcess
  readonly journal: MemoryJournal
  readonly views: MemoryViews
  readonly streams: MemoryStreams
  readonly workBodies: MemoryWorkBodies
  /** null until it leads. */
  leader: Leader | null
}

export interface SimLeaderOptions {
  readonly address: string
  readonly clock: SimClock
  readonly network: SimNetwork
  readonly random: Seeded
  readonly seams: StoreSeams
  /** The process ended by itself. */
  readonly onFatal: (reason: string, cause: unknown) => void
}

/** The leader's machine: one data directory, one process after another on it, and perhaps a stalled one of an older term. */
export class SimLeader {
  readonly disk = {
    journal: new JournalDisk({ clusterId: 'c', logId: 'l' }),
    views: new ViewsDisk(),
    streams: new StreamsDisk(),
    workBodies: new WorkBodiesDisk(),
    crashNotes: new MemoryCrashNotes(),
  }
  /** What is wrong with the disk now. */
  readonly diskChanges = new Set<Partial<JournalFate>>()
  /** What the next append comes to; then the disk is fine again. */
  nextOutcome: JournalFate['outcome'] = 'ok'
  readonly #options: SimLeaderOptions
  #life: Life | null = null
  /** A process that was stopped while it led, and knows nothing of its successor. */
  #zombie: Life | null = null
  #starts = 0
  readonly #rate: number

  constructor(options: SimLeaderOptions) {
    this.#options = options
    this.#rate = clockRate(options.random)
  }

  get leader(): Leader | null {
    return this.#life?.leader ?? null
  }

  get process(): SimProcess | null {
    return this.#life?.process ?? null
  }

  get isUp(): boolean {
    return this.#life !== null
  }

  /** Highest seq that a power cut now would leave. */
  get durableSeq(): number {
    const { journal } = this.disk
    return journal.unsynced[0]?.lastSeq ?? journal.lastSeq
  }

  start(): void {
    if (this.#life !== null) return
    const { clock, network, random, address, seams } = this.#options
    this.#starts += 1
    const process = new SimProcess(`leader-${this.#starts}`, clock, this.#rate)
    process.skewMs = random.between(-3_000, 3_000)
    const journal = new MemoryJournal(this.disk.journal, { clock: process.clock, fate: () => this.#fate() })
    const views = new MemoryViews(this.disk.views)
    const streams = new MemoryStreams(this.disk.streams, {
      clock: process.clock,
      delayMs: () => random.between(0.1, 3),
    })
    const workBodies = new MemoryWorkBodies(this.disk.workBodies)
    const life: Life = { process, journal, views, streams, workBodies, leader: null }
    this.#life = life
    createLeader({
      leaderId: process.name,
      version: '1',
      journal: seams.journal?.(journal) ?? journal,
      views: seams.views?.(views) ?? views,
      streams: seams.streams?.(streams) ?? streams,
      workBodies,
      clock: process.clock,
      calendar: new CronerCalendar(),
      conditions: new CelConditions(),
      random: random.fork().asPort(),
      text: utf8Text,
      log: silentLog,
      crashNotes: this.disk.crashNotes,
      grpcAddress: () => address,
      joinFile: '/join.json',
      ask: () => undefined,
      onFatal: (reason, cause) => this.#fatal(life, reason, cause),
    }).then(
      (leader) => {
        if (process.isDead) return
        life.leader = leader
        if (life === this.#life) network.listen(address, { process, gateway: leader.gateway })
      },
      (cause: unknown) => this.#fatal(life, 'it could not start', cause),
    )
  }

  /** Ends the process; with the power, what is not synced is lost as well. */
  crash(how: 'killed' | 'power_cut'): void {
    if (this.#life !== null) this.#end(this.#life, how)
    this.#life = null
    if (how === 'power_cut') this.bury()
    const { journal, views } = this.disk
    const { random } = this.#options
    journal.crash(how === 'killed' ? journal.unsynced.length : random.int(0, journal.unsynced.length))
    if (how === 'power_cut') views.crash(random.int(0, views.batches.length))
  }

  /** Hands the term over as an upgrade does. */
  async leave(): Promise<void> {
    const life = this.#life
    if (life?.leader == null) return
    await life.leader.stop()
    if (this.#life === life) this.crash('killed')
  }

  /**
   * The process is stopped and taken for dead: the next `start` takes over. Only its journal still reaches the disk: the
   * other files are one process's by a lock.
   */
  stall(): void {
    if (this.#life === null || this.#zombie !== null) return
    this.#zombie = this.#life
    this.#life = null
    this.#zombie.process.freeze()
    this.#zombie.views.kill()
    this.#zombie.streams.kill()
    this.#zombie.workBodies.kill()
    this.#options.network.froze(this.#zombie.process)
  }

  /** It goes on as if nothing had happened. */
  wake(): void {
    this.#zombie?.process.thaw()
  }

  /** Its end, if nothing else ended it. */
  bury(): void {
    if (this.#zombie !== null) this.#end(this.#zombie, 'killed')
    this.#zombie = null
  }

  #fate(): JournalFate {
    const { random } = this.#options
    const fate: JournalFate = {
      writeMs: random.between(0, 0.3),
      syncMs: random.chance(0.03) ? random.between(20, 300) : random.between(0.1, 2),
      replyMs: random.between(0, 0.3),
      outcome: this.nextOutcome,
    }
    this.nextOutcome = 'ok'
    return Object.assign(fate, ...this.diskChanges)
  }

  #fatal(life: Life, reason: string, cause: unknown): void {
    if (life.process.isDead) return
    if (life === this.#zombie) {
      this.bury()
      return
    }
    if (life === this.#life) this.crash('killed')
    this.#options.onFatal(reason, cause)
  }

  #end(life: Life, how: 'killed' | 'power_cut'): void {
    life.process.kill()
    life.journal.kill()
    life.views.kill()
    life.streams.kill()
    life.workBodies.kill()
    this.#options.network.died(life.process, how)
  }
}
