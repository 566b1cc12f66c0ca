import { ControlError } from '../core/errors.js'
import type { NumberedUpdate } from '../ports/node-link.js'
import type { Outbox } from '../ports/outbox.js'

/**
 * Outbox in memory. It keeps what is written apart from what is flushed: `after('kill')` is what a successor of a killed
 * process finds, `after('power cut')` what is left when un-synced writes are gone.
 */
export class MemoryOutbox implements Outbox {
  readonly #backlog: readonly NumberedUpdate[]
  #written: NumberedUpdate[]
  #synced: NumberedUpdate[]
  /** Updates that fit; a further one is refused. */
  capacity = Number.POSITIVE_INFINITY

  constructor(backlog: readonly NumberedUpdate[] = []) {
    this.#backlog = backlog
    this.#written = [...backlog]
    this.#synced = [...backlog]
  }

  backlog(): readonly NumberedUpdate[] {
    return this.#backlog
  }

  put(update: NumberedUpdate): void {
    if (this.#written.length >= this.capacity)
      throw new ControlError('resource_exhausted', 'The outbox is full.')
    this.#written.push(update)
  }

  async flush(): Promise<void> {
    this.#synced = [...this.#written]
  }

  acked(incarnation: number, uplinkSeq: number): void {
    const isKept = (one: NumberedUpdate): boolean =>
      one.incarnation !== incarnation || one.uplinkSeq > uplinkSeq
    this.#written = this.#written.filter(isKept)
    this.#synced = this.#synced.filter(isKept)
  }

  async close(): Promise<void> {}

  after(end: 'kill' | 'power cut'): MemoryOutbox {
    return new MemoryOutbox(end === 'kill' ? this.#written : this.#synced)
  }
}
