import { idempotencyIndexKey } from '../core/index/indexes.js'
import { limits } from '../core/limits.js'

/**
 * Filter of idempotency keys whose tasks left memory: only a hit is looked up in the views. Holds the newest
 * limits.retiredKeysKept; it may say yes wrongly (then the views say no), never no wrongly within that bound. Until
 * everything that retired under earlier leaders is loaded, it says yes to every key.
 */
export class RetiredKeys {
  #hashes = new Set<number>()
  /** While it loads: keys that retired since, which are newer than all that is loaded. */
  #newer: Set<number> | null = new Set()

  /** Of a task that retires now. */
  add(clientId: string, key: string): void {
    this.#put(this.#newer ?? this.#hashes, hashOf(clientId, key))
  }

  /** Of a task that retired before, oldest first. */
  load(clientId: string, key: string): void {
    this.#put(this.#hashes, hashOf(clientId, key))
  }

  loaded(): void {
    for (const hash of this.#newer ?? []) this.#put(this.#hashes, hash)
    this.#newer = null
  }

  mayHold(clientId: string, key: string): boolean {
    return this.#newer !== null || this.#hashes.has(hashOf(clientId, key))
  }

  #put(hashes: Set<number>, hash: number): void {
    // Again at the end: it is as new as its newest task.
    hashes.delete(hash)
    hashes.add(hash)
    if (hashes.size <= limits.retiredKeysKept) return
    const oldest = hashes.values().next()
    if (oldest.done !== true) hashes.delete(oldest.value)
  }
}

const hashOf = (clientId: string, key: string): number => hash53(idempotencyIndexKey(clientId, key))

/** Two FNV-1a halves, 53 bit. */
function hash53(text: string): number {
  let low = 0x811c9dc5
  let high = 0xc9dc5118
  for (let position = 0; position < text.length; position += 1) {
    const code = text.charCodeAt(position)
    low = Math.imul(low ^ code, 0x01000193)
    high = Math.imul(high ^ (code + position), 0x01000193)
  }
  return (high >>> 11) * 2 ** 32 + (low >>> 0)
}
