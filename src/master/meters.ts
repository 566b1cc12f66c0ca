import { limits } from '../core/limits.js'
import type { Clock, Timer } from '../ports/clock.js'
import type { Meter } from '../ports/meter.js'
import type { Metrics } from '../ports/node-link.js'
import type { Uplink } from './uplink.js'

const fractions = ['cpu', 'memory', 'disk'] as const

/**
 * The machine's meters: read every limits.meterIntervalMs while there is a leader, pushed when a fraction changed by
 * more than limits.meterChange, and every limits.meterFloorMs [LV6].
 */
export class Meters {
  readonly #meter: Meter
  readonly #clock: Clock
  readonly #uplink: Uplink
  #timer: Timer | null = null
  #pushed: { readonly metrics: Metrics; readonly atMs: number } | null = null

  constructor(meter: Meter, clock: Clock, uplink: Uplink) {
    this.#meter = meter
    this.#clock = clock
    this.#uplink = uplink
  }

  /** A leader is there: it hears the present values at once. */
  start(): void {
    this.stop()
    this.#read()
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = null
    this.#pushed = null
  }

  #read(): void {
    this.#timer = this.#clock.after(limits.meterIntervalMs, () => this.#read())
    const metrics = this.#meter.sample()
    const nowMs = this.#clock.monotonicMs()
    if (this.#pushed !== null && !isNews(this.#pushed.metrics, metrics)) {
      if (nowMs - this.#pushed.atMs < limits.meterFloorMs) return
    }
    this.#pushed = { metrics, atMs: nowMs }
    this.#uplink.sample('metrics', { kind: 'metrics', atMs: this.#clock.wallMs(), ...metrics })
  }
}

const isNews = (told: Metrics, now: Metrics): boolean =>
  fractions.some((name) => Math.abs(told[name] - now[name]) > limits.meterChange)
