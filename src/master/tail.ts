import { limits } from '../core/limits.js'
import type { Text } from '../ports/text.js'

/** The newest lines of a run, both streams as they came, at most `bytesMax` in all. */
export class Tail {
  readonly #text: Text
  readonly #bytesMax: number
  readonly #lines: string[] = []
  /** Characters in `#lines`, one more for each line's end. */
  #length = 0

  constructor(text: Text, bytesMax: number = limits.tailBytesMax) {
    this.#text = text
    this.#bytesMax = bytesMax
  }

  push(text: string): void {
    this.#lines.push(text)
    this.#length += text.length + 1
    for (let first = this.#lines[0]; first !== undefined; first = this.#lines[0]) {
      const rest = this.#length - first.length - 1
      // A character is at least one byte: what stays is at least what fits.
      if (rest < this.#bytesMax) break
      this.#lines.shift()
      this.#length = rest
    }
  }

  /** The newest `count` lines. */
  newest(count: number): readonly string[] {
    return this.#lines.slice(-count)
  }

  /** At most `bytesMax` bytes as UTF-8, cut at its beginning. */
  text(): string {
    const bytes = this.#text.encode(this.#lines.join('\n'))
    if (bytes.length <= this.#bytesMax) return this.#text.decode(bytes)
    let start = bytes.length - this.#bytesMax
    while (start < bytes.length && ((bytes[start] ?? 0) & 0xc0) === 0x80) start += 1
    return this.#text.decode(bytes.subarray(start))
  }
}
