import { assert } from '../../core/assert.js'
import { limits } from '../../core/limits.js'
import type { RunOutcome } from '../../core/runs/run.js'
import type { FinalPhase } from '../../core/tasks/task.js'
import { ModelFleet } from './model-fleet.js'
import { isOver, type ModelTask, type Wish } from './model-task.js'

const backoffMsMax = 100_000
const jitter = 0.2
const poisonLosses = 2

/**
 * What the queue promises, said again in the simplest way and from the specification alone: a list of tasks that is
 * searched each time. It does not choose places; it judges those that were chosen.
 */
export class QueueModel {
  readonly tasks = new Map<string, ModelTask>()
  readonly fleet = new ModelFleet()
  nowMs: number
  /** Ended, and those who wait for them do not know. */
  readonly #over: ModelTask[] = []

  constructor(nowMs: number) {
    this.nowMs = nowMs
  }

  withKey(key: string): ModelTask | undefined {
    return [...this.tasks.values()].find(({ wish }) => wish.key === key)
  }

  /** [DP2] [DL1] A new task: what stands in its way. */
  submit(taskId: string, wish: Wish): void {
    const task: ModelTask = {
      taskId,
      wish,
      phase: 'blocked',
      attempt: 1,
      endedAttempt: 0,
      waitsFor: [],
      dueAtMs: wish.delayMs === 0 ? null : this.nowMs + wish.delayMs,
      dueBetween: null,
      queuedAtMs: this.nowMs,
      endByMs: wish.totalTimeoutMs === 0 ? null : this.nowMs + wish.totalTimeoutMs,
      isOverdue: false,
      isCancelAsked: false,
      declines: 0,
      losses: [],
      run: null,
    }
    this.tasks.set(taskId, task)
    const stand = this.standOf(wish)
    if (stand === 'fail') this.#finish(task, 'dependency_failed')
    else if (stand === 'start') this.#release(task)
    else task.waitsFor = wish.dependsOn.filter((id) => !this.#isOver(id))
    this.#settle()
  }

  /** How a task's dependencies stand now. */
  standOf({ dependsOn, dependsMode }: Wish): 'start' | 'wait' | 'fail' {
    const phases = dependsOn.map((id) => this.#get(id).phase)
    const over = phases.filter(isOver)
    const succeeded = over.filter((phase) => phase === 'succeeded').length
    const areAllOver = over.length === phases.length
    if (phases.length === 0) return 'start'
    if (dependsMode === 'done') return areAllOver ? 'start' : 'wait'
    if (dependsMode === 'any') return succeeded > 0 ? 'start' : areAllOver ? 'fail' : 'wait'
    return succeeded < over.length ? 'fail' : areAllOver ? 'start' : 'wait'
  }

  /** A placement that the scheduler chose. */
  placed(taskId: string, nodeId: string, fence: number): void {
    const task = this.#get(taskId)
    assert(task.phase === 'queued', `${taskId} is placed while ${task.phase}`)
    this.fleet.check(this.#all(), task, nodeId, this.nowMs)
    task.phase = 'live'
    task.run = { nodeId, fence, assignedAtMs: this.nowMs, isStarted: false }
  }

  started(taskId: string): void {
    const task = this.#get(taskId)
    if (task.run !== null) task.run.isStarted = true
    task.declines = 0
  }

  /** [OF1] [OF3] The same attempt waits again, with its age. */
  declined(taskId: string, untilMs: number): void {
    const task = this.#get(taskId)
    const nodeId = task.run?.nodeId ?? ''
    task.run = null
    this.fleet.declined(nodeId, untilMs)
    task.declines += 1
    if (task.isCancelAsked) this.#finish(task, 'cancelled')
    else if (task.declines >= limits.declinesMax) {
      task.phase = 'delayed'
      task.dueAtMs = Math.max(untilMs, this.nowMs + limits.declinedWaitMs)
    } else task.phase = 'queued'
    this.#settle()
  }

  /** [RN4] [DD1] [DD2] The end of a run: another attempt, or the task's own end. */
  ended(taskId: string, outcome: RunOutcome): void {
    this.#end(this.#get(taskId), outcome, null)
    this.#settle()
  }

  /** `gone`: incarnation of its master, when that was lost with it. */
  #end(task: ModelTask, outcome: RunOutcome, gone: number | null): void {
    const { attemptsMax, on, backoffMs } = task.wish.retry
    if (gone !== null && task.run !== null)
      task.losses.push({ nodeId: task.run.nodeId, incarnation: gone, atMs: this.nowMs })
    task.run = null
    task.declines = 0
    task.endedAttempt = task.attempt
    const isNamed = on.some((cause) => cause === outcome)
    if (outcome === 'succeeded') this.#finish(task, 'succeeded')
    else if (task.isOverdue) this.#finish(task, 'timeout')
    else if (task.isCancelAsked) this.#finish(task, 'cancelled')
    else if (this.#isPoison(task)) this.#finish(task, 'dead_letter')
    else if (isNamed && task.attempt < attemptsMax) {
      const pauseMs = Math.min(backoffMsMax, backoffMs * 2 ** (task.attempt - 1))
      task.phase = 'delayed'
      task.attempt += 1
      task.dueAtMs = null
      task.dueBetween = [this.nowMs + Math.floor(pauseMs), this.nowMs + Math.ceil(pauseMs * (1 + jitter))]
    } else this.#finish(task, isNamed && attemptsMax > 1 ? 'dead_letter' : outcome)
  }

  /** The pause before another attempt, as it was drawn. */
  learnDue(taskId: string, dueAtMs: number): void {
    const task = this.#get(taskId)
    if (task.dueBetween === null) return
    const [fromMs, toMs] = task.dueBetween
    assert(
      dueAtMs >= fromMs && dueAtMs <= toMs,
      `${taskId} pauses until ${dueAtMs}, not in [${fromMs}, ${toMs}]`,
    )
    task.dueAtMs = dueAtMs
    task.dueBetween = null
  }

  /** [RC9] */
  cancel(taskId: string): void {
    const task = this.#get(taskId)
    if (task.phase === 'live') task.isCancelAsked = true
    else if (!isOver(task.phase)) this.#finish(task, 'cancelled')
    this.#settle()
  }

  /** [DL4] [DP4] [DD3] False: it must be refused. */
  retry(taskId: string): boolean {
    const task = this.#get(taskId)
    if (task.phase === 'delayed') {
      this.#queue(task)
      return true
    }
    if (!isOver(task.phase) || task.phase === 'succeeded') return false
    const stand = this.standOf(task.wish)
    if (stand === 'fail') return false
    if (task.endedAttempt === task.attempt) task.attempt += 1
    task.isOverdue = false
    task.isCancelAsked = false
    task.declines = 0
    task.endByMs = task.wish.totalTimeoutMs === 0 ? null : this.nowMs + task.wish.totalTimeoutMs
    task.dueAtMs = null
    if (stand === 'start') this.#queue(task)
    else {
      task.phase = 'blocked'
      task.waitsFor = task.wish.dependsOn.filter((id) => !this.#isOver(id))
    }
    return true
  }

  /** [LV1] */
  silent(nodeId: string): void {
    this.fleet.silent(nodeId, this.nowMs)
  }

  /** [ST11] It is back with these runs; one that was started and is not among them has ended as lost. */
  returned(nodeId: string, incarnation: number, held: ReadonlySet<number>): void {
    const before = this.fleet.returned(nodeId, incarnation, this.nowMs)
    for (const task of this.#all()) {
      if (task.run?.nodeId !== nodeId || !task.run.isStarted || held.has(task.run.fence)) continue
      this.#end(task, 'lost', before === incarnation ? null : before)
    }
    this.#settle()
  }

  /** When the next thing happens by itself; null = nothing does. */
  nextDueMs(): number | null {
    const times = this.#all().flatMap((task) => this.#timesOf(task))
    const opens = this.fleet.opensAtMs().filter((atMs) => atMs > this.nowMs)
    const next = Math.min(...times, ...opens)
    return Number.isFinite(next) ? next : null
  }

  /** Everything that is due now, one thing of each task: what follows from that is due once more. */
  elapse(): void {
    for (const task of this.#all()) {
      if (this.#leaseEndMs(task) <= this.nowMs) {
        this.#end(task, 'lost', this.fleet.incarnationOf(task.run?.nodeId ?? ''))
      } else if (task.phase === 'delayed' && task.dueAtMs !== null && task.dueAtMs <= this.nowMs) {
        this.#queue(task)
      } else if (task.phase === 'queued' && this.#waitEndMs(task) <= this.nowMs) {
        this.#finish(task, 'timeout')
      } else if (this.#totalEndMs(task) <= this.nowMs) {
        task.isOverdue = true
        if (task.phase === 'live') task.isCancelAsked = true
        else this.#finish(task, 'timeout')
      }
    }
    this.#settle()
  }

  /** A task that could be placed and was left waiting, at the end of a step. */
  forgotten(): ModelTask | undefined {
    this.fleet.rest(this.#all())
    return this.#all().find(
      (task) => task.phase === 'queued' && this.fleet.hasPlace(this.#all(), task, this.nowMs),
    )
  }

  #all(): readonly ModelTask[] {
    return [...this.tasks.values()]
  }

  #get(taskId: string): ModelTask {
    const task = this.tasks.get(taskId)
    assert(task !== undefined, `the model knows no ${taskId}`)
    return task
  }

  #isOver = (taskId: string): boolean => isOver(this.#get(taskId).phase)

  #release(task: ModelTask): void {
    if (task.dueAtMs !== null && task.dueAtMs > this.nowMs) task.phase = 'delayed'
    else this.#queue(task)
  }

  #queue(task: ModelTask): void {
    task.phase = 'queued'
    // A task that was declined too often keeps its age over the wait that followed.
    if (task.declines < limits.declinesMax) task.queuedAtMs = this.nowMs
    task.declines = 0
    task.dueAtMs = null
    task.dueBetween = null
  }

  #finish(task: ModelTask, phase: FinalPhase): void {
    task.phase = phase
    this.#over.push(task)
  }

  /** [DP3] Tells what waits for the tasks that ended, as far as it goes. */
  #settle(): void {
    for (let ended = this.#over.shift(); ended !== undefined; ended = this.#over.shift())
      for (const task of this.#all())
        if (task.phase === 'blocked' && task.waitsFor.includes(ended.taskId)) this.#tell(task, ended)
  }

  #tell(task: ModelTask, ended: ModelTask): void {
    task.waitsFor = task.waitsFor.filter((id) => id !== ended.taskId)
    const { dependsMode } = task.wish
    const hasSucceeded = ended.phase === 'succeeded'
    const isLast = task.waitsFor.length === 0
    if (dependsMode === 'any' ? hasSucceeded : isLast && (hasSucceeded || dependsMode === 'done'))
      this.#release(task)
    else if (dependsMode === 'any' ? isLast : !hasSucceeded && dependsMode === 'succeeded')
      this.#finish(task, 'dependency_failed')
  }

  #isPoison(task: ModelTask): boolean {
    const taken = task.losses.filter(
      ({ nodeId, incarnation, atMs }) => !this.fleet.cameBack(nodeId, incarnation, atMs),
    )
    return taken.length >= poisonLosses
  }

  /** [LS3] [LS8] When the leader gives the run up; infinity = never. */
  #leaseEndMs({ run, wish, isCancelAsked }: ModelTask): number {
    const renewedAtMs = run === null ? null : this.fleet.renewedAtMs(run.nodeId)
    const isLeft = wish.onDisconnect === 'keep' || (wish.onDisconnect === 'wait' && !isCancelAsked)
    if (run === null || renewedAtMs === null || isLeft) return Number.POSITIVE_INFINITY
    const { leaseStrictRedispatchMs, leaseSteadyRedispatchMs } = limits
    const heldMs = wish.leaseClass === 'strict' ? leaseStrictRedispatchMs : leaseSteadyRedispatchMs
    return Math.max(renewedAtMs, run.assignedAtMs) + heldMs
  }

  #waitEndMs({ queuedAtMs, wish }: ModelTask): number {
    return wish.queueTimeoutMs === 0 ? Number.POSITIVE_INFINITY : queuedAtMs + wish.queueTimeoutMs
  }

  #totalEndMs({ phase, endByMs, isOverdue }: ModelTask): number {
    return isOver(phase) || isOverdue ? Number.POSITIVE_INFINITY : (endByMs ?? Number.POSITIVE_INFINITY)
  }

  #timesOf(task: ModelTask): readonly number[] {
    const times = [this.#leaseEndMs(task), this.#totalEndMs(task)]
    if (task.phase === 'delayed') times.push(task.dueAtMs ?? Number.POSITIVE_INFINITY)
    if (task.phase === 'queued') times.push(this.#waitEndMs(task))
    return times
  }
}
