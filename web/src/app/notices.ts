import type { Observable } from '../ui/observable.js'
import type { MarkState } from '../ui/state-mark.js'

/** A sentence about what an act of this page came to; the tray shows it for a while. */
export interface PageNotice {
  readonly id: number
  readonly text: string
  readonly state: MarkState
  readonly atMs: number
}

/** Older ones are dropped. */
const noticesMax = 3

class Notices implements Observable<readonly PageNotice[]> {
  #notices: readonly PageNotice[] = []
  #count = 0
  readonly #listeners = new Set<() => void>()

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
  readonly read = (): readonly PageNotice[] => this.#notices

  say(text: string, state: MarkState): void {
    this.#count += 1
    const notice = { id: this.#count, text, state, atMs: Date.now() }
    this.#notices = [...this.#notices, notice].slice(-noticesMax)
    for (const listener of this.#listeners) listener()
  }
}

/** The page's notices. */
export const notices = new Notices()
