import { limits } from '../core/limits.js'
import { type Entity, entityId } from '../core/state.js'
import type { Log } from '../ports/log.js'
import type { Views } from '../ports/store.js'

/**
 * Writes committed entity versions to the views, behind the commit and collapsed: one version per entity a batch.
 * Invariant: a batch covers (fromSeq, toSeq] completely, so views + journal tail ≡ state.
 */
export class Projector {
  readonly #views: Views
  readonly #log: Log
  readonly #onFatal: (reason: string, cause: unknown) => void
  #pending = new Map<string, Entity>()
  #pendingToSeq: number
  #projectedSeq: number
  #keyframeSeq: number
  #keyframeAtMs: number
  #running = false
  #idle: (() => void)[] = []

  constructor(options: {
    views: Views
    log: Log
    projectedSeq: number
    keyframeSeq: number
    nowMs: number
    onFatal: (reason: string, cause: unknown) => void
  }) {
    this.#views = options.views
    this.#log = options.log
    this.#projectedSeq = options.projectedSeq
    this.#pendingToSeq = options.projectedSeq
    this.#keyframeSeq = options.keyframeSeq
    this.#keyframeAtMs = options.nowMs
    this.#onFatal = options.onFatal
  }

  get projectedSeq(): number {
    return this.#projectedSeq
  }

  get keyframeSeq(): number {
    return this.#keyframeSeq
  }

  /** Committed versions, oldest first. */
  add(changed: readonly Entity[], toSeq: number, nowMs: number): void {
    for (const entity of changed) this.#pending.set(`${entity.kind}:${entityId(entity)}`, entity)
    this.#pendingToSeq = toSeq
    if (!this.#running) void this.#run(nowMs)
  }

  /** Resolves when everything added so far is written. */
  settled(): Promise<void> {
    return this.#running ? new Promise((resolve) => this.#idle.push(resolve)) : Promise.resolve()
  }

  async #run(nowMs: number): Promise<void> {
    this.#running = true
    try {
      while (this.#pendingToSeq > this.#projectedSeq) await this.#step(nowMs)
    } catch (failure) {
      this.#onFatal('the views cannot be written', failure)
    }
    this.#running = false
    for (const resolve of this.#idle.splice(0)) resolve()
  }

  async #step(nowMs: number): Promise<void> {
    const batch = new Map(this.#pending)
    const toSeq = this.#pendingToSeq
    // A reader that looks while the batch is on its way still finds it here.
    await this.#views.project({ fromSeq: this.#projectedSeq, toSeq, entities: [...batch.values()] })
    for (const [key, entity] of batch) if (this.#pending.get(key) === entity) this.#pending.delete(key)
    this.#projectedSeq = toSeq
    const isDue = nowMs - this.#keyframeAtMs >= limits.keyframeMs && toSeq > this.#keyframeSeq
    if (isDue || toSeq - this.#keyframeSeq >= limits.keyframeEvents) {
      await this.#views.keyframe(toSeq, nowMs)
      this.#keyframeSeq = toSeq
      this.#keyframeAtMs = nowMs
      this.#log.debug('keyframe made', { seq: toSeq })
    }
  }
}
