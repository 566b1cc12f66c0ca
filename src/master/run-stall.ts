import { limits } from '../core/limits.js'
import type { StallKind } from '../core/runs/run.js'
import type { Clock } from '../ports/clock.js'
import type { RunRef } from '../ports/node-link.js'
import type { RunUsage, TaskHost } from '../ports/task-host.js'
import { StallWatch, type Verdict } from './stall-watch.js'
import type { Uplink } from './uplink.js'

export interface RunStallOptions {
  readonly ref: RunRef
  /** 0 = off. */
  readonly stallAfterMs: number
  readonly stdinOpen: boolean
  readonly clock: Clock
  readonly host: TaskHost
  readonly uplink: Uplink
  readonly newestLines: (count: number) => readonly string[]
}

/**
 * The stall watch of one run: raises once, with evidence, and clears by itself when the run gets on [SL5]. It watches
 * while the run is running only: a paused one neither stalls nor is stalled [SL7].
 */
export class RunStall {
  readonly #options: RunStallOptions
  #watch: StallWatch | null = null
  /** Its evidence is being gathered. */
  #raising: Verdict | null = null
  #raised: { readonly verdict: Verdict; readonly kind: StallKind } | null = null

  constructor(options: RunStallOptions) {
    this.#options = options
  }

  /** When a stall may be due, monotonic ms. */
  get dueMs(): number {
    return this.#watch === null || this.#raised !== null
      ? Number.POSITIVE_INFINITY
      : this.#watch.dueMs(this.#options.clock.monotonicMs())
  }

  /** The run is running (again). */
  resume(): void {
    const { stallAfterMs, clock } = this.#options
    if (stallAfterMs === 0) return
    this.#watch ??= new StallWatch(stallAfterMs, clock.monotonicMs())
    this.#watch.gotOn(clock.monotonicMs())
  }

  /** The run is paused or being stopped. */
  hold(): void {
    this.#clear()
    this.#watch = null
  }

  /** The run is over: its end clears what was raised. */
  close(): void {
    this.#watch = null
    this.#raised = null
  }

  /** `isNew`: it reported something that it had not reported before. */
  active({ isNew }: { readonly isNew: boolean }): void {
    const nowMs = this.#options.clock.monotonicMs()
    if (isNew) this.#watch?.gotOn(nowMs)
    else this.#watch?.active(nowMs)
    this.#clearIfOver()
  }

  line(text: string): void {
    this.#watch?.line(text, this.#options.clock.monotonicMs())
    this.#clearIfOver()
  }

  check(usage: RunUsage | null): void {
    const nowMs = this.#options.clock.monotonicMs()
    if (this.#watch === null) return
    if (usage !== null) this.#watch.cpu(usage.cpuMs, nowMs)
    const verdict = this.#watch.verdict(nowMs)
    if (verdict === this.#raised?.verdict) return
    this.#clear()
    if (verdict !== null && this.#raising === null) void this.#raise(verdict)
  }

  async #raise(verdict: Verdict): Promise<void> {
    const { ref, stdinOpen, clock, host, uplink, newestLines } = this.#options
    this.#raising = verdict
    const seen = await host.evidence(ref.fence)
    this.#raising = null
    const nowMs = clock.monotonicMs()
    // It may have got on, or ended, while the evidence was gathered.
    if (seen === null || this.#watch === null || this.#watch.verdict(nowMs) !== verdict) return
    const idleMs = this.#watch.idleMs(verdict, nowMs)
    const { waitsForInput, processes, cpuCores, waitingFor } = seen
    const kind = verdict === 'silent' && stdinOpen && waitsForInput ? 'waiting_input' : verdict
    const lines = newestLines(limits.stallEvidenceLines)
    this.#raised = { verdict, kind }
    uplink.put({
      kind: 'stall',
      ...ref,
      stall: { kind, sinceMs: Math.round(clock.wallMs() - idleMs), lines },
      evidence: { lines, processes, cpuCores, waitingFor },
    })
  }

  #clearIfOver(): void {
    if (this.#raised === null || this.#watch === null) return
    if (this.#watch.verdict(this.#options.clock.monotonicMs()) === null) this.#clear()
  }

  #clear(): void {
    if (this.#raised === null) return
    this.#raised = null
    this.#options.uplink.put({ kind: 'stall_cleared', ...this.#options.ref })
  }
}
