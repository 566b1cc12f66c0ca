import { parseOrRefuse } from '../../contract/catalogue.js'
import { scheduleBodySchema, toScheduleDefinition } from '../../contract/schedule.js'
import type { LogEvent } from '../../core/event.js'
import { SimCalls, type SimGuest, type SimGuestOptions } from './sim-guest.js'

const names = ['often', 'seldom'] as const

/** Makes schedules of a few seconds, pauses and resumes them, and deletes them in the end. */
export class SimSchedules implements SimGuest {
  readonly #options: SimGuestOptions
  readonly #calls: SimCalls
  /** Slots that were fired, by schedule. */
  readonly #fired = new Set<string>()
  #isHealed = false

  constructor(options: SimGuestOptions) {
    this.#options = options
    this.#calls = new SimCalls(options, 'planner')
  }

  begin(withinMs: number): void {
    const { clock, random } = this.#options
    for (const name of names) {
      clock.after(random.between(0, withinMs / 2), () => this.#create(name))
      if (random.chance(0.5)) continue
      clock.after(random.between(withinMs / 2, withinMs), () => this.#act('pause_schedule', name))
      clock.after(random.between(withinMs, 2 * withinMs), () => this.#act('resume_schedule', name))
    }
  }

  /** [SC1] Each slot once, and never before its time. */
  take(event: LogEvent): void {
    if (event.type !== 'TaskSubmitted') return
    const origin = event.body.spec.origin?.schedule
    if (origin === undefined || origin.slotMs === null) return
    const slot = `${origin.scheduleId} ${origin.slotMs}`
    if (this.#fired.has(slot)) this.#options.fail('SC1', `slot ${slot} is fired again, at seq ${event.seq}`)
    this.#fired.add(slot)
    if (event.atMs < origin.slotMs)
      this.#options.fail('SC1', `slot ${slot} is fired ${origin.slotMs - event.atMs} ms early`)
  }

  heal(): void {
    this.#isHealed = true
    for (const name of names) this.#act('delete_schedule', name)
  }

  get unrest(): string | null {
    return this.#calls.open === 0 ? null : `${this.#calls.open} calls about schedules were never answered`
  }

  #create(name: (typeof names)[number]): void {
    if (this.#isHealed) return
    const { random } = this.#options
    const body = {
      name,
      cron: name === 'often' ? '*/2 * * * * *' : '*/7 * * * * *',
      catchUp: random.pick(['none', 'one', 'all']),
      overlap: random.pick(['allow', 'skip']),
      task: { type: 'command', payload: { command: 'sim:after=300' } },
    }
    const definition = toScheduleDefinition(parseOrRefuse(scheduleBodySchema, body, 'schedule'))
    const command = { name: 'create_schedule', definition } as const
    this.#calls.untilKnown(
      (plane, caller) => plane.execute(caller, { command, projectId: 'default' }),
      // Made by a call whose answer was lost; or deleted meanwhile, and made again by a late one.
      (code) => code === 'name_conflict',
    )
  }

  #act(act: 'pause_schedule' | 'resume_schedule' | 'delete_schedule', ref: string): void {
    const command = { name: act, ref }
    this.#calls.untilKnown(
      (plane, caller) => plane.execute(caller, { command, projectId: 'default' }),
      (code) => code === 'not_found',
    )
  }
}
