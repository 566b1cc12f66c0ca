import { limits } from '../core/limits.js'
import type { NumberedCommand, WantedCommand } from '../ports/node-link.js'

/**
 * The leader's numbered commands to one node: kept until acked, replayed to a session that resumes.
 * Invariant: ackedSeq ≤ lastSeq; the ring holds the newest limits.linkReplayCommandsMax of (ackedSeq, lastSeq].
 */
export class CommandRing {
  #ring: NumberedCommand[] = []
  #lastSeq = 0

  get lastSeq(): number {
    return this.#lastSeq
  }

  number(command: WantedCommand): NumberedCommand {
    this.#lastSeq += 1
    const numbered = { ...command, commandSeq: this.#lastSeq }
    this.#ring.push(numbered)
    if (this.#ring.length > limits.linkReplayCommandsMax) this.#ring.shift()
    return numbered
  }

  acked(commandSeq: number): void {
    const keep = this.#ring.findIndex((command) => command.commandSeq > commandSeq)
    this.#ring = keep === -1 ? [] : this.#ring.slice(keep)
  }

  /** Everything after `commandSeq`, or null when that cannot be told any more: then a full sync is due. */
  after(commandSeq: number): readonly NumberedCommand[] | null {
    if (commandSeq > this.#lastSeq) return null
    const rest = this.#ring.filter((command) => command.commandSeq > commandSeq)
    return rest.length === this.#lastSeq - commandSeq ? rest : null
  }
}
