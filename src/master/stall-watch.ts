import { limits } from '../core/limits.js'

export type Verdict = 'silent' | 'repeated_line'

/** When a line was seen last, newest at the end; at most limits.stallRepeatedLines times. */
type Sightings = number[]

/**
 * Says whether one run still gets on. Times are monotonic ms.
 * `silent`: no output, no reported progress and no CPU of the tree for the whole limit [SL1].
 * `repeated_line`: no line that is new for the whole limit, and one of the old ones at least limits.stallRepeatedLines
 * times in it [SL2]. A slow regular printer is neither [SL6].
 */
export class StallWatch {
  readonly #limitMs: number
  #activeMs: number
  #newLineMs: number
  #cpu: { readonly cpuMs: number; readonly atMs: number }
  /** The lines known as old, least recently seen first; at most limits.stallKnownLines. */
  readonly #known = new Map<string, Sightings>()

  constructor(limitMs: number, nowMs: number) {
    this.#limitMs = limitMs
    this.#activeMs = nowMs
    this.#newLineMs = nowMs
    this.#cpu = { cpuMs: 0, atMs: nowMs }
  }

  /** Bytes of output, or progress that the program reported. */
  active(nowMs: number): void {
    this.#activeMs = nowMs
  }

  /** Something that was not seen before: a paused run goes on, or its progress moved. */
  gotOn(nowMs: number): void {
    this.#activeMs = nowMs
    this.#newLineMs = nowMs
    this.#known.clear()
  }

  line(text: string, nowMs: number): void {
    if (text.trim() === '') return
    const seen = this.#known.get(text)
    this.#known.delete(text)
    if (seen === undefined) {
      this.#newLineMs = nowMs
      const oldest = this.#known.keys().next()
      if (this.#known.size >= limits.stallKnownLines && oldest.done === false)
        this.#known.delete(oldest.value)
    }
    const sightings = [...(seen ?? []), nowMs].slice(-limits.stallRepeatedLines)
    this.#known.set(text, sightings)
  }

  /** CPU time that the tree used so far. What counts is its growth since a look at least one check interval ago. */
  cpu(cpuMs: number, nowMs: number): void {
    if (cpuMs - this.#cpu.cpuMs >= limits.stallCpuMs) {
      this.#activeMs = nowMs
      this.#cpu = { cpuMs, atMs: nowMs }
    } else if (nowMs - this.#cpu.atMs >= limits.stallCheckIntervalMs) {
      this.#cpu = { cpuMs, atMs: nowMs }
    }
  }

  verdict(nowMs: number): Verdict | null {
    if (nowMs - this.#activeMs >= this.#limitMs) return 'silent'
    if (nowMs - this.#newLineMs < this.#limitMs) return null
    const isRepeated = [...this.#known.values()].some(
      (sightings) =>
        sightings.length >= limits.stallRepeatedLines && nowMs - (sightings[0] ?? 0) <= this.#limitMs,
    )
    return isRepeated ? 'repeated_line' : null
  }

  /** Ms since the last sign that the run got on. */
  idleMs(verdict: Verdict, nowMs: number): number {
    return nowMs - (verdict === 'silent' ? this.#activeMs : this.#newLineMs)
  }

  /** The next moment after `nowMs` at which a verdict may come, if nothing happens until then. */
  dueMs(nowMs: number): number {
    const dues = [this.#activeMs + this.#limitMs, this.#newLineMs + this.#limitMs]
    return Math.min(...dues.filter((dueMs) => dueMs > nowMs))
  }
}
