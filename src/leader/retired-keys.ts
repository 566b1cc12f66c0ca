import { idempotencyIndexKey } from '../core/index/indexes.js'
import { limits } from '../core/limits.js'

/**
 * Filter of idempotency keys whose tasks left memory: only a hit is looked up in the views. Holds the newest
 * limits.retiredKeysKept; it may say yes wrongly (then the views say no), never no wrongly within that bound.
 */
export class RetiredKeys {
  readonly #hashes = new Set<number>()

  add(clientId: string, key: string): void {
    this.#hashes.add(hash53(idempotencyIndexKey(clientId, key)))
    if (this.#hashes.size <= limits.retiredKeysKept) return
    const oldest = this.#hashes.values().next()
    if (oldest.done !== true) this.#hashes.delete(oldest.value)
  }

  mayHold(clientId: string, key: string): boolean {
    return this.#hashes.has(hash53(idempotencyIndexKey(clientId, key)))
  }
}

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
