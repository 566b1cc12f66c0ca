import { limits } from '../core/limits.js'

/** Remembers the newest limits.masterSeenMax keys with a value each; the oldest are forgotten. */
export class Seen<K, V> {
  readonly #values = new Map<K, V>()
  /** Stands before the oldest key: a new iterator would step over the holes of all that were forgotten lately. */
  readonly #oldest = this.#values.keys()

  get(key: K): V | undefined {
    return this.#values.get(key)
  }

  has(key: K): boolean {
    return this.#values.has(key)
  }

  set(key: K, value: V): void {
    this.#values.delete(key)
    this.#values.set(key, value)
    if (this.#values.size <= limits.masterSeenMax) return
    const oldest = this.#oldest.next()
    if (oldest.done === false) this.#values.delete(oldest.value)
  }
}
