import { sizeText } from '../contract/size.js'
import { limits } from '../core/limits.js'
import type { DeclineCode } from '../core/tasks/task.js'
import type { Clock } from '../ports/clock.js'
import type { Room } from '../ports/meter.js'
import type { TaskRequest } from '../ports/node-link.js'

/** Why a run is not taken now. */
export interface Refusal {
  readonly code: DeclineCode
  readonly text: string
  /** The like may be offered again after this, ms. */
  readonly retryAfterMs: number
}

export interface AdmissionOptions {
  readonly clock: Clock
  readonly room: () => Room
  /** Kept free, bytes; 0 = not looked at. */
  readonly floors: Room
  /** The master's own say beside these; null = it takes the run. Default: it takes all. */
  readonly policy?: (request: TaskRequest) => Refusal | null
}

/**
 * [OF4] Whether this machine can take one more run: free memory and disk, which the leader does not know, against what the
 * task needs and the floors. Looks at most once in limits.roomLookMs; what it let in since then counts as taken.
 */
export class Admission {
  readonly #options: AdmissionOptions
  #room: Room | null = null
  #lookedAtMs = Number.NEGATIVE_INFINITY
  #promisedBytes = 0

  constructor(options: AdmissionOptions) {
    this.#options = options
  }

  /** null: it is taken, and its memory is promised. */
  refusal(request: TaskRequest): Refusal | null {
    const { floors, policy } = this.#options
    const { memoryBytes } = request
    if (memoryBytes > 0 || floors.memoryBytes > 0 || floors.diskBytes > 0) {
      const refusal = this.#noMemory(memoryBytes) ?? this.#noDisk()
      if (refusal !== null) return refusal
    }
    const refusal = policy?.(request) ?? null
    if (refusal === null) this.#promisedBytes += memoryBytes
    return refusal
  }

  #noMemory(needsBytes: number): Refusal | null {
    const floorBytes = this.#options.floors.memoryBytes
    if (needsBytes === 0 && floorBytes === 0) return null
    const freeBytes = Math.max(0, this.#look().memoryBytes - this.#promisedBytes)
    if (freeBytes >= needsBytes + floorBytes) return null
    const needs = needsBytes === 0 ? '' : `the task needs ${sizeText(needsBytes)} and `
    const text = `${sizeText(freeBytes)} of memory are free; ${needs}${sizeText(floorBytes)} are to stay free.`
    return { code: 'no_memory', text, retryAfterMs: limits.declineRetryMsDefault }
  }

  #noDisk(): Refusal | null {
    const floorBytes = this.#options.floors.diskBytes
    const freeBytes = this.#look().diskBytes
    if (freeBytes >= floorBytes) return null
    const text = `${sizeText(freeBytes)} of disk are free; ${sizeText(floorBytes)} are to stay free.`
    return { code: 'no_disk', text, retryAfterMs: limits.declineRetryMsDefault }
  }

  #look(): Room {
    const { clock, room } = this.#options
    const nowMs = clock.monotonicMs()
    if (this.#room === null || nowMs - this.#lookedAtMs >= limits.roomLookMs) {
      this.#room = room()
      this.#lookedAtMs = nowMs
      this.#promisedBytes = 0
    }
    return this.#room
  }
}
