import type { LogEvent } from '../core/event.js'
import { agentIdOf, asTaskId, fenceOf, nodeIdOf, projectIdOf } from '../core/ids.js'
import type { Answer, Command, HeldRun, Input } from '../core/input.js'
import type { LeaseFacts } from '../core/runs/lease.js'
import type { Run, RunEnd } from '../core/runs/run.js'
import { type Entity, install, State } from '../core/state.js'
import type { Task, TaskSpec } from '../core/tasks/task.js'
import { type Made, runCascade, runInput, runSchedule } from '../core/turn.js'

const baseSpec: TaskSpec = {
  type: 'command',
  name: 'a task',
  priority: 5,
  payload: { command: ['true'] },
  requirements: { accountIdx: null, workerId: null, timeout: 0 },
  stallAfterMs: 0,
  retry: { attemptsMax: 4, on: ['lost', 'timeout'], backoffMs: 1_000 },
  leaseClass: 'steady',
  onDisconnect: 'keep',
  idempotencyKey: null,
}

export const endOf = (outcome: RunEnd['outcome'], changes: Partial<RunEnd> = {}): RunEnd => ({
  outcome,
  exitCode: outcome === 'succeeded' ? 0 : null,
  signal: null,
  value: null,
  tail: '',
  message: null,
  outBytes: 0,
  errBytes: 0,
  progress: null,
  ...changes,
})

/** The pure rules under a hand-driven clock: inputs in, events and answers out. */
export class Rules {
  readonly state = new State()
  readonly log: LogEvent[] = []
  nowMs = 1_000_000
  /** Events of one input after which a cascade waits for the next. */
  cascadeEventsMax = 10_000
  /** Leases are counted from here, by node; without an entry from the assignment. */
  readonly renewedAtMs = new Map<string, number>()
  readonly leases: { silentMs: LeaseFacts['silentMs'] } = {
    silentMs: (nodeId, fence) => {
      const assignedAtMs = this.log.find((event) => event.seq === fence)?.atMs ?? 0
      return this.nowMs - Math.max(assignedAtMs, this.renewedAtMs.get(nodeId) ?? 0)
    },
  }
  #uplinkSeq = 0

  constructor(before?: Rules) {
    if (before !== undefined) {
      const { headSeq, lastAtMs, tables } = before.state
      const entities = Object.values(tables).flatMap((table): Entity[] => [...table.values()])
      install(this.state, structuredClone(entities), headSeq, lastAtMs)
      this.nowMs = before.nowMs
    }
    this.system({ name: 'start_term', leaderId: 'leader-1' })
  }

  /** Decides and folds, then places what waits. Throws the refusal. */
  give(input: Input): Answer {
    const made: Made = { events: [], changed: [] }
    const outcome = runInput(this.state, input, this.nowMs, made)
    runCascade(this.state, this.nowMs, made, this.cascadeEventsMax)
    runSchedule(this.state, this.nowMs, made, 10_000)
    this.log.push(...made.events)
    if (!outcome.ok) throw outcome.error
    return outcome.answer
  }

  user(command: Command, changes: Partial<Input> = {}): Answer {
    const principal = { kind: 'user', id: 'admin', role: 'admin' } as const
    return this.give({
      command,
      principal,
      via: 'rest',
      projectId: projectIdOf('default'),
      traceId: 'trace',
      deadlineMs: null,
      ...changes,
    })
  }

  system(command: Command): Answer {
    const principal = { kind: 'system', id: 'system' } as const
    return this.give({ command, principal, via: 'system', projectId: null, traceId: '', deadlineMs: null })
  }

  /** A report of a node, numbered as its uplink numbers it. */
  node(nodeId: string, command: Command): Answer {
    this.#uplinkSeq += 1
    return this.give({
      command,
      principal: { kind: 'node', id: nodeId },
      via: 'node',
      projectId: null,
      traceId: nodeId,
      deadlineMs: null,
      origin: { nodeId, incarnation: 1, uplinkSeq: this.#uplinkSeq },
    })
  }

  join(
    nodeId: string,
    options: {
      slots?: number
      incarnation?: number
      inventory?: HeldRun[]
      types?: string[]
      labels?: Readonly<Record<string, string>>
      gpus?: readonly string[]
      memoryBytes?: number
      agentKind?: 'process' | 'function'
    } = {},
  ): void {
    const { slots = 1, incarnation = 1, inventory = [], types = ['command'], agentKind = 'process' } = options
    const { labels = {}, gpus = [], memoryBytes = 1 } = options
    const agents = Array.from({ length: slots }, (_, slot) => ({
      agentId: agentIdOf(`${nodeId}/p${slot + 1}`),
      kind: agentKind,
      failed: false,
      windowId: null,
      accountIdx: null,
      createdAtMs: 0,
    }))
    const capabilities = {
      os: 'linux',
      arch: 'x64',
      cpus: 2,
      memoryBytes,
      gpus,
      labels,
      projectTypes: types,
      slots,
      host: 'here',
    }
    const command = {
      name: 'register_node' as const,
      nodeId: nodeIdOf(nodeId),
      incarnation,
      version: '1',
      url: null,
      capabilities,
      agents,
      inventory,
    }
    this.give({
      command,
      principal: { kind: 'node', id: nodeId },
      via: 'node',
      projectId: null,
      traceId: nodeId,
      deadlineMs: null,
    })
  }

  submit(changes: Partial<TaskSpec> = {}, bodyHash = 'hash', about: Partial<Input> = {}): string {
    const answer = this.user({ name: 'submit_task', spec: { ...baseSpec, ...changes }, bodyHash }, about)
    if (answer.kind !== 'task') throw new Error(`a submit answered ${answer.kind}`)
    return answer.taskId
  }

  control(
    taskId: string,
    action: 'pause' | 'resume' | 'cancel' | 'retry',
    timeoutMs: number | null = null,
  ): Answer {
    return this.user({ name: 'control_task', taskId: asTaskId(taskId), action, timeoutMs })
  }

  /** Another leader with what this one stored. */
  succeed(): Rules {
    return new Rules(this)
  }

  task(taskId: string): Task {
    const task = this.state.task(taskId)
    if (task === undefined) throw new Error(`no task ${taskId}`)
    return task
  }

  run(taskId: string): Run {
    const { state } = this.task(taskId)
    if (state.phase !== 'live') throw new Error(`${taskId} is ${state.phase}, not live`)
    return state.run
  }

  running(taskId: string): void {
    const { fence, nodeId } = this.run(taskId)
    this.node(nodeId, {
      name: 'report_run',
      taskId: asTaskId(taskId),
      fence,
      change: { phase: 'running', pid: 1 },
    })
  }

  ended(
    taskId: string,
    end: RunEnd,
    fence: number = this.run(taskId).fence,
    nodeId: string = this.run(taskId).nodeId,
  ): void {
    const change = { phase: 'ended' as const, end }
    this.node(nodeId, { name: 'report_run', taskId: asTaskId(taskId), fence: fenceOf(fence), change })
  }

  /** Time passes; what comes due happens. */
  pass(ms: number): void {
    this.nowMs += ms
    this.system({ name: 'fire_timers', leases: this.leases })
  }

  types(from = 0): string[] {
    return this.log.slice(from).map((event) => event.type)
  }
}
