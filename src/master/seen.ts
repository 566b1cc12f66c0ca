import { limits } from '../core/limits.js'

/** Remembers the newest limits.masterSeenMax keys with a value each; the oldest are forgotten. */
export class Seen<K, V> {
  readonly #values = new Map<K, V>()

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
    const oldest = this.#values.keys().next()
    if (oldest.done === false) this.#values.delete(oldest.value)
  }
}
