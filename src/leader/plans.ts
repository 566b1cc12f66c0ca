import { planView } from '../contract/plan-views.js'
import type { LogEvent } from '../core/event.js'
import { findPlan, type Plan, plansOf } from '../core/index/plans.js'
import type { UserCommand } from '../core/input.js'
import type { State } from '../core/state.js'
import type { Calendar } from '../ports/calendar.js'
import type { Clock } from '../ports/clock.js'
import type { Conditions } from '../ports/conditions.js'
import type { CommandRequest, ControlPlane, JsonBytes } from '../ports/control-plane.js'
import type { Random } from '../ports/random.js'
import type { Journal, Views } from '../ports/store.js'
import type { Gate } from './gate.js'
import { Planner } from './planner.js'
import { ReadyTasks } from './ready-tasks.js'
import { ScheduleDuty } from './schedule-duty.js'
import { verdictOn } from './trigger-checks.js'
import { TriggerDuty } from './trigger-duty.js'
import type { TurnLoop } from './turn-loop.js'

export interface PlansOptions {
  readonly state: State
  readonly loop: Pick<TurnLoop, 'offer' | 'nowMs'> & { readonly gate: Gate }
  readonly clock: Clock
  readonly calendar: Calendar
  readonly conditions: Conditions
  readonly journal: Pick<Journal, 'read'>
  readonly views: Pick<Views, 'task'>
  readonly random: Random
  readonly onFatal: (reason: string, cause?: unknown) => void
}

/** Schedules, templates and triggers on the leader's side of the rules. */
export class Plans {
  readonly #options: PlansOptions
  readonly #planner: Planner
  readonly #schedules: ScheduleDuty
  readonly #triggers: TriggerDuty

  constructor(options: PlansOptions) {
    const { state, random, loop } = options
    const ready = new ReadyTasks({ state, random })
    this.#options = options
    this.#planner = new Planner({ ...options, ready })
    const offer: TurnLoop['offer'] = (input, done) => loop.offer(input, done)
    this.#schedules = new ScheduleDuty({ ...options, ready, offer })
    this.#triggers = new TriggerDuty({ ...options, ready, offer, nowMs: () => loop.nowMs() })
  }

  /** A request of a transport as the rules decide it. Throws ControlError for what can never work as asked. */
  complete(request: CommandRequest, projectId: string): UserCommand {
    return this.#planner.complete(request, projectId)
  }

  start(): void {
    this.#schedules.look()
    this.#triggers.start()
  }

  /** After each commit, in order. */
  committed(events: readonly LogEvent[], toSeq: number): void {
    this.#schedules.look()
    this.#triggers.committed(events, toSeq)
  }

  stop(): void {
    this.#schedules.stop()
    this.#triggers.stop()
  }

  reads(): Pick<ControlPlane, 'plan' | 'plans' | 'slots' | 'verdict'> {
    const { state, clock } = this.#options
    return {
      plan: async (_caller, kind, ref, projectId) => {
        const plan: Plan = findPlan(state, kind, ref, projectId)
        return this.#gated(planView(plan))
      },
      plans: async (_caller, kind, projectId) => {
        const plans = plansOf(state, kind).filter(
          (plan) => projectId === null || plan.projectId === projectId,
        )
        return this.#gated({ [`${kind}s`]: plans.map(planView) })
      },
      slots: async (_caller, about) => {
        const afterMs = about.afterMs ?? clock.wallMs()
        return JSON.stringify({ slots: this.#planner.slots({ ...about, afterMs }) })
      },
      verdict: async (_caller, about) => this.#gated(await verdictOn(about, this.#options)),
    }
  }

  /** Leaves when the state that it was read from is committed. */
  #gated(value: unknown): Promise<JsonBytes> {
    const { state, loop } = this.#options
    const json = JSON.stringify(value)
    return new Promise((resolve) => loop.gate.when(state.headSeq, () => resolve(json)))
  }
}
