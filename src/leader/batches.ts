import { ControlError } from '../core/errors.js'
import type { Answer, UserCommand } from '../core/input.js'
import { limits } from '../core/limits.js'
import type { BatchIntake, Caller } from '../ports/control-plane.js'
import type { Random } from '../ports/random.js'
import type { WorkBodies } from '../ports/work-bodies.js'
import { LeaderBatchIntake } from './batch-intake.js'
import type { Gate } from './gate.js'
import { WorkReads } from './work-reads.js'
import { WorkRunner, type WorkRunnerOptions } from './work-runner.js'

export interface BatchesOptions extends WorkRunnerOptions {
  readonly bodies: WorkBodies
  readonly random: Random
  readonly gate: Gate
  readonly execute: (caller: Caller, command: UserCommand) => Promise<Answer>
}

/** Batches and bulk acts on the leader: how they come in, go on, and are looked at. */
export class Batches {
  readonly reads: WorkReads
  readonly runner: WorkRunner
  readonly #options: BatchesOptions
  #intakes = 0

  constructor(options: BatchesOptions) {
    this.#options = options
    this.reads = new WorkReads(options)
    this.runner = new WorkRunner(options)
  }

  intake(caller: Caller): BatchIntake {
    const { bodies, random, execute } = this.#options
    if (this.#intakes >= limits.batchIntakesMax) {
      throw new ControlError(
        'resource_exhausted',
        `${limits.batchIntakesMax} batches are coming in; try again`,
      )
    }
    this.#intakes += 1
    const onOver = (): void => {
      this.#intakes -= 1
    }
    return new LeaderBatchIntake({ bodies, random, execute: (command) => execute(caller, command), onOver })
  }

  /** A turn is committed. */
  committed(): void {
    this.runner.committed()
    this.reads.committed()
  }
}
