import type { Task } from '../../contract/task.js'
import type { Agent, Worker } from '../../contract/worker.js'
import type { OwnFacts } from './own-facts.js'
import type { RelayMemory } from './relay-memory.js'

export interface LocalPictureOptions {
  readonly nodeId: string
  readonly memory: RelayMemory
  readonly facts: OwnFacts
  /** This master's own, as they are now. */
  readonly agents: () => readonly Agent[]
  readonly wallMs: () => number
}

/**
 * What a master shows without its leader: itself as it is, all else as it was told last. Of others nobody knows how they
 * are now, so they are `unknown`, their agents offline, and so are runs that were live on them.
 */
export class LocalPicture {
  readonly #options: LocalPictureOptions

  constructor(options: LocalPictureOptions) {
    this.#options = options
  }

  /** Entities of a topic; [] for one of which a master keeps nothing. Lines are elsewhere. */
  items(topic: string): readonly object[] {
    const { memory } = this.#options
    const [kind = '', one] = topic.split(':')
    if (kind === 'nodes') return memory.workers.values().map((worker) => this.#worker(worker))
    if (kind === 'tasks') {
      const tasks = memory.tasks.values().filter((task) => one === undefined || task.taskId === one)
      return tasks.map((task) => this.#task(task))
    }
    if (kind === 'work' && one !== undefined) {
      const work = memory.work.get(one)
      return work === undefined ? [] : [work]
    }
    return memory.shelfOf(kind)?.values() ?? []
  }

  /** null: no leader told of it. */
  self(): Worker | null {
    const { memory, nodeId } = this.#options
    const told = memory.workers.get(nodeId)
    return told === undefined ? null : this.#worker(told)
  }

  /** null: no leader told of it. */
  task(taskId: string): Task | null {
    const told = this.#options.memory.tasks.get(taskId)
    return told === undefined ? null : this.#task(told)
  }

  #worker(told: Worker): Worker {
    const { nodeId, facts, agents, wallMs } = this.#options
    if (told.workerId !== nodeId) {
      const gone = told.agents.map((agent) => ({ ...agent, status: 'offline' as const }))
      return { ...told, status: 'unknown', schedulable: false, rttMs: null, agents: gone }
    }
    const own = agents()
    return {
      ...told,
      status: 'online',
      // Only a leader gives work.
      schedulable: false,
      rttMs: null,
      lastSeenAt: wallMs(),
      metrics: facts.metrics ?? told.metrics,
      busyAgents: own.filter(({ status }) => status === 'busy').length,
      agents: [...own],
    }
  }

  #task(told: Task): Task {
    const { nodeId, facts } = this.#options
    const task = facts.applied(told)
    const isHere = task.workerId === nodeId && facts.holds(task.taskId)
    return task.status === 'running' && !isHere ? { ...task, phase: 'unknown', leaseUntil: null } : task
  }
}
