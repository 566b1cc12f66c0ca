import { toBatchItem } from '../../contract/batch-items.js'
import type { LogEvent } from '../../core/event.js'
import { SimCalls, type SimGuest, type SimGuestOptions } from './sim-guest.js'

interface Batch {
  readonly name: string
  readonly items: number
  readonly atomic: boolean
  batchId: string | null
}

/** Submits batches with keys and cancels what is left of some by a filter. */
export class SimBatches implements SimGuest {
  readonly #options: SimGuestOptions
  readonly #calls: SimCalls
  readonly #batches: Batch[] = []
  readonly #running = new Set<string>()
  /** How often an item became a task, by its name. */
  readonly #made = new Map<string, number>()
  /** Of an atomic batch, in one turn: its name, and how many tasks it has by now. */
  #turn: { readonly name: string; readonly causeSeq: number; made: number } | null = null

  constructor(options: SimGuestOptions) {
    this.#options = options
    this.#calls = new SimCalls(options, 'bulk')
  }

  begin(withinMs: number): void {
    const { clock, random } = this.#options
    for (let count = random.int(1, 3); count > 0; count -= 1) {
      const name = `bulk${count}`
      const batch: Batch = {
        name,
        items: random.pick([3, 40, 250]),
        atomic: random.chance(0.4),
        batchId: null,
      }
      this.#batches.push(batch)
      clock.after(random.between(0, withinMs), () => this.#submit(batch))
      if (random.chance(0.5)) clock.after(random.between(withinMs, 2 * withinMs), () => this.#submit(batch))
      if (random.chance(0.8))
        clock.after(random.between(withinMs / 2, 2 * withinMs), () => this.#cancel(batch))
    }
  }

  take(event: LogEvent): void {
    const { fail } = this.#options
    if (event.type === 'WorkStarted') this.#running.add(event.entity.id)
    else if (event.type === 'WorkFinished') {
      const { id } = event.entity
      if (!this.#running.delete(id)) fail('WI3', `${id} ended and was not running`)
      if (event.body.state === 'failed') fail('WI1', `${id} failed: ${event.body.detail}`)
    } else if (event.type === 'TaskSubmitted') {
      const { name } = event.body.spec
      this.#made.set(name, (this.#made.get(name) ?? 0) + 1)
    }
    this.#takeAtomic(event)
  }

  get unrest(): string | null {
    if (this.#calls.open > 0) return `${this.#calls.open} calls about batches were never answered`
    const [running] = this.#running
    return running === undefined ? null : `work ${running} is not over`
  }

  /** [WI3] Every item became one task. */
  check(): void {
    for (const { name, items } of this.#batches)
      for (let place = 0; place < items; place += 1) {
        const made = this.#made.get(`${name}.${place}`) ?? 0
        if (made !== 1) this.#options.fail('WI3', `item ${place} of ${name} became ${made} tasks`)
      }
  }

  /** [WI2] The tasks of an atomic batch are made one right after the other, all of them, by one decision. */
  #takeAtomic(event: LogEvent): void {
    const name = event.type === 'TaskSubmitted' ? (event.body.spec.name.split('.')[0] ?? '') : ''
    const batch = this.#batches.find((one) => one.atomic && one.name === name)
    const turn = this.#turn
    if (batch !== undefined) {
      if (turn?.name === name && turn.causeSeq === event.causeSeq) turn.made += 1
      else this.#turn = { name, causeSeq: event.causeSeq, made: 1 }
    } else if (turn !== null && event.causeSeq !== turn.causeSeq) this.#turnOver(turn)
  }

  #turnOver(turn: { readonly name: string; readonly made: number }): void {
    this.#turn = null
    const items = this.#batches.find((one) => one.name === turn.name)?.items
    if (turn.made !== items)
      this.#options.fail('WI2', `${turn.made} of ${items} items of ${turn.name} were made together`)
  }

  #submit(batch: Batch): void {
    const { name, items, atomic } = batch
    const requests = Array.from({ length: items }, (_, place) =>
      toBatchItem({
        type: 'command',
        name: `${name}.${place}`,
        payload: { command: 'true' },
        idempotencyKey: place % 7 === 0 ? `${name}.${place}` : undefined,
      }),
    )
    this.#calls.untilKnown(async (plane, caller) => {
      const intake = plane.batchIntake(caller)
      await intake.add(requests)
      const { batchId } = await intake.submit({ atomic, bytes: 1, idempotencyKey: name })
      if (batch.batchId !== null && batch.batchId !== batchId)
        this.#options.fail('WI5', `${name} was ${batch.batchId} and is now ${batchId}`)
      batch.batchId = batchId
    })
  }

  #cancel({ name }: Batch): void {
    const command = {
      name: 'start_acts',
      action: 'cancel',
      filter: { text: `${name}.` },
      dryRun: false,
      idempotencyKey: `cancel ${name}`,
    } as const
    this.#calls.untilKnown((plane, caller) => plane.execute(caller, { command, projectId: 'default' }))
  }
}
