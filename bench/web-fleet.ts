import type { Line } from '../src/contract/line.js'
import type { Task } from '../src/contract/task.js'
import type { Worker } from '../src/contract/worker.js'
import type { HubMessage } from '../src/hub/message.js'
import { running, aWorker as workerOf } from '../web/src/live/fixture.js'

/** How large a generated fleet is. Nodes = masters + masters × agentsEach. */
export interface FleetSize {
  readonly masters: number
  readonly agentsEach: number
  readonly tasks: number
}

const projectsCount = 8

/**
 * Masters, agents and tasks that exist as entities only. Each call makes the next change of one of them, in turn, with
 * the topics and keys that the leader gives it.
 */
export class WebFleet {
  readonly workers: Worker[]
  readonly tasks: Task[]
  #seq = 1
  #nextNode = 0
  #nextTask = 0
  #lines = 0

  constructor({ masters, agentsEach, tasks }: FleetSize) {
    this.workers = Array.from({ length: masters }, (_, n) => aMaster(n + 1, agentsEach))
    this.tasks = Array.from({ length: tasks }, (_, n) => aRun(n + 1, masters))
  }

  get seq(): number {
    return this.#seq
  }

  /** The next of masters and agents, in turn: a master sends its meters, an agent turns idle or busy. */
  nodeChange(): HubMessage {
    const each = 1 + (this.workers[0]?.agents.length ?? 0)
    const at = this.#nextNode
    this.#nextNode = (at + 1) % (this.workers.length * each)
    const index = Math.floor(at / each)
    const worker = this.workers[index]
    if (worker === undefined) throw new Error('a fleet without masters')
    return at % each === 0 ? this.#meters(worker) : this.#agentTurns(index, (at % each) - 1)
  }

  /** Progress of the next task. */
  taskChange(): HubMessage {
    const at = this.#nextTask
    this.#nextTask = (at + 1) % this.tasks.length
    const task = this.tasks[at]
    if (task === undefined) throw new Error('a fleet without tasks')
    const next = { ...task, progress: ((task.progress ?? 0) + 0.01) % 1 }
    this.tasks[at] = next
    return this.taskMessage(next)
  }

  taskMessage(task: Task): HubMessage {
    this.#seq += 1
    const json = JSON.stringify({ type: 'TASK_UPDATE', task, seq: this.#seq })
    return { topics: ['tasks', `tasks:${task.taskId}`], key: `task:${task.taskId}`, json }
  }

  /** `count` next lines of one task, as the leader sends a chunk of output. */
  lines(count: number): HubMessage {
    const lines = Array.from({ length: count }, () => this.#line())
    const [first, last] = [lines[0], lines.at(-1)]
    if (first === undefined || last === undefined) throw new Error('a chunk without lines')
    const json = JSON.stringify({ type: 'LOG', lines })
    return { topics: ['logs', `logs:${first.taskId}`], key: null, json, lines: { first, last } }
  }

  #line(): Line {
    this.#lines += 1
    const n = this.#lines
    const level = n % 50 === 0 ? 'error' : 'info'
    const text = `step ${n} of the build: compiled module number ${n % 997} in ${n % 40} ms`
    return {
      taskId: 't1',
      attempt: 1,
      fence: 1,
      n,
      at: Date.now(),
      nodeId: 'master-1',
      stream: 'out',
      level,
      text,
    }
  }

  #meters(worker: Worker): HubMessage {
    const at = Date.now()
    const cpu = Math.round(50 + 45 * Math.sin(at / 3_000 + worker.registeredAt)) / 100
    const sample = { cpu, memory: 0.4, disk: 0.5, networkRxBytesPerS: 1_000, networkTxBytesPerS: 1_000, at }
    const json = JSON.stringify({
      type: 'METRICS',
      nodes: [{ workerId: worker.workerId, rttMs: 1.2, ...sample }],
    })
    return { topics: ['nodes'], key: `metrics:${worker.workerId}`, json }
  }

  #agentTurns(workerIndex: number, agentIndex: number): HubMessage {
    const worker = this.workers[workerIndex]
    if (worker === undefined) throw new Error('no such master')
    const agents = worker.agents.map((agent, index) => {
      if (index !== agentIndex) return agent
      const isBusy = agent.status === 'busy'
      return {
        ...agent,
        status: isBusy ? ('idle' as const) : ('busy' as const),
        currentTask: isBusy ? null : 't1',
      }
    })
    const next = { ...worker, agents, busyAgents: agents.filter(({ status }) => status === 'busy').length }
    this.workers[workerIndex] = next
    this.#seq += 1
    const json = JSON.stringify({ type: 'NODE_STATUS', node: next, seq: this.#seq })
    return { topics: ['nodes'], key: `node:${worker.workerId}`, json }
  }
}

function aMaster(n: number, agentsEach: number): Worker {
  const workerId = `master-${n}`
  const agents = Array.from({ length: agentsEach }, (_, index) => ({
    ...{ agentId: `${workerId}/p${index + 1}`, workerId, kind: 'process' as const, windowId: null },
    ...{ accountIdx: null, status: 'idle' as const, currentTask: null, createdAt: 1 },
  }))
  const metrics = {
    cpu: 0.2,
    memory: 0.4,
    disk: 0.5,
    networkRxBytesPerS: 0,
    networkTxBytesPerS: 0,
    at: Date.now(),
  }
  // A few are not well, as in a real fleet: their links and hexes are drawn otherwise.
  const status = n % 97 === 0 ? ('offline' as const) : n % 41 === 0 ? ('deaf' as const) : ('online' as const)
  const labels = { pool: `pool-${n % 8}` }
  const times = { registeredAt: n, lastSeenAt: Date.now() }
  return workerOf(workerId, { status, labels, maxAgents: agentsEach, agents, metrics, ...times })
}

function aRun(n: number, masters: number): Task {
  const workerId = `master-${1 + (n % Math.max(1, masters))}`
  return running(`t${n.toString(32)}`, {
    name: `build of component ${n}`,
    project: `project-${n % projectsCount}`,
    workerId,
    agentId: `${workerId}/p1`,
    createdAt: 1_700_000_000_000 + n,
    startedAt: 1_700_000_000_000 + n,
    progress: 0,
  })
}
