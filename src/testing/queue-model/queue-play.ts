import { isDeepStrictEqual } from 'node:util'
import { expect } from 'vitest'
import { asTaskId, fenceOf, nodeIdOf } from '../../core/ids.js'
import type { HeldRun } from '../../core/input.js'
import type { RunOutcome } from '../../core/runs/run.js'
import { plainTerms } from '../../core/tasks/terms.js'
import { endOf, Rules } from '../core-fixture.js'
import type { ModelRun, ModelTask, Wish } from './model-task.js'
import { QueueModel } from './queue-model.js'

/** Of one time; what happens by itself is done one after the other. */
const firesMax = 2_000

/** The rules and the model side by side: each act is done to both, and then they must agree. */
export class QueuePlay {
  readonly rules = new Rules()
  readonly model = new QueueModel(this.rules.nowMs)
  #seen = 0

  constructor() {
    for (const [nodeId, slots] of [
      ['master-1', 1],
      ['master-2', 3],
    ] as const) {
      this.rules.join(nodeId, { slots })
      this.model.fleet.join(nodeId, slots)
    }
    this.setCapacity(null)
  }

  get tasks(): readonly ModelTask[] {
    return [...this.model.tasks.values()]
  }

  submit(wish: Wish): void {
    const { key, dependsOn, priority, retry, leaseClass, onDisconnect, ...terms } = wish
    const { delayMs, dependsMode, concurrencyKey, capacity, queueTimeoutMs, totalTimeoutMs } = terms
    const taskId = this.rules.submit({
      priority,
      retry,
      leaseClass,
      onDisconnect,
      idempotencyKey: key,
      queue: {
        ...plainTerms,
        delayMs: delayMs === 0 ? null : delayMs,
        dependsOn: dependsOn.map(asTaskId),
        dependsMode,
        concurrencyKey,
        capacity,
        queueTimeoutMs,
        totalTimeoutMs,
      },
    })
    this.model.submit(taskId, wish)
    this.agree()
  }

  /** [ID1] */
  submitAgain({ taskId, wish }: ModelTask): void {
    const before = this.rules.state.headSeq
    expect(this.rules.submit({ idempotencyKey: wish.key })).toBe(taskId)
    expect(() => this.rules.submit({ idempotencyKey: wish.key }, 'another hash')).toThrow(/another body/)
    expect(this.rules.state.headSeq).toBe(before)
  }

  started({ taskId }: ModelTask): void {
    this.rules.running(taskId)
    this.model.started(taskId)
    this.agree()
  }

  ended({ taskId }: ModelTask, outcome: RunOutcome): void {
    this.rules.ended(taskId, endOf(outcome))
    this.model.ended(taskId, outcome)
    this.agree()
  }

  /** [RN2] A report of a run that is over changes nothing. */
  toldLate({ taskId }: ModelTask): void {
    const past = this.rules.task(taskId).past.at(-1)
    if (past === undefined) return
    this.rules.ended(taskId, endOf('succeeded'), past.fence, past.nodeId)
    this.agree()
  }

  declined({ taskId, run }: ModelTask, retryAfterMs: number): void {
    if (run === null) return
    const { nodeId, fence } = run
    const report = { name: 'decline_run', taskId: asTaskId(taskId), fence: fenceOf(fence) } as const
    this.rules.node(nodeId, { ...report, code: 'no_memory', text: 'no room', retryAfterMs })
    this.model.declined(taskId, this.rules.nowMs + retryAfterMs)
    this.agree()
  }

  cancel({ taskId }: ModelTask): void {
    this.rules.control(taskId, 'cancel')
    this.model.cancel(taskId)
    this.agree()
  }

  retry({ taskId }: ModelTask): void {
    if (this.model.retry(taskId)) this.rules.control(taskId, 'retry')
    else expect(() => this.rules.control(taskId, 'retry')).toThrow()
    this.agree()
  }

  silent(nodeId: string): void {
    this.#renew()
    this.rules.system({ name: 'node_silent', nodeId: nodeIdOf(nodeId), reason: 'cut' })
    this.model.silent(nodeId)
    this.agree()
  }

  /** Back with its runs, or as another process without any. */
  returned(nodeId: string, isSame: boolean): void {
    const node = this.model.fleet.nodes.get(nodeId)
    if (node === undefined) return
    const incarnation = isSame ? node.incarnation : node.incarnation + 1
    const held = isSame ? this.#runsOn(nodeId).filter(({ isStarted }) => isStarted) : []
    const inventory = held.map(({ taskId, attempt, fence }): HeldRun => {
      const run = { taskId: asTaskId(taskId), attempt, fence: fenceOf(fence), state: 'running' } as const
      return { ...run, pid: 1, outBytes: 0, errBytes: 0 }
    })
    this.rules.join(nodeId, { slots: node.slots, incarnation, inventory })
    this.model.returned(nodeId, incarnation, new Set(held.map(({ fence }) => fence)))
    this.agree()
  }

  setCapacity(runsMax: number | null): void {
    this.rules.user({ name: 'set_limit', scope: 'capacity', value: 'api', runsMax, rate: null })
    this.model.fleet.capacityRunsMax = runsMax
    this.agree()
  }

  pauseCapacity(isPaused: boolean): void {
    const action = isPaused ? 'pause' : 'resume'
    this.rules.user({ name: 'change_limit', limitId: 'capacity:api', action })
    this.model.fleet.isCapacityPaused = isPaused
    this.agree()
  }

  /** Of each concurrency key. */
  setKeyLimit(runsMax: number): void {
    this.rules.user({ name: 'set_limit', scope: 'key', value: '*', runsMax, rate: null })
    this.model.fleet.keyRunsMax = runsMax
    this.agree()
  }

  /** Time passes, from one thing that is due to the next. */
  pass(ms: number): void {
    const untilMs = this.rules.nowMs + ms
    for (let fires = 0; ; fires += 1) {
      const dueMs = Math.min(untilMs, Math.max(this.rules.nowMs, this.model.nextDueMs() ?? untilMs))
      this.model.nowMs = dueMs
      this.#renew(dueMs)
      this.rules.pass(dueMs - this.rules.nowMs)
      this.model.elapse()
      this.agree()
      if (dueMs === untilMs && (this.model.nextDueMs() ?? untilMs + 1) > untilMs) return
      expect(fires, 'something is due again and again').toBeLessThan(firesMax)
    }
  }

  /** Both sides say the same of every task, and nothing that could go waits. */
  agree(): void {
    const { rules, model } = this
    for (const event of rules.log.slice(this.#seen)) {
      if (event.type === 'TaskAssigned') model.placed(event.entity.id, event.body.nodeId, event.seq)
      if (event.type === 'TaskDelayed') model.learnDue(event.entity.id, event.body.dueAtMs)
    }
    this.#seen = rules.log.length
    for (const task of this.tasks) {
      const [real, wanted] = [realOf(rules, task.taskId), shown(task)]
      if (!isDeepStrictEqual(real, wanted)) expect(real).toEqual(wanted)
    }
    expect(model.forgotten()?.taskId).toBeUndefined()
  }

  #runsOn(nodeId: string): readonly (ModelRun & { readonly taskId: string; readonly attempt: number })[] {
    return this.tasks.flatMap(({ taskId, attempt, run }) =>
      run?.nodeId === nodeId ? [{ ...run, taskId, attempt }] : [],
    )
  }

  /** Masters that are online renew all the time. */
  #renew(nowMs = this.rules.nowMs): void {
    for (const [nodeId, { silentSinceMs }] of this.model.fleet.nodes)
      if (silentSinceMs === null) this.rules.renewedAtMs.set(nodeId, nowMs)
  }
}

const shown = ({ taskId, phase, attempt, dueAtMs, waitsFor, run }: ModelTask) => ({
  taskId,
  phase,
  attempt,
  fence: phase === 'live' ? run?.fence : null,
  dueAtMs: phase === 'delayed' ? dueAtMs : null,
  waitsFor: phase === 'blocked' ? waitsFor : [],
})

function realOf(rules: Rules, taskId: string) {
  const { state } = rules.task(taskId)
  return {
    taskId,
    phase: state.phase === 'final' ? state.outcome : state.phase,
    attempt: state.attempt,
    fence: state.phase === 'live' ? state.run.fence : null,
    dueAtMs: state.phase === 'delayed' ? state.dueAtMs : null,
    waitsFor: state.phase === 'blocked' ? state.waitsFor : [],
  }
}
