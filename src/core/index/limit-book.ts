import { everyKey, limitIdOf } from '../ids.js'
import type { Limit, Rate } from '../run-limits/limit.js'
import { TokenBucket } from '../run-limits/token-bucket.js'
import type { Due, DueHeap } from './due.js'
import { type GateReason, type GateScope, gateId } from './gate.js'

/** A rate in use: of a gate whose bucket is not full. */
interface Flow {
  readonly bucket: TokenBucket
  readonly scope: GateScope
  readonly value: string
  /** Without a token until its due time comes. */
  isDry: boolean
  /** When it is looked at, to be forgotten if it is full. */
  lookAtMs: number
}

/** A start that a rate may count. */
export interface PastStart {
  readonly atMs: number
  readonly scope: GateScope
  readonly value: string
}

/** Limits, how many runs there are behind each gate, and how many starts each rate has left. */
export class LimitBook {
  readonly #limits = new Map<string, Limit>()
  readonly #running = new Map<string, number>()
  readonly #flows = new Map<string, Flow>()
  readonly #due: DueHeap
  /** Told when what a gate lets pass may have changed; `everyKey` = of every key. */
  readonly #onChange: (scope: GateScope, value: string) => void

  constructor(due: DueHeap, onChange: (scope: GateScope, value: string) => void) {
    this.#due = due
    this.#onChange = onChange
  }

  /** Why nothing passes at the moment; null = it may. */
  reasonOf(scope: GateScope, value: string): GateReason | null {
    const limit = this.#limitOf(scope, value)
    if (limit === null) return scope === 'capacity' ? 'capacity_unknown' : null
    if (limit.paused) return 'capacity_paused'
    if (limit.runsMax !== null && this.runningOf(scope, value) >= limit.runsMax) return 'concurrency'
    return this.#flows.get(gateId(scope, value))?.isDry === true ? 'rate' : null
  }

  runningOf(scope: GateScope, value: string): number {
    return this.#running.get(gateId(scope, value)) ?? 0
  }

  get flowsKnown(): number {
    return this.#flows.size
  }

  changed(limit: Limit): void {
    const { scope, value, removed } = limit
    const before = this.#limits.get(limit.limitId)
    if (removed) this.#limits.delete(limit.limitId)
    else this.#limits.set(limit.limitId, limit)
    const isSameRate =
      !removed && before?.rate?.count === limit.rate?.count && before?.rate?.perMs === limit.rate?.perMs
    if (!isSameRate) this.#forgetFlows(scope, value)
    this.#onChange(scope, value)
  }

  /** `by` −1: a run behind the gate is over. */
  count(scope: GateScope, value: string, by: 1 | -1): void {
    const id = gateId(scope, value)
    const running = (this.#running.get(id) ?? 0) + by
    if (running === 0) this.#running.delete(id)
    else this.#running.set(id, running)
    if (this.#limits.size > 0) this.#onChange(scope, value)
  }

  started(scope: GateScope, value: string, atMs: number): void {
    if (this.#limits.size === 0) return
    const rate = this.#limitOf(scope, value)?.rate ?? null
    if (rate === null) return
    const flow = this.#flowOf({ scope, value, atMs }, rate)
    flow.bucket.take(atMs)
    this.#dryIfEmpty(flow, atMs)
    this.#onChange(scope, value)
  }

  /** After a load: what the runs in memory have taken of their rates, so that a restart gives none back. */
  rebuild(starts: readonly PastStart[], nowMs: number): void {
    // Those of live runs were counted as they were loaded, in the order of their last changes.
    this.#flows.clear()
    for (const start of [...starts].sort((a, b) => a.atMs - b.atMs)) {
      const rate = this.#limitOf(start.scope, start.value)?.rate ?? null
      if (rate !== null) this.#flowOf(start, rate).bucket.take(start.atMs)
    }
    for (const flow of this.#flows.values()) {
      this.#dryIfEmpty(flow, nowMs)
      this.#onChange(flow.scope, flow.value)
    }
  }

  /** Whether any limit has a rate: else no start needs to be remembered. */
  get hasRates(): boolean {
    return [...this.#limits.values()].some((limit) => limit.rate !== null)
  }

  /** A flow's due time has come: it has a token again, or is full and forgotten. */
  take(due: Due, nowMs: number): void {
    const flow = this.#flows.get(due.id)
    if (flow === undefined) return
    if (flow.isDry && flow.bucket.hasToken(nowMs)) {
      flow.isDry = false
      this.#onChange(flow.scope, flow.value)
    }
    if (flow.lookAtMs !== due.atMs) return
    if (flow.bucket.fullAtMs <= nowMs) this.#flows.delete(due.id)
    else this.#look(flow, flow.bucket.fullAtMs)
  }

  shift(byMs: number): void {
    for (const flow of this.#flows.values()) {
      flow.bucket.shift(byMs)
      flow.lookAtMs += byMs
    }
  }

  #limitOf(scope: GateScope, value: string): Limit | null {
    const own = this.#limits.get(limitIdOf(scope, value))
    return own ?? (scope === 'key' ? this.#limits.get(limitIdOf('key', everyKey)) : undefined) ?? null
  }

  #flowOf({ scope, value, atMs }: PastStart, rate: Rate): Flow {
    const id = gateId(scope, value)
    const known = this.#flows.get(id)
    if (known !== undefined) return known
    const flow: Flow = { bucket: new TokenBucket(rate), scope, value, isDry: false, lookAtMs: 0 }
    this.#flows.set(id, flow)
    this.#look(flow, atMs + rate.perMs)
    return flow
  }

  #look(flow: Flow, atMs: number): void {
    flow.lookAtMs = atMs
    this.#due.push({ atMs, kind: 'rate', id: gateId(flow.scope, flow.value) })
  }

  #dryIfEmpty(flow: Flow, atMs: number): void {
    if (flow.isDry || flow.bucket.hasToken(atMs)) return
    flow.isDry = true
    this.#due.push({ atMs: flow.bucket.tokenAtMs, kind: 'rate', id: gateId(flow.scope, flow.value) })
  }

  /** Another rate begins full: what was taken of the one before says nothing of it. */
  #forgetFlows(scope: GateScope, value: string): void {
    if (scope !== 'key' || value !== everyKey) {
      this.#flows.delete(gateId(scope, value))
      return
    }
    for (const [id, flow] of this.#flows) {
      if (flow.scope === 'key' && !this.#limits.has(limitIdOf('key', flow.value))) this.#flows.delete(id)
    }
  }
}
