import { limits } from '../core/limits.js'
import type { Clock, Timer } from '../ports/clock.js'
import type { ProgressUpdate, RunRef } from '../ports/node-link.js'
import type { RunUsage } from '../ports/task-host.js'
import type { Uplink } from './uplink.js'

/** A change of memory by more than this part of it is told. */
const memoryChange = 0.05

/**
 * What a run says of itself and uses: told on change, at least limits.progressIntervalMs apart; usage alone at least
 * every limits.meterFloorMs.
 */
export class RunProgress {
  readonly #ref: RunRef
  readonly #clock: Clock
  readonly #uplink: Uplink
  #progress: number | null = null
  #text: string | null = null
  /** The newest partial result, and whether it still has to be told. */
  #partial: { readonly value: unknown; isTold: boolean } | null = null
  #usage: Pick<RunUsage, 'cpuCores' | 'memoryBytes'> = { cpuCores: 0, memoryBytes: 0 }
  #told = { atMs: Number.NEGATIVE_INFINITY, cpuCores: 0, memoryBytes: 0 }
  #timer: Timer | null = null
  pid: number | null = null

  constructor(ref: RunRef, clock: Clock, uplink: Uplink) {
    this.#ref = ref
    this.#clock = clock
    this.#uplink = uplink
  }

  get value(): number | null {
    return this.#progress
  }

  /** null leaves a value as it is. True when something changed. A partial result is new each time. */
  report(progress: number | null, text: string | null, partialJson: string | null = null): boolean {
    const changes =
      partialJson !== null ||
      (progress !== null && progress !== this.#progress) ||
      (text !== null && text !== this.#text)
    if (partialJson !== null) this.#partial = { value: JSON.parse(partialJson), isTold: false }
    this.#progress = progress ?? this.#progress
    this.#text = text ?? this.#text
    this.#tellSoon()
    return changes
  }

  /** A leader is there that may not know the partial result. */
  relink(): void {
    if (this.#partial === null) return
    this.#partial.isTold = false
    this.#tellSoon()
  }

  used(usage: RunUsage): void {
    this.#usage = usage
    const told = this.#told
    const isNews =
      Math.abs(usage.cpuCores - told.cpuCores) > limits.meterChange ||
      Math.abs(usage.memoryBytes - told.memoryBytes) > memoryChange * told.memoryBytes ||
      this.#clock.monotonicMs() - told.atMs >= limits.meterFloorMs
    if (isNews) this.#tellSoon()
  }

  /** The end carries the last value: nothing may follow it. */
  close(): void {
    this.#timer?.cancel()
    this.#timer = null
    for (const key of this.#keys) this.#uplink.dropSample(key)
  }

  /** Of a sample without and with a partial result: of each the newest goes, so neither takes the other's place. */
  get #keys(): readonly [string, string] {
    return [`run.${this.#ref.fence}`, `partial.${this.#ref.fence}`]
  }

  #tellSoon(): void {
    if (this.#timer !== null) return
    const waitMs = this.#told.atMs + limits.progressIntervalMs - this.#clock.monotonicMs()
    if (waitMs <= 0) {
      this.#tell()
      return
    }
    this.#timer = this.#clock.after(waitMs, () => {
      this.#timer = null
      this.#tell()
    })
  }

  #tell(): void {
    const { cpuCores, memoryBytes } = this.#usage
    this.#told = { atMs: this.#clock.monotonicMs(), cpuCores, memoryBytes }
    const update: ProgressUpdate = {
      kind: 'progress',
      ...this.#ref,
      atMs: this.#clock.wallMs(),
      progress: this.#progress,
      text: this.#text,
      pid: this.pid,
      cpuCores,
      memoryBytes,
    }
    const [key, partialKey] = this.#keys
    if (this.#partial === null || this.#partial.isTold) {
      this.#uplink.sample(key, update)
      return
    }
    this.#partial.isTold = true
    // It tells the rest as well.
    this.#uplink.dropSample(key)
    this.#uplink.sample(partialKey, { ...update, partial: { value: this.#partial.value } })
  }
}
