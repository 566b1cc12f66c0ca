import { limits } from '../core/limits.js'
import type { Text } from '../ports/text.js'

/** One line of a stream: bytes [offset, nextOffset), its end included. */
export interface SplitLine {
  readonly offset: number
  readonly nextOffset: number
  readonly text: string
}

const newline = 0x0a
const carriageReturn = 0x0d
const nothing = new Uint8Array(0)

/**
 * Cuts a stream of bytes into lines, the same ones however the bytes are chunked. A line over the limit is cut before
 * it, never inside a character. What a carriage return overwrites is not shown, as on a terminal. Text that is not
 * UTF-8 gets replacement characters; offsets stay those of the bytes.
 */
export class LineSplitter {
  readonly #text: Text
  readonly #lineBytesMax: number
  /** Bytes that are no line yet, and where they start. */
  #pending: Uint8Array = nothing
  #offset = 0
  /** The line before was flushed without its end: an end that follows at once belongs to it. */
  #afterFlush = false

  constructor(text: Text, lineBytesMax: number = limits.lineBytesMax) {
    this.#text = text
    this.#lineBytesMax = lineBytesMax
  }

  /** Every byte before it is in a line that was given out. */
  get consumedOffset(): number {
    return this.#offset
  }

  /** Where the next bytes must start. */
  get position(): number {
    return this.#offset + this.#pending.length
  }

  get hasPending(): boolean {
    return this.#pending.length > 0
  }

  /** Forgets what is pending and goes on at `offset`. */
  reset(offset: number): void {
    this.#offset = offset
    this.#pending = nothing
    this.#afterFlush = false
  }

  push(bytes: Uint8Array): SplitLine[] {
    const all = joined(this.#pending, bytes)
    const lines: SplitLine[] = []
    let start = 0
    for (;;) {
      const end = all.indexOf(newline, start)
      const length = (end < 0 ? all.length : end) - start
      if (length > this.#lineBytesMax) {
        const cut = cutBefore(all, start + this.#lineBytesMax)
        this.#give(lines, all.subarray(start, cut), cut - start)
        start = cut
      } else if (end >= 0) {
        this.#give(lines, all.subarray(start, end), length + 1)
        start = end + 1
      } else {
        // A copy, so that a short rest does not hold a whole chunk.
        this.#pending = start === all.length ? nothing : all.slice(start)
        return lines
      }
    }
  }

  /** Gives out what is pending as a line; unless it is the `last`, a character that is not complete stays. */
  flush(options: { readonly last: boolean }): SplitLine | null {
    const all = this.#pending
    const cut = options.last ? all.length : completeLength(all)
    if (cut === 0) return null
    const lines: SplitLine[] = []
    this.#give(lines, all.subarray(0, cut), cut)
    this.#pending = all.slice(cut)
    this.#afterFlush = true
    return lines[0] ?? null
  }

  #give(lines: SplitLine[], content: Uint8Array, length: number): void {
    const offset = this.#offset
    this.#offset += length
    const text = this.#text.decode(shown(content))
    const belongsToLast = this.#afterFlush && text === ''
    this.#afterFlush = false
    if (!belongsToLast) lines.push({ offset, nextOffset: this.#offset, text })
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second
  const all = new Uint8Array(first.length + second.length)
  all.set(first)
  all.set(second, first.length)
  return all
}

/** What a terminal would show at the end. */
function shown(content: Uint8Array): Uint8Array {
  let end = content.length
  while (end > 0 && content[end - 1] === carriageReturn) end -= 1
  const start = end === 0 ? 0 : content.lastIndexOf(carriageReturn, end - 1) + 1
  return content.subarray(start, end)
}

const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80

/** The last place at or before `at` that is not inside a character; `at` itself when the bytes are not UTF-8. */
function cutBefore(bytes: Uint8Array, at: number): number {
  for (let cut = at; cut > at - 4 && cut > 0; cut -= 1) if (!isContinuation(bytes[cut])) return cut
  return at
}

/** Length without a character at the end that has only begun. */
function completeLength(bytes: Uint8Array): number {
  const end = bytes.length
  for (let back = 1; back <= 3 && back <= end; back += 1) {
    const byte = bytes[end - back] ?? 0
    if (isContinuation(byte)) continue
    const needs = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
    return needs > back ? end - back : end
  }
  return end
}
