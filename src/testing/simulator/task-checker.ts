import type { EventOf, LogEvent } from '../../core/event.js'
import { idAt } from '../../core/ids.js'
import type { RunEnd } from '../../core/runs/run.js'
import type { Fail } from './log-checker.js'

export interface CheckedTask {
  readonly taskId: string
  phase: 'queued' | 'delayed' | 'live' | 'ending' | 'final'
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

/** Follows every task through the log: idempotent submits (G2), one run at a time, one end per attempt (G5). */
export class TaskChecker {
  readonly byId = new Map<string, CheckedTask>()
  /** Every run there ever was, by fence. */
  readonly runs = new Map<number, CheckedRun>()
  /** Runs whose lease was over. */
  givenUp = 0
  readonly #fail: Fail
  readonly #byKey = new Map<string, string>()
  readonly #busyAgents = new Map<string, string>()

  constructor(fail: Fail) {
    this.#fail = fail
  }

  holder(clientId: string, key: string): string | null {
    return this.#byKey.get(`${clientId}/${key}`) ?? null
  }

  take(event: LogEvent): void {
    if (event.type === 'TaskSubmitted') this.#submitted(event)
    if (event.entity.kind !== 'task') return
    const task = this.byId.get(event.entity.id)
    if (task === undefined) {
      this.#fail('G5', `${event.type} of a task that was never submitted: ${event.entity.id}`)
      return
    }
    switch (event.type) {
      case 'TaskQueued':
      case 'TaskDelayed':
        this.#waits(task, event)
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
    }
    this.byId.set(taskId, { taskId, phase: 'queued', attempt: 1, fence: 0, agentId: '' })
  }

  #waits(task: CheckedTask, event: EventOf<'TaskQueued'> | EventOf<'TaskDelayed'>): void {
    const { attempt } = event.body
    if (task.phase === 'live') this.#fail('G5', `${task.taskId} is queued again while its run is open`)
    const isNext = task.phase === 'ending' || task.phase === 'final'
    const expected = isNext ? task.attempt + 1 : task.attempt
    if (attempt !== expected) {
      this.#fail('G5', `${task.taskId} waits for attempt ${attempt}, not ${expected}`)
    }
    task.phase = event.type === 'TaskQueued' ? 'queued' : 'delayed'
    task.attempt = attempt
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
    else Object.assign(run, { end, isGivenUp: event.origin === undefined })
    if (event.actor.via === 'system') this.givenUp += 1
    this.#busyAgents.delete(task.agentId)
    task.phase = 'ending'
  }

  #late(event: EventOf<'RunSuperseded'>): void {
    const run = this.runs.get(event.body.fence)
    if (run !== undefined) run.late ??= event.body.end
  }

  #needsCurrent(task: CheckedTask, fence: number, type: string): void {
    if (task.phase === 'live' && task.fence === fence) return
    this.#fail('G5', `${type} of run ${fence} counts though ${task.taskId} is ${task.phase} (${task.fence})`)
  }
}
