import type { LogEvent } from '../src/core/event.js'
import { agentIdOf, asTaskId, fenceOf, nodeIdOf, projectIdOf } from '../src/core/ids.js'
import type { Command, Input } from '../src/core/input.js'
import { State } from '../src/core/state.js'
import type { TaskSpec } from '../src/core/tasks/task.js'
import { plainNeeds } from '../src/core/tasks/terms.js'
import { type Made, runInput, runSchedule } from '../src/core/turn.js'
import { endOf } from '../src/testing/core-fixture.js'

export interface FleetSize {
  readonly masters: number
  readonly queued: number
}

/** How long a step took, in µs. */
export interface StepTime {
  /** In the index and the scheduler: the completion, the insert, and the decisions on what goes where. */
  readonly decisionUs: number
  /** All of the rules: authorise, decide, fold, react, schedule. */
  readonly stepUs: number
}

const slots = 10
const zones = 10
const accounts = 500

/**
 * The rules with a full fleet and a long queue: every slot of every master is taken. 30 % of the tasks ask for a zone,
 * some of those for an SSD too, 10 % name their master, 20 % have an account; priorities are spread over all ten.
 */
export class SchedulerFleet {
  readonly state = new State()
  readonly #masters: number
  readonly #live: { readonly taskId: string; readonly fence: number; readonly nodeId: string }[] = []
  #random = 0x2545f491
  #nowMs = 1
  #decisionMs = 0

  constructor({ masters, queued }: FleetSize) {
    this.#masters = masters
    this.#give('system', { name: 'start_term', leaderId: 'leader-1' })
    for (let n = 0; n < masters; n += 1) this.#join(n)
    for (let n = 0; n < queued + masters * slots; n += 1) this.#submit()
    // Tasks that name a master or a zone leave slots of others free at first; those take from what is queued.
    while (this.state.index.queue.size < queued) this.#submit()
    this.#timeDecisions()
  }

  get queued(): number {
    return this.state.index.queue.size
  }

  /** A run ends, a task comes, and whatever can go is placed. */
  step(): StepTime {
    const at = this.#next(this.#live.length)
    const run = this.#live[at]
    const last = this.#live.pop()
    if (run === undefined || last === undefined) throw new Error('no run is live')
    if (run !== last) this.#live[at] = last
    const end = endOf('succeeded')
    const ended: Command = {
      name: 'report_run',
      taskId: asTaskId(run.taskId),
      fence: fenceOf(run.fence),
      change: { phase: 'ended', end },
    }
    const spec = this.#spec()
    this.#decisionMs = 0
    const startedAt = performance.now()
    this.#give(run.nodeId, ended)
    this.#give('user', { name: 'submit_task', spec, bodyHash: '' })
    return { decisionUs: this.#decisionMs * 1_000, stepUs: (performance.now() - startedAt) * 1_000 }
  }

  /** Puts a clock around what the index does with each change, and around each decision. */
  #timeDecisions(): void {
    const { index } = this.state
    const changed = index.changed.bind(index)
    index.changed = (before, after) => {
      const startedAt = performance.now()
      changed(before, after)
      this.#decisionMs += performance.now() - startedAt
    }
    const next = index.queue.next.bind(index.queue)
    index.queue.next = () => {
      const startedAt = performance.now()
      const placement = next()
      this.#decisionMs += performance.now() - startedAt
      return placement
    }
  }

  #submit(): void {
    this.#give('user', { name: 'submit_task', spec: this.#spec(), bodyHash: '' })
  }

  #give(who: string, command: Command): void {
    this.#nowMs += 1
    const made: Made = { events: [], changed: [] }
    const outcome = runInput(this.state, inputOf(who, command), this.#nowMs, made)
    if (!outcome.ok) throw outcome.error
    runSchedule(this.state, this.#nowMs, made, 10_000)
    for (const event of made.events) this.#note(event)
  }

  #note(event: LogEvent): void {
    if (event.type !== 'TaskAssigned') return
    this.#live.push({ taskId: event.entity.id, fence: event.seq, nodeId: event.body.nodeId })
  }

  #spec(): TaskSpec {
    const share = this.#next(100)
    const zone = `z${this.#next(zones)}`
    const needs = {
      ...plainNeeds,
      labels: share % 3 === 0 ? { zone, disk: 'ssd' } : { zone },
    }
    return {
      type: 'command',
      name: 'a task',
      priority: 1 + this.#next(10),
      payload: { command: ['true'] },
      requirements: {
        accountIdx: this.#next(5) === 0 ? this.#next(accounts) : null,
        workerId: share >= 30 && share < 40 ? nodeIdOf(nameOf(this.#next(this.#masters))) : null,
        timeout: 0,
        ...(share < 30 ? { needs } : {}),
      },
      stallAfterMs: 0,
      retry: { attemptsMax: 1, on: [], backoffMs: 0 },
      leaseClass: 'steady',
      onDisconnect: 'restart',
      idempotencyKey: null,
    }
  }

  #join(n: number): void {
    const nodeId = nodeIdOf(nameOf(n))
    const agents = Array.from({ length: slots }, (_, slot) => ({
      agentId: agentIdOf(`${nodeId}/p${slot + 1}`),
      kind: 'process' as const,
      failed: false,
      windowId: null,
      accountIdx: null,
      createdAtMs: 0,
    }))
    const capabilities = {
      os: 'linux',
      arch: 'x64',
      cpus: 8,
      memoryBytes: 2 ** 34,
      gpus: [],
      labels: { zone: `z${n % zones}`, disk: n % 20 < zones ? 'ssd' : 'hdd' },
      projectTypes: ['command'],
      slots,
      host: nodeId,
    }
    const known = { incarnation: 1, version: '1', url: null, capabilities, agents, inventory: [] }
    this.#give(nodeId, { name: 'register_node', nodeId, ...known })
  }

  /** Xorshift, 32 bit: the same fleet in every round. */
  #next(below: number): number {
    this.#random ^= this.#random << 13
    this.#random ^= this.#random >>> 17
    this.#random ^= this.#random << 5
    return (this.#random >>> 0) % below
  }
}

const nameOf = (n: number): string => `master-${n + 1}`

function inputOf(who: string, command: Command): Input {
  const principal =
    who === 'system'
      ? ({ kind: 'system', id: 'system' } as const)
      : who === 'user'
        ? ({ kind: 'user', id: 'admin', role: 'admin' } as const)
        : ({ kind: 'node', id: who } as const)
  const via = principal.kind === 'user' ? 'rest' : principal.kind
  return { command, principal, via, projectId: projectIdOf('default'), traceId: '', deadlineMs: null }
}
