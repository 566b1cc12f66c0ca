import type { EventOf, LogEvent } from '../../core/event.js'
import { idAt } from '../../core/ids.js'
import type { RunEnd } from '../../core/runs/run.js'
import type { DependsMode } from '../../core/tasks/task.js'
import type { Fail } from './log-checker.js'

export interface CheckedTask {
  readonly taskId: string
  phase: 'queued' | 'delayed' | 'blocked' | 'live' | 'ending' | 'final'
  /** While it is blocked: what it still waits for, by which mode. */
  waitsFor: readonly string[]
  dependsMode: DependsMode
  hasSucceededInput: boolean
  /** While it is delayed. */
  dueAtMs: number
  /** Newest attempt of which a run had an end; a declined run uses up none (OF1). */
  usedAttempt: number
  outcome: string
  attempt: number
  /** Of the run that is live, or was last. */
  fence: number
  agentId: string
}

export interface CheckedRun {
  readonly taskId: string
  readonly attempt: number
  readonly nodeId: string
  end: RunEnd | null
  /** Its master did not take it. */
  isDeclined: boolean
  /** A leader ended it by itself; what its master tells later is kept as evidence. */
  isGivenUp: boolean
  late: RunEnd | null
}

/** Actions that end a run. */
const stops: ReadonlySet<string> = new Set(['cancel', 'move'])

/** Follows every task through the log: idempotent submits (G2), one run at a time, one end per attempt (G5). */
export class TaskChecker {
  readonly byId = new Map<string, CheckedTask>()
  /** Every run there ever was, by fence. */
  readonly runs = new Map<number, CheckedRun>()
  /** Runs that a command was to stop. */
  readonly #stopped = new Set<number>()
  readonly #keys = new Map<string, string>()
  /** Runs whose lease was over. */
  givenUp = 0
  /** Ends that were told after a leader had given their run up. */
  late = 0
  readonly #fail: Fail
  readonly #byKey = new Map<string, string>()
  readonly #busyAgents = new Map<string, string>()

  constructor(fail: Fail) {
    this.#fail = fail
  }

  holder(clientId: string, key: string): string | null {
    return this.#byKey.get(`${clientId}/${key}`) ?? null
  }

  /** The idempotency key that a task was submitted with. */
  keyOf(taskId: string): string | null {
    return this.#keys.get(taskId) ?? null
  }

  take(event: LogEvent): void {
    if (event.type === 'TaskSubmitted') this.#submitted(event)
    if (event.type === 'CommandIssued' && event.body.fence !== null && stops.has(event.body.action))
      this.#stopped.add(event.body.fence)
    if (event.entity.kind !== 'task') return
    const task = this.byId.get(event.entity.id)
    if (task === undefined) {
      this.#fail('G5', `${event.type} of a task that was never submitted: ${event.entity.id}`)
      return
    }
    switch (event.type) {
      case 'TaskQueued':
      case 'TaskDelayed':
      case 'TaskBlocked':
        this.#waits(task, event)
        return
      case 'DependencyOver':
        this.#dependencyOver(task, event)
        return
      case 'TaskAssigned':
        this.#assigned(task, event)
        return
      case 'RunEnded':
        this.#ended(task, event)
        return
      case 'RunDeclined':
        this.#declined(task, event)
        return
      case 'TaskFinished':
        if (task.phase === 'live') this.#fail('G5', `${task.taskId} is finished while its run is open`)
        if (task.phase === 'final') this.#fail('G5', `${task.taskId} is finished twice`)
        task.phase = 'final'
        task.outcome = event.body.outcome
        return
      case 'RunChanged':
      case 'RunUnknown':
      case 'RunStalled':
      case 'RunStallCleared':
        this.#needsCurrent(task, event.body.fence, event.type)
        return
      case 'RunSuperseded':
        if (task.phase === 'live' && task.fence === event.body.fence) {
          this.#fail('RN2', `the current run ${event.body.fence} is called superseded`)
        }
        this.#late(event)
        return
      default:
        return
    }
  }

  #submitted(event: EventOf<'TaskSubmitted'>): void {
    const taskId = event.entity.id
    if (taskId !== idAt('task', event.seq)) this.#fail('ID1', `${taskId} is not born at seq ${event.seq}`)
    const { spec, clientId } = event.body
    if (spec.idempotencyKey !== null) {
      const key = `${clientId}/${spec.idempotencyKey}`
      const holder = this.#byKey.get(key)
      if (holder !== undefined) this.#fail('G2', `${key} is held by ${holder} and by ${taskId}`)
      this.#byKey.set(key, taskId)
      this.#keys.set(taskId, spec.idempotencyKey)
    }
    this.byId.set(taskId, {
      taskId,
      phase: 'queued',
      waitsFor: [],
      dependsMode: event.body.spec.queue?.dependsMode ?? 'succeeded',
      hasSucceededInput: false,
      dueAtMs: 0,
      attempt: 1,
      usedAttempt: 0,
      outcome: '',
      fence: 0,
      agentId: '',
    })
  }

  #waits(
    task: CheckedTask,
    event: EventOf<'TaskQueued'> | EventOf<'TaskDelayed'> | EventOf<'TaskBlocked'>,
  ): void {
    const { attempt } = event.body
    if (task.phase === 'live') this.#fail('G5', `${task.taskId} is queued again while its run is open`)
    const isNext = task.phase === 'ending' || (task.phase === 'final' && task.usedAttempt === task.attempt)
    const expected = isNext ? task.attempt + 1 : task.attempt
    if (attempt !== expected) {
      this.#fail('G5', `${task.taskId} waits for attempt ${attempt}, not ${expected}`)
    }
    if (event.type !== 'TaskBlocked') this.#isReleased(task, event)
    task.attempt = attempt
    switch (event.type) {
      case 'TaskQueued':
        task.phase = 'queued'
        return
      case 'TaskDelayed':
        task.phase = 'delayed'
        task.dueAtMs = event.body.dueAtMs
        return
      case 'TaskBlocked':
        task.phase = 'blocked'
        task.waitsFor = event.body.waitsFor
        task.hasSucceededInput = event.body.inputs.some((input) => input.phase === 'succeeded')
    }
  }

  /** Nothing leaves its wait before that is over. */
  #isReleased(task: CheckedTask, event: EventOf<'TaskQueued'> | EventOf<'TaskDelayed'>): void {
    const { taskId, phase, waitsFor, dependsMode, hasSucceededInput } = task
    const mayStart = waitsFor.length === 0 || (dependsMode === 'any' && hasSucceededInput)
    if (phase === 'blocked' && !mayStart) this.#fail('DP2', `${taskId} starts before ${waitsFor.join(', ')}`)
    const isAsked = event.actor.via !== 'system'
    if (phase === 'delayed' && !isAsked && event.atMs < task.dueAtMs)
      this.#fail('DL1', `${taskId} is queued ${task.dueAtMs - event.atMs} ms early`)
  }

  #dependencyOver(task: CheckedTask, event: EventOf<'DependencyOver'>): void {
    const { result } = event.body
    const dependency = this.byId.get(result.taskId)
    if (dependency?.phase !== 'final' || dependency.outcome !== result.phase)
      this.#fail('DP2', `${task.taskId} is told of the end of ${result.taskId}, which is not`)
    if (task.phase !== 'blocked' || !task.waitsFor.includes(result.taskId))
      this.#fail('DP2', `${task.taskId} is told of ${result.taskId}, which it does not wait for`)
    task.waitsFor = task.waitsFor.filter((taskId) => taskId !== result.taskId)
    if (result.phase === 'succeeded') task.hasSucceededInput = true
  }

  #assigned(task: CheckedTask, event: EventOf<'TaskAssigned'>): void {
    const { attempt, nodeId, agentId } = event.body
    if (task.phase !== 'queued' || attempt !== task.attempt) {
      this.#fail(
        'G5',
        `${task.taskId} attempt ${attempt} is assigned while ${task.phase}, at seq ${event.seq}`,
      )
    }
    const other = this.#busyAgents.get(agentId)
    if (other !== undefined) this.#fail('RN6', `${agentId} is given ${task.taskId} while it has ${other}`)
    this.#busyAgents.set(agentId, task.taskId)
    Object.assign(task, { phase: 'live', fence: event.seq, agentId })
    this.runs.set(event.seq, {
      taskId: task.taskId,
      attempt,
      nodeId,
      end: null,
      isDeclined: false,
      isGivenUp: false,
      late: null,
    })
  }

  /** OF1: the same attempt waits again, under no run. */
  #declined(task: CheckedTask, event: EventOf<'RunDeclined'>): void {
    const { fence } = event.body
    this.#needsCurrent(task, fence, 'RunDeclined')
    const run = this.runs.get(fence)
    if (run === undefined || run.end !== null || run.isDeclined)
      this.#fail('OF1', `run ${fence} is declined after its end`)
    else run.isDeclined = true
    this.#busyAgents.delete(task.agentId)
    task.phase = 'queued'
  }

  #ended(task: CheckedTask, event: EventOf<'RunEnded'>): void {
    const { fence, end } = event.body
    this.#needsCurrent(task, fence, 'RunEnded')
    const run = this.runs.get(fence)
    if (run === undefined || run.end !== null) this.#fail('G5', `run ${fence} has a second end`)
    else Object.assign(run, { end, isGivenUp: event.actor.via === 'system' })
    if (end.outcome === 'cancelled' && !this.#stopped.has(fence))
      this.#fail('G7', `run ${fence} is cancelled, and no command named it`)
    if (event.actor.via === 'system') this.givenUp += 1
    this.#busyAgents.delete(task.agentId)
    task.usedAttempt = task.attempt
    task.phase = 'ending'
  }

  #late(event: EventOf<'RunSuperseded'>): void {
    const run = this.runs.get(event.body.fence)
    if (event.body.end !== null) this.late += 1
    if (run !== undefined) run.late ??= event.body.end
  }

  #needsCurrent(task: CheckedTask, fence: number, type: string): void {
    if (task.phase === 'live' && task.fence === fence) return
    this.#fail('G5', `${type} of run ${fence} counts though ${task.taskId} is ${task.phase} (${task.fence})`)
  }
}
