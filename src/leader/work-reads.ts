import { batchView, workView } from '../contract/work-views.js'
import { ControlError } from '../core/errors.js'
import { bornAt } from '../core/ids.js'
import type { State } from '../core/state.js'
import type { Work } from '../core/work/work.js'
import type { Clock } from '../ports/clock.js'
import type { CancelSignal, JsonBytes, Page } from '../ports/control-plane.js'
import type { Gate } from './gate.js'
import { highest } from './highest.js'
import { Waiters } from './waiters.js'

/** Batches and bulk acts, as memory holds them: the running ones and the newest that are over. */
export class WorkReads {
  readonly #state: State
  readonly #gate: Gate
  readonly #waiters: Waiters

  constructor(options: { readonly state: State; readonly gate: Gate; readonly clock: Clock }) {
    this.#state = options.state
    this.#gate = options.gate
    this.#waiters = new Waiters(options.clock)
  }

  /** With waitMs: when it is over, or as it stands when the time is. */
  async work(workId: string, waitMs: number, signal?: CancelSignal): Promise<JsonBytes> {
    return this.#gated(workView(await this.#whenOver(workId, waitMs, signal)))
  }

  async batch(batchId: string, waitMs: number, signal?: CancelSignal): Promise<JsonBytes> {
    this.#batch(batchId)
    return this.#gated(batchView(await this.#whenOver(batchId, waitMs, signal)))
  }

  /** Newest first. */
  works(page: Page): Promise<JsonBytes> {
    const { shown, nextCursor } = this.#page(page, () => true)
    return this.#gated({ work: shown.map((work) => workView(work)), nextCursor })
  }

  batches(page: Page): Promise<JsonBytes> {
    const { shown, nextCursor } = this.#page(page, ({ job }) => job.kind === 'batch')
    return this.#gated({ batches: shown.map(batchView), nextCursor })
  }

  /** A turn is committed. */
  committed(): void {
    this.#waiters.look()
  }

  async #whenOver(workId: string, waitMs: number, signal: CancelSignal | undefined): Promise<Work> {
    this.#find(workId)
    const isOver = (): boolean => this.#state.work(workId)?.state !== 'running'
    await this.#waiters.until(isOver, waitMs, signal)
    return this.#find(workId)
  }

  #find(workId: string): Work {
    const work = this.#state.work(workId)
    if (work === undefined)
      throw new ControlError('work_not_found', `there is no batch or bulk act ${workId}`)
    return work
  }

  #batch(batchId: string): void {
    if (this.#find(batchId).job.kind !== 'batch')
      throw new ControlError('work_not_found', `${batchId} is no batch; look at /api/work/${batchId}`)
  }

  #page(page: Page, isWanted: (work: Work) => boolean) {
    const beforeSeq = page.cursor === null ? Number.POSITIVE_INFINITY : bornAt(page.cursor)
    if (Number.isNaN(beforeSeq)) throw new ControlError('invalid_request', 'cursor: not one that a list gave')
    const wanted = [...this.#state.tables.work.values()].filter(
      (work) => bornAt(work.workId) < beforeSeq && isWanted(work),
    )
    const shown = highest(wanted, page.limit, ({ workId }) => bornAt(workId))
    const nextCursor = shown.length < wanted.length ? (shown.at(-1)?.workId ?? null) : null
    return { shown, nextCursor }
  }

  #gated(view: object): Promise<JsonBytes> {
    const json = JSON.stringify(view)
    return new Promise((resolve) => this.#gate.when(this.#state.headSeq, () => resolve(json)))
  }
}
