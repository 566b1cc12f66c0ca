import { type LeaseClass, leaseTimes } from '../../core/runs/lease.js'
import type { Clock, Timer } from '../../ports/clock.js'
import type {
  LeaderChannel,
  LeaderChannelEvents,
  LeaderCommand,
  LeaderDialer,
} from '../../ports/node-link.js'
import type { FakeMachine } from '../fake-machine.js'
import type { Seeded } from './seeded.js'

/** It gets CPU within this time. */
const lateMsMax = 1_000

/**
 * What stands beside a master and outlives it: kills every run whose lease ran out, also while its master stands still or
 * is dead. It knows what the master was told, and the machine's clock.
 */
export class SimWarden {
  readonly #machine: FakeMachine
  readonly #clock: Clock
  readonly #random: Seeded
  readonly #classes = new Map<number, LeaseClass>()
  /** Newest renewal that was granted. */
  #sentAtMs = Number.NEGATIVE_INFINITY
  #timer: Timer | null = null

  constructor(machine: FakeMachine, clock: Clock, random: Seeded) {
    this.#machine = machine
    this.#clock = clock
    this.#random = random
  }

  /** The master's dialer; the warden hears what the master hears. */
  listening(dialer: LeaderDialer): LeaderDialer {
    return {
      dial: (address, events): LeaderChannel => dialer.dial(address, this.#heard(events)),
    }
  }

  /** A program was started. */
  spawned(): void {
    this.#clock.soon(() => this.#watch())
  }

  #heard(events: LeaderChannelEvents): LeaderChannelEvents {
    return {
      onOpen: () => events.onOpen(),
      onClose: (reason, options) => events.onClose(reason, options),
      onCommands: (commands) => {
        for (const command of commands) this.#hear(command)
        events.onCommands(commands)
      },
    }
  }

  #hear(command: LeaderCommand): void {
    if (command.kind === 'task_request' && command.onDisconnect !== 'keep') {
      this.#classes.set(command.fence, command.leaseClass)
    } else if (command.kind === 'lease') {
      this.#sentAtMs = Math.max(this.#sentAtMs, command.sentAtMs)
      this.#watch()
    }
  }

  #watch(): void {
    this.#timer?.cancel()
    this.#timer = null
    const nowMs = this.#clock.monotonicMs()
    let nextMs = Number.POSITIVE_INFINITY
    for (const process of this.#machine.processes.values()) {
      const leaseClass = this.#classes.get(process.start.fence)
      if (leaseClass === undefined || process.exit !== null) continue
      const killAtMs = this.#sentAtMs + leaseTimes[leaseClass].killMs
      if (killAtMs <= nowMs) this.#machine.kill(process, 'SIGKILL')
      else nextMs = Math.min(nextMs, killAtMs)
    }
    if (nextMs === Number.POSITIVE_INFINITY) return
    const waitMs = nextMs - nowMs + this.#random.between(0, lateMsMax)
    this.#timer = this.#clock.after(waitMs, () => this.#watch())
  }
}
