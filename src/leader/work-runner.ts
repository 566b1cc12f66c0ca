import { bornAt } from '../core/ids.js'
import type { Input } from '../core/input.js'
import { limits } from '../core/limits.js'
import type { State } from '../core/state.js'
import type { Task } from '../core/tasks/task.js'
import type { Outcome } from '../core/turn.js'
import type { BatchItem } from '../core/work/batch.js'
import type { Work } from '../core/work/work.js'
import type { Clock } from '../ports/clock.js'
import type { Log } from '../ports/log.js'
import type { WorkBodies } from '../ports/work-bodies.js'
import { dependsOnOf, specsOf } from './cold-dependencies.js'
import { keyHoldersOf } from './key-holders.js'
import { mergeable } from './merge-items.js'
import { systemInput } from './turn-loop.js'

export interface WorkRunnerOptions {
  readonly state: State
  readonly bodies: WorkBodies
  readonly clock: Clock
  readonly log: Log
  readonly offer: (input: Input, done: (outcome: Outcome) => void) => void
  /** No new tasks are made while the disk is full; acts go on. */
  readonly admission: () => 'open' | 'disk_full'
  /** Holders of keys whose tasks left memory. */
  readonly keyHolder: (clientId: string, key: string) => Promise<Task | null>
  /** Those of these tasks that left memory. */
  readonly dependencies: (taskIds: readonly string[]) => Promise<readonly Task[]>
  readonly onFatal: (reason: string, cause: unknown) => void
}

/**
 * Goes on with batches and bulk acts: one step at a time over all of them, in turn, and the next one is offered when
 * the one before is committed. So whatever else comes waits for one step at most. What is owed is read off the state: a
 * leader that takes over goes on at the cursors.
 */
export class WorkRunner {
  readonly #options: WorkRunnerOptions
  #phase: 'idle' | 'running' | 'stopped' = 'idle'
  /** Work that had the last step. */
  #lastSeq = 0
  /** Work whose last step could do nothing; it is tried again later. */
  readonly #resting = new Set<string>()
  /** Items read and not yet decided. */
  #page: { readonly workId: string; readonly fromIndex: number; readonly items: readonly string[] } | null =
    null
  /** Bodies in the store, by work. */
  readonly #bodyOf = new Map<string, string>()

  constructor(options: WorkRunnerOptions) {
    this.#options = options
  }

  /** Forgets items that belong to nothing; then goes on with what is under way. Before any batch is taken. */
  async start(): Promise<void> {
    const { state, bodies } = this.#options
    this.#noteBodies()
    const wanted = new Set(this.#bodyOf.values())
    for (const bodyId of await bodies.bodyIds()) if (!wanted.has(bodyId)) await bodies.drop(bodyId)
    if (state.index.runningWork.size > 0) this.#wake()
  }

  /** A turn is committed. */
  committed(): void {
    if (this.#options.state.index.runningWork.size === 0 && this.#bodyOf.size === 0) return
    this.#noteBodies()
    for (const [workId, bodyId] of this.#bodyOf) {
      if (this.#options.state.work(workId)?.state === 'running') continue
      this.#bodyOf.delete(workId)
      this.#options.bodies
        .drop(bodyId)
        .catch((error: unknown) =>
          this.#options.log.warn('items of a batch that is over stay', { bodyId, error }),
        )
    }
    this.#wake()
  }

  stop(): void {
    this.#phase = 'stopped'
  }

  #noteBodies(): void {
    const { state } = this.#options
    for (const workId of state.index.runningWork) {
      const job = state.work(workId)?.job
      if (job?.kind === 'batch' && job.bodyId !== null) this.#bodyOf.set(workId, job.bodyId)
    }
  }

  #wake(): void {
    if (this.#phase !== 'idle' || this.#next() === null) return
    this.#phase = 'running'
    this.#run().catch((failure: unknown) => this.#options.onFatal('a batch cannot be gone on with', failure))
  }

  async #run(): Promise<void> {
    for (let work = this.#next(); work !== null; work = this.#next()) {
      this.#lastSeq = bornAt(work.workId)
      await this.#step(work)
      if (this.#phase === 'stopped') return
    }
    this.#phase = 'idle'
  }

  /** In turn: the one born after the last one that had a step, else the oldest. */
  #next(): Work | null {
    const { state } = this.#options
    let oldest: Work | null = null
    let following: Work | null = null
    for (const workId of state.index.runningWork) {
      const work = state.work(workId)
      if (work === undefined || this.#resting.has(workId)) continue
      const bornSeq = bornAt(workId)
      if (oldest === null || bornSeq < bornAt(oldest.workId)) oldest = work
      if (bornSeq <= this.#lastSeq) continue
      if (following === null || bornSeq < bornAt(following.workId)) following = work
    }
    return following ?? oldest
  }

  async #step(work: Work): Promise<void> {
    const { state, admission } = this.#options
    const { workId, cursor } = work
    if (work.job.kind === 'batch' && admission() === 'disk_full') {
      this.#rest(workId)
      return
    }
    const outcome =
      work.job.kind === 'batch' ? await this.#stepBatch(work) : await this.#offer(this.#advance(work))
    const after = state.work(workId)
    const stands = after?.state === 'running' && after.cursor === cursor
    if (!outcome.ok || stands) this.#rest(workId)
  }

  async #stepBatch(work: Work): Promise<Outcome> {
    const items = await this.#items(work)
    if (items.length === 0) {
      const detail = `its items from ${work.cursor} on are not in the store any more`
      return this.#offer(systemInput({ name: 'fail_work', workId: work.workId, detail }, work.traceId))
    }
    const facts = await this.#factsOf(work, items)
    const input = this.#advance(work, items)
    return this.#offer(facts === null ? input : { ...input, facts })
  }

  /** Tasks that retire meanwhile would be neither here nor in memory: then it looks again. */
  async #factsOf(work: Work, items: readonly BatchItem[]): Promise<NonNullable<Input['facts']> | null> {
    const { state, keyHolder } = this.#options
    for (;;) {
      const retiredThroughSeq = state.cluster?.retiredThroughSeq
      const keyHolders = await keyHoldersOf(work.clientId, items, { state, keyHolder })
      const dependencies = await this.#options.dependencies(dependsOnOf(specsOf(items)))
      if (state.cluster?.retiredThroughSeq !== retiredThroughSeq) continue
      if (keyHolders.size === 0 && dependencies.length === 0) return null
      return { asOfSeq: state.headSeq, keyHolders, dependencies }
    }
  }

  #advance(work: Work, items?: readonly BatchItem[]): Input {
    const { workId, cursor, clientId, traceId } = work
    const command = {
      name: 'advance_work',
      workId,
      fromCursor: cursor,
      ...(items === undefined ? {} : { items }),
    } as const
    return { ...systemInput(command, traceId), onBehalfOf: clientId }
  }

  /** The items of the next step; the rest of what was read is kept for the one after. */
  async #items({ workId, cursor, job }: Work): Promise<readonly BatchItem[]> {
    if (job.kind !== 'batch' || job.bodyId === null) return []
    const known = this.#page
    const isHere =
      known?.workId === workId && known.fromIndex <= cursor && cursor < known.fromIndex + known.items.length
    if (!isHere) {
      const most = { itemsMax: limits.readerRowsMax, charsMax: 4 * limits.workStepBytes }
      this.#page = {
        workId,
        fromIndex: cursor,
        items: await this.#options.bodies.read(job.bodyId, cursor, most),
      }
    }
    const page = this.#page
    const ahead = page === null ? [] : page.items.slice(cursor - page.fromIndex)
    let chars = 0
    let count = 0
    while (count < ahead.length && count < limits.workStepItems && chars < limits.workStepBytes) {
      chars += ahead[count]?.length ?? 0
      count += 1
    }
    const items = ahead.slice(0, count).map((json) => JSON.parse(json) as BatchItem)
    return job.merges === true ? mergeable(items, job.bodyId) : items
  }

  #offer(input: Input): Promise<Outcome> {
    return new Promise((resolve) => this.#options.offer(input, resolve))
  }

  #rest(workId: string): void {
    this.#resting.add(workId)
    this.#options.clock.after(limits.workRetryMs, () => {
      this.#resting.delete(workId)
      this.#wake()
    })
  }
}
