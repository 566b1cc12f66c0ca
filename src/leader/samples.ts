import { type RunSamples, workerView } from '../contract/views.js'
import type { Metrics, Worker } from '../contract/worker.js'
import type { Node } from '../core/nodes/node.js'
import type { Load } from '../core/placement/strategy.js'
import type { State } from '../core/state.js'
import type { Task } from '../core/tasks/task.js'
import type { ProgressUpdate } from '../ports/node-link.js'
import type { LeaseBook } from './lease-book.js'

interface NodeSample {
  metrics: Metrics | null
  rttMs: number | null
  lastSeenAtMs: number
}

const noLoads: ReadonlyMap<string, Load> = new Map()

/** Newest values of what is never an event: meters, latency, leases, progress. Not rebuilt after a restart. */
export class Samples {
  readonly leases: LeaseBook
  readonly #nodes = new Map<string, NodeSample>()
  /** What the scheduler has not seen yet. */
  #loads = new Map<string, Load>()
  /** By task; an entry goes with the task's run. */
  readonly #runs = new Map<string, ProgressUpdate>()
  /** Newest partial result of a run, by task; goes with it. */
  readonly #partials = new Map<string, Pick<ProgressUpdate, 'fence' | 'atMs' | 'partial'>>()

  constructor(leases: LeaseBook) {
    this.leases = leases
  }

  node(nodeId: string): NodeSample {
    let sample = this.#nodes.get(nodeId)
    if (sample === undefined) {
      sample = { metrics: null, rttMs: null, lastSeenAtMs: 0 }
      this.#nodes.set(nodeId, sample)
    }
    return sample
  }

  noteLoad(nodeId: string, load: Load): void {
    this.#loads.set(nodeId, load)
  }

  /** By master, what came since the last call. */
  takeLoads(): ReadonlyMap<string, Load> {
    if (this.#loads.size === 0) return noLoads
    const taken = this.#loads
    this.#loads = new Map()
    return taken
  }

  /** Newest by `at` wins; false = older than what is known, or of a run that is not current. */
  progress(state: State, update: ProgressUpdate): boolean {
    const task = state.task(update.taskId)
    if (task?.state.phase !== 'live' || task.state.run.fence !== update.fence) return false
    const hasPartial = this.#partial(update)
    const known = this.#runs.get(update.taskId)
    if (known !== undefined && known.fence === update.fence && known.atMs > update.atMs) return hasPartial
    this.#runs.set(update.taskId, update)
    return true
  }

  forgetRun(taskId: string): void {
    this.#runs.delete(taskId)
    this.#partials.delete(taskId)
  }

  ofRun(task: Task): RunSamples {
    if (task.state.phase !== 'live') return { progress: null, pid: null, leaseUntilMs: null, partial: null }
    const { run } = task.state
    const known = this.#runs.get(task.taskId)
    const partial = this.#partials.get(task.taskId)
    const current = known !== undefined && known.fence === run.fence ? known : null
    return {
      progress: current?.progress ?? null,
      pid: current?.pid ?? null,
      leaseUntilMs: this.leases.overAtMs(run, task.spec.leaseClass),
      partial: partial?.fence === run.fence ? (partial.partial ?? null) : null,
    }
  }

  /** It may come behind a newer sample that has none. */
  #partial({ taskId, fence, atMs, partial }: ProgressUpdate): boolean {
    const known = this.#partials.get(taskId)
    if (partial === undefined || (known?.fence === fence && known.atMs > atMs)) return false
    this.#partials.set(taskId, { fence, atMs, partial })
    return true
  }

  worker(state: State, node: Node): Worker {
    const { metrics, rttMs, lastSeenAtMs } = this.node(node.nodeId)
    return workerView(node, {
      metrics,
      rttMs,
      lastSeenAtMs: Math.max(lastSeenAtMs, node.registeredAtMs),
      taskOf: (agentId) => state.index.slots.taskOf(node.nodeId, agentId),
    })
  }
}
