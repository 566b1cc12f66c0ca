import type { RunUsage } from '../../ports/task-host.js'
import type { ProcessStat } from './proc.js'

/** Shorter spans say nothing: the kernel shows CPU time in steps of 10 ms. */
const spanMsMin = 100

/**
 * Adds up what a process tree used. CPU time of one that ended stays counted: its parent inherits it when it waits for
 * it, and one without a parent in the tree keeps what was last seen.
 */
export class UsageMeter {
  #members = new Map<number, ProcessStat>()
  #cpuMs = 0
  #span = { startMs: performance.now(), cpuMs: 0 }
  #cores = 0
  #takenAtMs = 0

  /** Takes a look at the tree, `takenAtMs` on performance.now's clock; the same look twice counts once. */
  take(stats: readonly ProcessStat[], takenAtMs: number): RunUsage {
    if (takenAtMs > this.#takenAtMs) this.#add(stats, takenAtMs)
    return {
      cpuCores: this.#cores,
      cpuMs: this.#cpuMs,
      memoryBytes: stats.reduce((sum, stat) => sum + stat.memoryBytes, 0),
      processes: stats.length,
    }
  }

  #add(stats: readonly ProcessStat[], takenAtMs: number): void {
    const now = new Map(stats.map((stat) => [stat.pid, stat]))
    let before = 0
    for (const old of this.#members.values()) {
      const lives = now.get(old.pid)?.startTicks === old.startTicks
      if (lives || now.has(old.parentPid)) before += old.cpuMs + old.reapedCpuMs
    }
    const total = stats.reduce((sum, stat) => sum + stat.cpuMs + stat.reapedCpuMs, 0)
    this.#cpuMs += Math.max(0, total - before)
    this.#members = now
    this.#takenAtMs = takenAtMs
    const spanMs = takenAtMs - this.#span.startMs
    if (spanMs < spanMsMin) return
    this.#cores = (this.#cpuMs - this.#span.cpuMs) / spanMs
    this.#span = { startMs: takenAtMs, cpuMs: this.#cpuMs }
  }
}
