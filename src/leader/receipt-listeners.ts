import type { LogEvent } from '../core/event.js'

/** Who follows a command: told after each commit in which it took a step. */
export class ReceiptListeners {
  readonly #listeners = new Map<string, Set<() => void>>()

  /** The returned function ends it. */
  on(commandId: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(commandId) ?? new Set()
    listeners.add(listener)
    this.#listeners.set(commandId, listeners)
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0) this.#listeners.delete(commandId)
    }
  }

  /** Made right after a turn, to be called once it is committed. */
  tellOf(events: readonly LogEvent[]): () => void {
    const ids = events.filter(({ type }) => type === 'CommandStepped').map(({ entity }) => entity.id)
    return () => {
      for (const id of ids) for (const listener of [...(this.#listeners.get(id) ?? [])]) listener()
    }
  }
}
