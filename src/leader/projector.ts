import type { ConfigEvent } from '../core/config/config-event.js'
import { limits } from '../core/limits.js'
import { type Entity, entityId } from '../core/state.js'
import type { Clock, Timer } from '../ports/clock.js'
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
  /** In order; all of them are written, for each says what changed. */
  #configEvents: ConfigEvent[] = []
  #pendingToSeq: number
  #projectedSeq: number
  #keyframeSeq: number
  readonly #keptMs: () => number
  #keyframeAtMs: number
  readonly #clock: Clock
  #phase: 'idle' | 'writing' | 'pausing' = 'idle'
  #pause: { readonly timer: Timer; readonly over: () => void } | null = null
  #hurry = false
  #idle: (() => void)[] = []
  /** Readers that want what they know of to be written first. */
  #waiting: { readonly seq: number; readonly resolve: () => void }[] = []

  constructor(options: {
    views: Views
    log: Log
    clock: Clock
    projectedSeq: number
    keyframeSeq: number
    /** How long keyframes are kept. */
    keptMs: () => number
    onFatal: (reason: string, cause: unknown) => void
  }) {
    this.#views = options.views
    this.#log = options.log
    this.#projectedSeq = options.projectedSeq
    this.#pendingToSeq = options.projectedSeq
    this.#keyframeSeq = options.keyframeSeq
    this.#keptMs = options.keptMs
    this.#clock = options.clock
    this.#keyframeAtMs = options.clock.wallMs()
    this.#onFatal = options.onFatal
  }

  get projectedSeq(): number {
    return this.#projectedSeq
  }

  get keyframeSeq(): number {
    return this.#keyframeSeq
  }

  /** Committed versions, oldest first. The first batch after a rest goes at once, further ones gather for a pause. */
  add(changed: readonly Entity[], toSeq: number, configEvents: readonly ConfigEvent[] = []): void {
    for (const event of configEvents) this.#configEvents.push(event)
    for (const entity of changed) this.#pending.set(`${entity.kind}:${entityId(entity)}`, entity)
    this.#pendingToSeq = toSeq
    if (this.#phase === 'idle') void this.#run()
  }

  /** Resolves when everything up to this committed seq is written, without a pause. */
  through(seq: number): Promise<void> {
    if (this.#projectedSeq >= seq) return Promise.resolve()
    return new Promise((resolve) => {
      this.#waiting.push({ seq, resolve })
      this.#pause?.over()
    })
  }

  /** Resolves when everything added so far is written, without a pause. */
  settled(): Promise<void> {
    this.#hurry = true
    this.#pause?.over()
    return this.#phase === 'idle' ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve))
  }

  async #run(): Promise<void> {
    try {
      while (this.#pendingToSeq > this.#projectedSeq) {
        this.#phase = 'writing'
        await this.#step()
        if (!this.#hurry && this.#waiting.length === 0) await this.#rest()
      }
    } catch (failure) {
      this.#onFatal('the views cannot be written', failure)
    }
    this.#phase = 'idle'
    for (const resolve of this.#idle.splice(0)) resolve()
  }

  /** Versions of one entity collapse meanwhile, so the views cost little under load. */
  #rest(): Promise<void> {
    this.#phase = 'pausing'
    return new Promise((resolve) => {
      const over = (): void => {
        this.#pause?.timer.cancel()
        this.#pause = null
        resolve()
      }
      this.#pause = { timer: this.#clock.after(limits.projectorPauseMs, over), over }
    })
  }

  async #step(): Promise<void> {
    const batch = new Map(this.#pending)
    const toSeq = this.#pendingToSeq
    // A reader that looks while the batch is on its way still finds it here.
    const configEvents = [...this.#configEvents]
    const entities = [...batch.values()]
    await this.#views.project({ fromSeq: this.#projectedSeq, toSeq, entities, configEvents })
    this.#configEvents.splice(0, configEvents.length)
    for (const [key, entity] of batch) if (this.#pending.get(key) === entity) this.#pending.delete(key)
    this.#projectedSeq = toSeq
    this.#tellReaders()
    const nowMs = this.#clock.wallMs()
    if (this.#isKeyframeDue(toSeq - this.#keyframeSeq, nowMs - this.#keyframeAtMs)) {
      await this.#views.keyframe(toSeq, nowMs, this.#keptMs())
      this.#keyframeSeq = toSeq
      this.#keyframeAtMs = nowMs
      this.#log.debug('keyframe made', { seq: toSeq })
    }
  }

  #tellReaders(): void {
    const ready = this.#waiting.filter(({ seq }) => seq <= this.#projectedSeq)
    this.#waiting = this.#waiting.filter(({ seq }) => seq > this.#projectedSeq)
    for (const { resolve } of ready) resolve()
  }

  #isKeyframeDue(events: number, ageMs: number): boolean {
    if (events >= limits.keyframeEvents) return ageMs >= limits.keyframeMsMin
    return events > 0 && ageMs >= limits.keyframeMs
  }
}
