import { createMaster, type Master } from '../../master/master.js'
import type { Meter } from '../../ports/meter.js'
import type { StartRun } from '../../ports/task-host.js'
import { FakeMachine, type FakeProcess } from '../fake-machine.js'
import { FakeTaskHost } from '../fake-task-host.js'
import { silentLog } from '../silent-log.js'
import type { SimNetwork } from './network.js'
import { clockRate, type Seeded } from './seeded.js'
import type { SimClock } from './sim-clock.js'
import { OutboxDisk, SimOutbox } from './sim-outbox.js'
import { SimProcess } from './sim-process.js'
import { SimWarden } from './sim-warden.js'
import { utf8Text } from './utf8-text.js'

const meter: Meter = {
  sample: () => ({ cpu: 0.1, memory: 0.1, disk: 0.1, rxBytesPerS: 0, txBytesPerS: 0 }),
  room: () => ({ memoryBytes: Number.POSITIVE_INFINITY, diskBytes: Number.POSITIVE_INFINITY }),
  inventory: async () => ({
    os: 'linux',
    arch: 'x64',
    cpus: 2,
    memoryBytes: 1024 ** 3,
    gpus: [],
    host: 'sim',
  }),
}

/** A machine that is watched: what it starts is checked before it runs. */
class WatchedMachine extends FakeMachine {
  onSpawn: (start: StartRun) => void = () => undefined

  onSpawned: (process: FakeProcess) => void = () => undefined

  override spawn(start: StartRun): FakeProcess {
    this.onSpawn(start)
    const process = super.spawn(start)
    this.onSpawned(process)
    return process
  }
}

interface Life {
  readonly process: SimProcess
  readonly host: FakeTaskHost
  readonly master: Master
}

export interface SimMachineOptions {
  readonly nodeId: string
  readonly slots: number
  readonly leaders: readonly string[]
  readonly clock: SimClock
  readonly network: SimNetwork
  readonly random: Seeded
  readonly onSpawn: (start: StartRun) => void
}

/** A machine with one master on it; programs and files outlive the master. */
export class SimMachine {
  readonly nodeId: string
  readonly outbox = new OutboxDisk()
  readonly machine: WatchedMachine
  /** Fences of runs whose output is gone for good. */
  readonly lostSpools = new Set<number>()
  /** How often its masters decline a run that they are offered. */
  declineChance = 0
  readonly #options: SimMachineOptions
  /** Nobody starts its master again. */
  isDown = false
  #life: Life | null = null
  #incarnation = 0
  readonly #rate: number
  readonly #warden: SimWarden
  /** A restarted master goes on with what runs; otherwise it ends that as lost. */
  readonly #adopts: boolean

  constructor(options: SimMachineOptions) {
    this.nodeId = options.nodeId
    this.#options = options
    this.#rate = clockRate(options.random)
    this.machine = new WatchedMachine(options.clock)
    const clock = options.clock.view({ skewMs: () => 0, rate: this.#rate, run: (fn) => fn() })
    this.#warden = new SimWarden(this.machine, clock, options.random.fork())
    this.#adopts = options.random.chance(0.75)
    this.machine.onSpawn = options.onSpawn
    this.machine.onSpawned = (process) => this.#warden.spawned(process)
  }

  get isUp(): boolean {
    return this.#life !== null
  }

  get process(): SimProcess | null {
    return this.#life?.process ?? null
  }

  get isLinked(): boolean {
    return this.#life?.master.status().link.phase === 'live'
  }

  /** Nothing runs, and the leader has everything. */
  get isAtRest(): boolean {
    const unacked = this.outbox.entries.some((entry) => !entry.isAcked)
    return this.isLinked && this.machine.processes.size === 0 && !unacked
  }

  start(): void {
    if (this.#life !== null || this.isDown) return
    const { clock, network, random, nodeId, slots, leaders } = this.#options
    const process = new SimProcess(nodeId, clock, this.#rate)
    process.skewMs = random.between(-2_000, 2_000)
    this.#incarnation = Math.max(this.#incarnation + 1, process.clock.wallMs())
    const host = new FakeTaskHost(this.machine, { adopts: this.#adopts })
    const master = createMaster({
      nodeId,
      incarnation: this.#incarnation,
      slots,
      labels: {},
      projectTypes: ['command'],
      leaders,
      url: null,
      version: '1',
      dialer: network.dialer(nodeId, process),
      host,
      outbox: new SimOutbox(this.outbox, process.clock, () => random.between(0.1, 20)),
      meter,
      clock: process.clock,
      random: random.fork().asPort(),
      text: utf8Text,
      log: silentLog,
      onRenewed: (sentAtBootMs) => this.#warden.renewed(sentAtBootMs),
      policy: () => {
        if (this.declineChance === 0 || !random.chance(this.declineChance)) return null
        const retryAfterMs = random.int(0, 3_000)
        return { code: random.pick(['no_memory', 'no_disk', 'policy']), text: 'It says no.', retryAfterMs }
      },
    })
    this.#life = { process, host, master }
    void master.start()
  }

  /** SIGKILL: its programs and spools stay. */
  kill(): void {
    this.#end('killed')
    this.outbox.killed(this.#options.random)
  }

  /** Nothing stays but what was synced. */
  powerCut(): void {
    this.#end('power_cut')
    this.outbox.powerCut(this.#options.random)
    for (const [fence, process] of this.machine.processes) {
      this.machine.kill(process, 'SIGKILL')
      this.lostSpools.add(fence)
    }
    this.machine.processes.clear()
  }

  freeze(): void {
    if (this.#life === null) return
    this.#life.process.freeze()
    this.#options.network.froze(this.#life.process)
  }

  thaw(): void {
    this.#life?.process.thaw()
  }

  #end(how: 'killed' | 'power_cut'): void {
    if (this.#life === null) return
    const { process, host } = this.#life
    this.#life = null
    process.kill()
    host.crash()
    this.#options.network.died(process, how)
  }
}
