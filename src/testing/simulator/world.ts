import type { LogEvent } from '../../core/event.js'
import { planFaults } from './faults.js'
import { checkAtRest } from './final-checks.js'
import { LogChecker } from './log-checker.js'
import { SimNetwork } from './network.js'
import { watchReleases } from './release-checks.js'
import { Seeded } from './seeded.js'
import { SimBatches } from './sim-batches.js'
import { SimClients } from './sim-clients.js'
import { SimClock } from './sim-clock.js'
import type { SimGuest, SimGuestOptions } from './sim-guest.js'
import { SimLeader, type StoreSeams } from './sim-leader.js'
import { SimLimits } from './sim-limits.js'
import { SimMachine } from './sim-machine.js'
import { poison, SimPoison } from './sim-poison.js'
import { SimSchedules } from './sim-schedules.js'
import { SimWall, type WallServer } from './sim-wall.js'

export interface SimResult {
  readonly seed: number
  /** Durable events at the end. */
  readonly events: number
  /** null = every guarantee held, and all came to rest. */
  readonly failure: string | null
  /** Runs whose lease was over for a leader. */
  readonly givenUp: number
  /** Ends that were told after that, and kept as evidence. */
  readonly late: number
  /** What went wrong on the way, in order. */
  readonly story: readonly string[]
}

const startMs = 1_750_000_000_000
const leaderAddress = 'leader:1'
const convergeMs = 240_000
const convergeCheckMs = 250
/** A read is answered within this time when all is at rest. */
const answerMs = 10_000
/** Share of the worlds that each guest comes to. */
const guestShare = 0.2

/** Runs one seed: work and faults for a while, then everything is healed and must come to rest. */
export async function simulate(seed: number, seams: StoreSeams = {}): Promise<SimResult> {
  const world = new World(seed, seams)
  await world.play()
  return world.result()
}

/** A leader, masters, users and walls, and what holds them to the guarantees. */
export class World {
  readonly clock = new SimClock(startMs)
  readonly random: Seeded
  readonly network: SimNetwork
  readonly leader: SimLeader
  readonly machines: readonly SimMachine[]
  readonly clients: SimClients
  readonly guests: readonly SimGuest[]
  readonly walls: readonly SimWall[]
  readonly log: LogChecker
  /** Its programs run long, and a master is away for longer than leases hold. */
  readonly isLong: boolean
  readonly #seed: number
  readonly #isPlanted: StoreSeams['isPlanted']
  readonly #story: string[] = []
  readonly #atSteps = new Map<number, (() => void)[]>()
  readonly #toHeal = new Set<() => void>()
  #failure: string | null = null
  #healing = false
  #server: WallServer | null = null

  constructor(seed: number, seams: StoreSeams) {
    this.#seed = seed
    this.#isPlanted = seams.isPlanted
    this.random = new Seeded(seed)
    const { clock, random } = this
    const fail = (guarantee: string, what: string): void => this.fail(`${guarantee}: ${what}`)
    this.network = new SimNetwork(clock, random.fork())
    this.log = new LogChecker(fail)
    this.leader = new SimLeader({
      address: leaderAddress,
      clock,
      network: this.network,
      random: random.fork(),
      seams,
      onFatal: (reason, cause) => this.#leaderEnded(reason, cause),
    })
    this.isLong = random.chance(0.25)
    const nodeIds = ['m1', 'm2', 'm3'].slice(0, random.int(this.isLong ? 2 : 1, 3))
    const releases = watchReleases(this, fail)
    this.machines = nodeIds.map(
      (nodeId) =>
        new SimMachine({
          nodeId,
          slots: random.int(1, 3),
          leaders: [leaderAddress],
          clock,
          network: this.network,
          random: random.fork(),
          onSpawn: (start) => {
            releases.spawned(nodeId, start)
            if (start.shell === poison) this.#poisoned(nodeId, start.fence)
          },
        }),
    )
    const server = (): WallServer | null => this.#currentServer()
    const { log, isLong } = this
    this.guests = invited(seed, { clock, fail, server })
    const terms = this.guests.some((guest) => guest instanceof SimLimits)
      ? new Seeded(seed ^ 0x2545f491)
      : null
    this.clients = new SimClients({ clock, random: random.fork(), log, fail, server, nodeIds, isLong, terms })
    this.walls = ['wall-1', 'wall-2'].slice(0, random.int(1, 2)).map((name) => {
      const durableSeq = (): number => this.leader.durableSeq
      const narrowness = this.guests.some((guest) => guest instanceof SimBatches) ? 20 : 500
      return new SimWall({ name, clock, random: random.fork(), fail, server, durableSeq, narrowness })
    })
  }

  get isHealing(): boolean {
    return this.#healing
  }

  anyMachine(): SimMachine {
    const machine = this.machines[this.random.int(0, this.machines.length - 1)]
    if (machine === undefined) throw new Error('a world has machines')
    return machine
  }

  /** Told in the story, unless it has just happened already. */
  happened(what: string): void {
    if (this.#story.at(-1)?.endsWith(what)) return
    this.#story.push(`${((this.clock.monotonicMs() - startMs) / 1_000).toFixed(3)} s ${what}`)
  }

  fail(what: string): void {
    if (this.#failure !== null) return
    this.#failure = what
    this.happened(what)
  }

  /** Runs `fn` after this many steps of the simulation. */
  atStep(step: number, fn: () => void): void {
    const fns = this.#atSteps.get(step) ?? []
    fns.push(fn)
    this.#atSteps.set(step, fns)
  }

  /** Undoes a fault: when its time is over, or when everything is healed. */
  untilHealed(undo: () => void): () => void {
    const once = (): void => {
      if (this.#toHeal.delete(once)) undo()
    }
    this.#toHeal.add(once)
    return once
  }

  async play(): Promise<void> {
    const { random, clock } = this
    const workMs = random.between(3_000, 15_000)
    this.leader.start()
    for (const machine of this.machines) machine.start()
    for (const machine of this.machines)
      if (random.chance(0.3)) machine.declineChance = random.between(0.1, 1)
    for (const wall of this.walls) wall.connect()
    this.clients.begin(random.int(2, 8), workMs)
    for (const guest of this.guests) guest.begin(workMs)
    planFaults(this, random.int(0, 6), workMs)
    this.#keepUp()
    // Long enough now and then for leases of class steady to run out.
    const restMs = random.between(0, random.chance(0.25) ? 50_000 : 20_000)
    await this.#run(clock.monotonicMs() + workMs + restMs, () => false)
    this.#heal()
    const untilMs = clock.monotonicMs() + convergeMs
    await this.#run(untilMs, () => this.#isAtRest())
    if (this.#failure === null && !this.#isAtRest()) this.fail(`it does not come to rest: ${this.#unrest()}`)
    if (this.#failure === null) for (const guest of this.guests) guest.check?.()
    if (this.#failure === null) await this.#check()
  }

  /** Reads may wait for a commit, so time goes on meanwhile. */
  async #check(): Promise<void> {
    let isOver = false
    const checks = checkAtRest(this).then(() => {
      isOver = true
    })
    await this.#run(this.clock.monotonicMs() + answerMs, () => isOver)
    if (!isOver) this.fail('G1: a read was not answered')
    else await checks
  }

  result(): SimResult {
    const { givenUp, late } = this.log.tasks
    const [seed, failure, story] = [this.#seed, this.#failure, this.#story]
    return { seed, events: this.log.seq, givenUp, late, failure, story }
  }

  /** Steps until the time is over, something fails, or `isDone` says so (asked now and then). */
  async #run(untilMs: number, isDone: () => boolean): Promise<void> {
    let nextCheckMs = this.clock.monotonicMs() + convergeCheckMs
    while (this.#failure === null && (await this.clock.step(untilMs))) {
      this.readLog()
      for (const fn of this.#atSteps.get(this.clock.steps) ?? []) fn()
      this.#atSteps.delete(this.clock.steps)
      if (this.clock.monotonicMs() < nextCheckMs) continue
      if (isDone()) return
      nextCheckMs = this.clock.monotonicMs() + convergeCheckMs
    }
  }

  /** Reads what has become durable. */
  readLog(): void {
    const { durableSeq, disk } = this.leader
    if (durableSeq < this.log.seq) {
      this.fail(`G1: the log ends at ${durableSeq}; ${this.log.seq} was durable before`)
    }
    while (this.log.seq < durableSeq && this.#failure === null) {
      const event = disk.journal.events[this.log.seq + 1 - disk.journal.firstSeq]
      if (event === undefined) return
      const taken = JSON.parse(event.json) as LogEvent
      this.log.take(taken)
      for (const guest of this.guests) guest.take(taken)
    }
  }

  /** Whoever watches over the processes starts the dead ones again. */
  #keepUp(): void {
    this.clock.after(this.random.between(50, 800), () => {
      if (!this.leader.isUp) this.leader.start()
      for (const machine of this.machines) {
        if (!machine.isUp && (this.#healing || this.random.chance(0.3))) machine.start()
      }
      this.#keepUp()
    })
  }

  #leaderEnded(reason: string, cause: unknown): void {
    this.happened(`the leader ends: ${reason}`)
    if (reason === 'a rule is broken' && this.#isPlanted?.(cause) !== true) {
      this.fail(`a rule is broken: ${cause instanceof Error ? (cause.stack ?? '') : String(cause)}`)
    }
  }

  #heal(): void {
    this.#healing = true
    this.happened('healed')
    for (const undo of [...this.#toHeal]) undo()
    this.leader.bury()
    this.clients.uncordonAll()
    for (const guest of this.guests) guest.heal?.()
    for (const machine of this.machines) machine.declineChance = 0
    const cancel = (): void => {
      this.clients.cancelRest()
      // A drain that was under way when all was healed may have come later.
      this.clients.uncordonAll()
      this.clock.after(5_000, cancel)
    }
    this.clock.after(15_000, cancel)
  }

  /** What it started takes it down. */
  #poisoned(nodeId: string, fence: number): void {
    const machine = this.machines.find((one) => one.nodeId === nodeId)
    this.clock.after(this.random.between(1, 50), () => {
      for (const guest of this.guests) if (guest instanceof SimPoison) guest.tookDown(fence)
      machine?.powerCut()
    })
  }

  #isAtRest(): boolean {
    return this.#unrest() === ''
  }

  #unrest(): string {
    const { tasks, openReceipts, seq } = this.log
    if (this.leader.leader === null) return 'there is no leader'
    if (!this.clients.isAnswered) return 'a call was never answered'
    for (const { unrest } of this.guests) if (unrest !== null) return unrest
    for (const task of tasks.byId.values()) {
      if (task.phase !== 'final') return `${task.taskId} is ${task.phase}, attempt ${task.attempt}`
    }
    if (openReceipts.length > 0) return `receipts stay open: ${openReceipts.join(', ')}`
    for (const machine of this.machines) {
      if (!machine.isAtRest || !this.network.isWhole(machine.nodeId))
        return `${machine.nodeId} is not at rest`
    }
    for (const wall of this.walls) {
      if (!wall.isLive || wall.seenSeq < seq) return `a wall has seen ${wall.seenSeq} of ${seq}`
    }
    return ''
  }

  #currentServer(): WallServer | null {
    const { process, leader } = this.leader
    if (process === null || leader === null) return null
    if (this.#server?.leader !== leader) this.#server = { process, leader }
    return this.#server
  }
}

/** Who comes beside the clients; each draws from a stream of its own, so that it moves nobody else's draws. */
function invited(seed: number, world: Omit<SimGuestOptions, 'random'>): readonly SimGuest[] {
  const draw = new Seeded(seed ^ 0x5bd1e995)
  const kinds = [SimBatches, SimSchedules, SimLimits, SimPoison]
  return kinds.flatMap((Kind) => {
    const random = draw.fork()
    return random.chance(guestShare) ? [new Kind({ ...world, random })] : []
  })
}
