import { CelConditions } from '../adapters/conditions/cel-conditions.js'
import { ControlError } from '../core/errors.js'
import type { LogEvent } from '../core/event.js'
import type { Input } from '../core/input.js'
import type { Task } from '../core/tasks/task.js'
import type { Trigger, TriggerDefinition } from '../core/triggers/trigger.js'
import type { Outcome } from '../core/turn.js'
import { ReadyTasks } from '../leader/ready-tasks.js'
import { TriggerDuty } from '../leader/trigger-duty.js'
import { encodeEvent } from '../leader/turn-loop.js'
import type { Conditions } from '../ports/conditions.js'
import { Rules } from './core-fixture.js'
import { ManualClock } from './manual-clock.js'
import { sampleTrigger } from './plan-samples.js'

/** The duty of triggers over the real rules: commits when it is told to, refuses when it should, and dies at once. */
export class TriggerDutyFixture {
  readonly clock = new ManualClock()
  readonly rules: Rules
  readonly ends: string[] = []
  /** Every event of the log, those of earlier leaders too. */
  readonly journal: LogEvent[]
  /** Pages that were read from the journal. */
  reads = 0
  /** The leader takes nothing now. */
  isFull = false
  /** Inputs that are decided and folded, and whose commit nobody heard of yet. */
  readonly #inFlight: (() => void)[] = []
  readonly #duty: TriggerDuty
  #journaled = 0
  #told = 0
  #phase: 'leading' | 'dead' = 'leading'

  constructor(before?: TriggerDutyFixture, conditions: Conditions = new CelConditions()) {
    this.rules = before === undefined ? new Rules() : before.rules.succeed()
    this.journal = before === undefined ? [] : [...before.journal]
    this.#keep()
    this.#told = this.rules.log.length
    const { state } = this.rules
    this.#duty = new TriggerDuty({
      state,
      clock: this.clock,
      conditions,
      ready: new ReadyTasks({
        state,
        random: { fraction: () => 0, hex: () => '', secret: () => '', sha256: (text) => `hash of ${text}` },
      }),
      journal: {
        read: async (afterSeq, limit) => {
          this.reads += 1
          return this.journal
            .filter(({ seq }) => seq > afterSeq)
            .slice(0, limit)
            .map(encodeEvent)
        },
      },
      views: { task: async () => null },
      nowMs: () => this.rules.nowMs,
      offer: (input, done) => this.#offer(input, done),
      onFatal: (reason) => this.ends.push(reason),
    })
  }

  start(): void {
    this.#duty.start()
  }

  /** Something happens and is committed. */
  commit(act: (rules: Rules) => void): void {
    act(this.rules)
    this.tell()
  }

  /** The duty hears of what is committed since. */
  tell(): void {
    this.#keep()
    const events = this.rules.log.slice(this.#told)
    this.#told = this.rules.log.length
    this.#duty.committed(events, this.rules.state.headSeq)
    for (const done of this.#inFlight.splice(0)) done()
  }

  /** A task that ends before it ran. */
  end(changes: Parameters<Rules['submit']>[0] = {}): string {
    let taskId = ''
    this.commit((rules) => {
      taskId = rules.submit({ type: 'nobody-has-it', ...changes })
      rules.control(taskId, 'cancel')
    })
    return taskId
  }

  create(changes: Partial<TriggerDefinition> = {}): string {
    let id = ''
    this.commit((rules) => {
      const { definition } = sampleTrigger(1, 1, { name: 'after', ...changes })
      const answer = rules.user({ name: 'create_trigger', definition })
      id = answer.kind === 'plan' ? answer.id : ''
    })
    return id
  }

  trigger(id: string): Trigger {
    const trigger = this.rules.state.tables.trigger.get(id)
    if (trigger === undefined) throw new Error(`no trigger ${id}`)
    return trigger
  }

  /** Tasks that triggers made, by what they are about. */
  made(): readonly Task[] {
    return [...this.rules.state.tables.task.values()].filter(({ spec }) => spec.origin?.trigger !== undefined)
  }

  madeFor(): readonly number[] {
    return this.made().map(({ spec }) => spec.origin?.trigger?.eventSeq ?? 0)
  }

  /** Seqs of the ends of tasks that no trigger made. */
  endSeqs(): readonly number[] {
    return this.journal
      .filter(({ type, entity }) => {
        return type === 'TaskFinished' && this.rules.state.task(entity.id)?.spec.origin === undefined
      })
      .map(({ seq }) => seq)
  }

  /** Dies at once: what nobody heard of is in the log, and nothing else is remembered. */
  die(): TriggerDutyFixture {
    this.#phase = 'dead'
    this.#duty.stop()
    this.#keep()
    return new TriggerDutyFixture(this)
  }

  async rest(rounds = 30): Promise<void> {
    for (let round = 0; round < rounds; round += 1) {
      this.clock.pass(0)
      await new Promise((resolve) => setImmediate(resolve))
      if (this.#inFlight.length > 0) this.tell()
    }
  }

  async pass(ms: number): Promise<void> {
    this.rules.nowMs += ms
    this.clock.pass(ms)
    await this.rest()
  }

  #keep(): void {
    this.journal.push(...this.rules.log.slice(this.#journaled))
    this.#journaled = this.rules.log.length
  }

  #offer(input: Input, done: (outcome: Outcome) => void): void {
    if (this.#phase === 'dead') return
    if (this.isFull) {
      done({ ok: false, error: new ControlError('resource_exhausted', 'the disk is full') })
      return
    }
    const answer = this.rules.give(input)
    this.#inFlight.push(() => done({ ok: true, answer }))
  }
}
