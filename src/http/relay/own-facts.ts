import type { Task } from '../../contract/task.js'
import type { Metrics } from '../../contract/worker.js'
import { limits } from '../../core/limits.js'
import type { RunEnd, Stall } from '../../core/runs/run.js'
import type { DurableUpdate } from '../../ports/node-link.js'
import type { OwnNews } from '../../ports/own-news.js'

/** A run of this master, as the master itself saw it last. */
interface OwnRun {
  readonly attempt: number
  readonly fence: number
  readonly phase: 'starting' | 'running' | 'paused' | 'stopping'
  readonly pid: number | null
  readonly progress: number | null
  readonly stall: Stall | null
  readonly startedAtMs: number | null
  readonly ended: { readonly end: RunEnd; readonly atMs: number } | null
}
export type OwnLine = Extract<OwnNews, { kind: 'line' }>

type Told = DurableUpdate | Extract<OwnNews, { kind: 'progress' }>

/**
 * What a master knows of its own runs, machine and output without any leader. Runs are bounded by limits.relayTasksMax,
 * lines by limits.relayLinesMax; the oldest are forgotten.
 */
export class OwnFacts {
  readonly #runs = new Map<string, OwnRun>()
  readonly #lines: OwnLine[] = []
  #metrics: Metrics | null = null

  get metrics(): Metrics | null {
    return this.#metrics
  }

  /** Oldest first. */
  get lines(): readonly OwnLine[] {
    return this.#lines
  }

  take(news: OwnNews): void {
    if (news.kind === 'line') {
      this.#lines.push(news)
      // Cut in bulk: a shift a line would move all of them.
      if (this.#lines.length >= 2 * limits.relayLinesMax) this.#lines.splice(0, limits.relayLinesMax)
    } else if (news.kind === 'metrics') {
      const { cpu, memory, disk, rxBytesPerS, txBytesPerS, atMs: at } = news
      const network = { networkRxBytesPerS: rxBytesPerS, networkTxBytesPerS: txBytesPerS }
      this.#metrics = { cpu, memory, disk, ...network, at }
    } else if (news.kind === 'update') this.#run(news.update, news.atMs)
    else this.#run(news, news.atMs)
  }

  /** The task as its run here stands; as it was told, when the leader knows more or no run of it is known here. */
  applied(task: Task): Task {
    const run = this.#runs.get(task.taskId)
    if (run === undefined || !isNewer(run, task)) return task
    const { attempt, fence, pid, progress, stall } = run
    const startedAt = run.startedAtMs ?? task.startedAt
    const own = {
      ...task,
      attempt,
      fence,
      pid,
      progress: progress ?? task.progress,
      startedAt,
      leaseUntil: null,
    }
    if (run.ended === null) {
      const told = stall === null ? null : { kind: stall.kind, since: stall.sinceMs, lines: [...stall.lines] }
      return { ...own, status: 'running', phase: run.phase, waitReason: null, stall: told }
    }
    const { end, atMs } = run.ended
    const { outcome, exitCode, signal, value, tail, message } = end
    const isFine = outcome === 'succeeded'
    const error = isFine ? null : { code: outcome, message: message ?? `It ended as ${outcome}.` }
    const status = isFine ? 'completed' : outcome === 'cancelled' ? 'cancelled' : 'failed'
    const result = { exitCode, signal, value, tail }
    return { ...own, status, phase: outcome, pid: null, stall: null, result, error, completedAt: atMs }
  }

  /** This master has the run, over or not. */
  holds(taskId: string): boolean {
    return this.#runs.has(taskId)
  }

  #run(told: Told, atMs: number): void {
    if (!('fence' in told) || told.kind === 'declined') return
    const { taskId, attempt, fence } = told
    const known = this.#runs.get(taskId)
    if (known !== undefined && known.fence > fence) return
    const before = known?.fence === fence ? known : newRun(attempt, fence)
    this.#runs.delete(taskId)
    this.#runs.set(taskId, after(before, told, atMs))
    const [oldest] = this.#runs.keys()
    if (this.#runs.size > limits.relayTasksMax && oldest !== undefined) this.#runs.delete(oldest)
  }
}

const newRun = (attempt: number, fence: number): OwnRun => ({
  attempt,
  fence,
  phase: 'starting',
  pid: null,
  progress: null,
  stall: null,
  startedAtMs: null,
  ended: null,
})

function after(run: OwnRun, told: Told, atMs: number): OwnRun {
  switch (told.kind) {
    case 'run': {
      const { state: phase, pid } = told
      const startedAtMs = run.startedAtMs ?? (phase === 'running' ? atMs : null)
      return { ...run, phase, pid, startedAtMs, stall: null }
    }
    case 'progress':
      return { ...run, progress: told.progress, pid: told.pid }
    case 'stall':
      return { ...run, stall: told.stall }
    case 'stall_cleared':
      return { ...run, stall: null }
    case 'ended':
      return { ...run, ended: { end: told.end, atMs } }
    default:
      return run
  }
}

/** The leader's word on the same run stands once it counts it as over; a later run of it is none of ours. */
function isNewer(run: OwnRun, task: Task): boolean {
  if (task.fence === run.fence) return task.status === 'running'
  return run.fence > (task.fence ?? 0) && (task.status === 'running' || task.status === 'pending')
}
