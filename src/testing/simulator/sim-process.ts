import type { Clock } from '../../ports/clock.js'
import type { SimClock } from './sim-clock.js'

/**
 * A process as the simulation sees it: everything that happens in it comes through `run`. A frozen one (stopped, or
 * stalled) does later what came meanwhile; a dead one does nothing any more.
 */
export class SimProcess {
  readonly name: string
  readonly clock: Clock
  skewMs = 0
  readonly #world: SimClock
  #life: 'running' | 'frozen' | 'dead' = 'running'
  #deferred: (() => void)[] = []

  /** `rate`: of its machine's clock, 1 = true. */
  constructor(name: string, world: SimClock, rate: number) {
    this.name = name
    this.#world = world
    this.clock = world.view({ skewMs: () => this.skewMs, rate, run: (fn) => this.run(fn) })
  }

  get isDead(): boolean {
    return this.#life === 'dead'
  }

  get isFrozen(): boolean {
    return this.#life === 'frozen'
  }

  run(fn: () => void): void {
    if (this.#life === 'running') fn()
    else if (this.#life === 'frozen') this.#deferred.push(fn)
  }

  freeze(): void {
    if (this.#life === 'running') this.#life = 'frozen'
  }

  thaw(): void {
    if (this.#life !== 'frozen') return
    this.#life = 'running'
    const deferred = this.#deferred
    this.#deferred = []
    for (const fn of deferred) this.#world.soon(() => this.run(fn))
  }

  kill(): void {
    this.#life = 'dead'
    this.#deferred = []
  }
}
