import { bounds } from './bounds.js'
import type { Line, LineDelta, Sample } from './protocol.js'

/** Something React can watch with useSyncExternalStore: the snapshot is the same object until it changes. */
export interface Observable<T> {
  subscribe(listener: () => void): () => void
  read(): T
}

/** One stream of lines as a screen shows it. */
export interface ShownLines {
  readonly lines: readonly Line[]
  /** Lines dropped at the start because the stream is longer than bounds.linesShown. */
  readonly dropped: number
  /** Lines that came faster than they could be shown. */
  readonly skipped: number
  /** Nothing older is left on the leader. */
  readonly complete: boolean
  /** False until the first delta: it is not known whether there are lines. */
  readonly known: boolean
}
const noLines: ShownLines = { lines: [], dropped: 0, skipped: 0, complete: false, known: false }

class Cell<T> implements Observable<T> {
  #value: T
  readonly #listeners = new Set<() => void>()

  constructor(value: T) {
    this.#value = value
  }
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
  readonly read = (): T => this.#value
  write(value: T): void {
    this.#value = value
    for (const listener of this.#listeners) listener()
  }
}

/** Streams of lines by key, at most bounds.linesShown each. */
export class LineRings {
  readonly #cells = new Map<string, Cell<ShownLines>>()

  of(key: string): Observable<ShownLines> {
    return this.#cell(key)
  }

  take(deltas: Readonly<Record<string, LineDelta>>): void {
    for (const [key, delta] of Object.entries(deltas)) {
      const before = delta.reset ? noLines : this.#cell(key).read()
      const all = [...delta.older, ...before.lines, ...delta.newer]
      const over = Math.max(0, all.length - bounds.linesShown)
      this.#cell(key).write({
        lines: over === 0 ? all : all.slice(over),
        dropped: before.dropped + over,
        skipped: before.skipped + delta.skipped,
        complete: delta.complete,
        known: true,
      })
    }
  }

  /** Forgets a stream that left the screen. */
  drop(key: string): void {
    this.#cells.get(key)?.write(noLines)
    this.#cells.delete(key)
  }

  #cell(key: string): Cell<ShownLines> {
    const cell = this.#cells.get(key) ?? new Cell(noLines)
    this.#cells.set(key, cell)
    return cell
  }
}

const noSamples: readonly Sample[] = []

/** The last bounds.samplesPerWorker samples of each master, oldest first. */
export class SampleRings {
  readonly #cells = new Map<string, Cell<readonly Sample[]>>()

  of(workerId: string): Observable<readonly Sample[]> {
    return this.#cell(workerId)
  }

  take(samples: readonly Sample[]): void {
    for (const sample of samples) {
      const cell = this.#cell(sample.workerId)
      cell.write([...cell.read(), sample].slice(-bounds.samplesPerWorker))
    }
  }

  clear(): void {
    for (const cell of this.#cells.values()) cell.write(noSamples)
  }

  #cell(workerId: string): Cell<readonly Sample[]> {
    const cell = this.#cells.get(workerId) ?? new Cell(noSamples)
    this.#cells.set(workerId, cell)
    return cell
  }
}
