import { bounds } from './bounds.js'

/** Gaps that are remembered; the longest of them counts. */
const gapsHeld = 4
/** Silence is strange when it lasts so many times longer than the longest gap. */
const strangeFactor = 3

/**
 * How long silence is normal on this link: where news come every second, a few silent ones are worth a question; an
 * idle fleet is asked as seldom as the bounds allow.
 */
export class Silence {
  #gaps: readonly number[] = []
  #newsAtMs: number | null = null

  /** Something new came. */
  news(nowMs: number): void {
    this.#note(nowMs)
    this.#newsAtMs = nowMs
  }

  /** The other end answered that there is nothing new: this silence was normal. */
  confirmed(nowMs: number): void {
    this.#note(nowMs)
  }

  /** Of another link nothing is known. */
  reset(): void {
    this.#gaps = []
    this.#newsAtMs = null
  }

  get normalMs(): number {
    if (this.#gaps.length < gapsHeld) return bounds.quietMs
    const longest = Math.max(...this.#gaps)
    return Math.min(bounds.quietMs, Math.max(bounds.quietMsMin, longest * strangeFactor))
  }

  #note(nowMs: number): void {
    if (this.#newsAtMs === null) return
    this.#gaps = [...this.#gaps, nowMs - this.#newsAtMs].slice(-gapsHeld)
  }
}
