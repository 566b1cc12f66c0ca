import type { Clock } from '../../ports/clock.js'
import { LeaseDeadlines } from '../../warden/lease-deadlines.js'
import type { FakeMachine, FakeProcess } from '../fake-machine.js'
import type { Seeded } from './seeded.js'

/** It gets CPU within this time. */
const lateMsMax = 1_000

/**
 * What stands beside a master and outlives it: kills every run whose lease ran out by the warden's own rules, also while
 * its master stands still or is dead. It knows what its master tells it, and the machine's clock.
 */
export class SimWarden {
  readonly #machine: FakeMachine
  readonly #clock: Clock
  readonly #random: Seeded
  readonly #deadlines: LeaseDeadlines

  constructor(machine: FakeMachine, clock: Clock, random: Seeded) {
    this.#machine = machine
    this.#clock = clock
    this.#random = random
    this.#deadlines = new LeaseDeadlines(clock, (fence, graceMs) => this.#over(fence, graceMs))
  }

  /** A program was started. */
  spawned({ start }: FakeProcess): void {
    this.#forgetEnded()
    this.#deadlines.hold(start.fence, start.terms)
  }

  /** The master says that a renewal that was sent then was granted. */
  renewed(sentAtBootMs: number): void {
    this.#forgetEnded()
    this.#deadlines.renewed(sentAtBootMs)
  }

  #over(fence: number, graceMs: number): void {
    this.#clock.after(graceMs + this.#random.between(0, lateMsMax), () => {
      const process = this.#machine.processes.get(fence)
      if (process !== undefined) this.#machine.kill(process, 'SIGKILL')
    })
  }

  #forgetEnded(): void {
    for (const { start, exit } of this.#machine.history) if (exit !== null) this.#deadlines.drop(start.fence)
  }
}
