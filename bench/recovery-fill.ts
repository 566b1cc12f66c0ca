import { openSqliteStore, type SqliteStore } from '../src/adapters/store-sqlite/open-store.js'
import { agentIdOf, asTaskId, fenceOf, nodeIdOf, projectIdOf } from '../src/core/ids.js'
import type { Command, Input } from '../src/core/input.js'
import { limits } from '../src/core/limits.js'
import { type Entity, entityId, type State } from '../src/core/state.js'
import type { TaskSpec } from '../src/core/tasks/task.js'
import { type Made, runInput, runSchedule } from '../src/core/turn.js'
import { recover } from '../src/leader/recovery.js'
import { encodeEvent, systemInput } from '../src/leader/turn-loop.js'
import { endOf } from '../src/testing/core-fixture.js'
import { registerSample } from '../src/testing/link-samples.js'
import { ManualClock } from '../src/testing/manual-clock.js'
import { silentLog } from '../src/testing/silent-log.js'

export interface FillRequest {
  readonly dataDir: string
  readonly tasks: number
  readonly open: number
  /** Events after the last projection. */
  readonly tailEvents: number
}

export interface Filled {
  readonly projectedSeq: number
  readonly lastSeq: number
}

interface Live {
  readonly taskId: string
  readonly fence: number
  readonly nodeId: string
}

const masters = 100
const slots = 10
/** Events of one group, as a leader under load has them. */
const groupEvents = 500
/** Events of one projection. */
const batchEvents = 20_000

/**
 * Writes a log and its views as a leader would: the product's rules decide, its store's adapters append and project;
 * only transports and masters are left out, for which 1,000,000 tasks would take a quarter of an hour.
 */
class Filler {
  readonly #store: SqliteStore
  readonly #state: State
  readonly #made: Made = { events: [], changed: [] }
  #pending = new Map<string, Entity>()
  #projectedSeq: number
  #keyframeSeq = 0
  #projecting: Promise<void> = Promise.resolve()
  readonly #live: Live[] = []
  #nowMs = Date.now() - 3_600_000
  #submitted = 0

  static async open(dataDir: string): Promise<Filler> {
    const store = await openSqliteStore({ dataDir, log: silentLog })
    const { journal, views } = store
    const clock = new ManualClock()
    const recovered = await recover({ journal, views, clock, log: silentLog, leaderId: 'leader-1' })
    return new Filler(store, recovered)
  }

  private constructor(store: SqliteStore, recovered: Awaited<ReturnType<typeof recover>>) {
    this.#store = store
    this.#state = recovered.state
    this.#projectedSeq = recovered.projectedSeq
    for (const entity of recovered.unprojected) this.#pending.set(keyOf(entity), entity)
    for (let n = 0; n < masters; n += 1) this.#join(n)
  }

  get headSeq(): number {
    return this.#state.headSeq
  }

  get projectedSeq(): number {
    return this.#projectedSeq
  }

  /** Tasks that are submitted, run and succeed. */
  async finish(tasks: number): Promise<void> {
    const target = this.#submitted + tasks
    while (this.#submitted < target) {
      this.#submit()
      this.#end(this.#live.splice(0))
      await this.#append(groupEvents)
    }
  }

  /** A task comes for each that ends, so that as many stay open; the views do not hear of it. */
  async goOnUntil(seq: number): Promise<void> {
    while (this.#state.headSeq < seq) {
      this.#submit()
      this.#end(this.#live.splice(0, 1))
      await this.#append(groupEvents, false)
    }
    await this.#append(1, false)
  }

  /** Tasks that stay: some run, the rest waits. */
  async leaveOpen(tasks: number): Promise<void> {
    for (let n = 0; n < tasks; n += 1) {
      this.#submit()
      await this.#append(groupEvents)
    }
    await this.#append(1)
    await this.#project()
    await this.#projecting
  }

  #join(n: number): void {
    const nodeId = nodeIdOf(`master-${n + 1}`)
    const agents = Array.from({ length: slots }, (_, slot) => ({
      ...{ agentId: agentIdOf(`${nodeId}/p${slot + 1}`), kind: 'process' as const, failed: false },
      ...{ windowId: null, accountIdx: null, createdAtMs: 0 },
    }))
    const { incarnation, version } = registerSample
    const capabilities = { ...registerSample.capabilities, slots }
    const known = { incarnation, version, url: null, capabilities, agents, inventory: [] }
    this.#give(nodeId, { name: 'register_node', nodeId, ...known })
  }

  #submit(): void {
    this.#submitted += 1
    this.#give('user', { name: 'submit_task', spec: specOf(this.#submitted), bodyHash: '' })
  }

  #end(runs: readonly Live[]): void {
    const end = endOf('succeeded')
    for (const { taskId, fence, nodeId } of runs) {
      const run = { taskId: asTaskId(taskId), fence: fenceOf(fence) }
      this.#give(nodeId, { name: 'report_run', ...run, change: { phase: 'ended', end } })
    }
  }

  #give(who: string, command: Command): void {
    const madeBefore = this.#made.events.length
    const outcome = runInput(this.#state, inputOf(who, command), this.#nowMs, this.#made)
    if (!outcome.ok) throw outcome.error
    runSchedule(this.#state, this.#nowMs, this.#made, Number.POSITIVE_INFINITY)
    for (const event of this.#made.events.slice(madeBefore)) {
      if (event.type !== 'TaskAssigned') continue
      this.#live.push({ taskId: event.entity.id, fence: event.seq, nodeId: event.body.nodeId })
    }
  }

  /** One group, when it has as many events. */
  async #append(eventsMin: number, isProjected = true): Promise<void> {
    if (this.#made.events.length < eventsMin) return
    const events = this.#made.events.splice(0).map(encodeEvent)
    const changed = this.#made.changed.splice(0)
    const { journal } = this.#store
    const outcome = await journal.append({ term: this.#state.term, firstSeq: events[0]?.seq ?? 0, events })
    if (outcome.kind !== 'committed') throw new Error(`a group is ${outcome.kind}`)
    this.#nowMs += 10
    if (!isProjected) return
    for (const entity of changed) this.#pending.set(keyOf(entity), entity)
    if (this.#state.headSeq - this.#projectedSeq >= batchEvents) await this.#project()
  }

  /** Starts a projection of all that is appended when the one before is done; goes on meanwhile. */
  async #project(): Promise<void> {
    await this.#projecting
    const entities = [...this.#pending.values()]
    this.#pending = new Map()
    const [fromSeq, toSeq] = [this.#projectedSeq, this.#state.headSeq]
    this.#projectedSeq = toSeq
    this.#projecting = this.#write(entities, fromSeq, toSeq)
    const { finishedTasks } = this.#state.index
    const excess = finishedTasks.size - limits.tasksFinishedKept
    const throughSeq = Math.min(finishedTasks.seqAt(excess) ?? 0, fromSeq)
    if (excess > 0 && throughSeq > 0) this.#give('system', { name: 'retire_tasks', throughSeq })
  }

  async #write(entities: readonly Entity[], fromSeq: number, toSeq: number): Promise<void> {
    const { views } = this.#store
    await views.project({ fromSeq, toSeq, entities })
    if (toSeq - this.#keyframeSeq < limits.keyframeEvents) return
    this.#keyframeSeq = toSeq
    await views.keyframe(toSeq, this.#nowMs)
  }
}

const keyOf = (entity: Entity): string => `${entity.kind}:${entityId(entity)}`

const specOf = (n: number): TaskSpec => ({
  ...{ type: 'command', name: `task number-${n}`, priority: 5 },
  payload: { command: ['true'] },
  requirements: { accountIdx: null, workerId: null, timeout: 0 },
  stallAfterMs: 0,
  retry: { attemptsMax: 4, on: ['lost'], backoffMs: 1_000 },
  ...{ leaseClass: 'steady', onDisconnect: 'keep', idempotencyKey: `key-${n}` },
})

function inputOf(who: string, command: Command): Input {
  if (who === 'system') return systemInput(command)
  const projectId = projectIdOf('default')
  const rest = { command, projectId, traceId: '', deadlineMs: null }
  if (who === 'user') return { ...rest, principal: { kind: 'user', id: 'admin', role: 'admin' }, via: 'rest' }
  return { ...rest, principal: { kind: 'node', id: who }, via: 'node' }
}

process.on('message', async ({ dataDir, tasks, open, tailEvents }: FillRequest) => {
  const filler = await Filler.open(dataDir)
  await filler.finish(tasks - open)
  await filler.leaveOpen(open)
  const { projectedSeq } = filler
  await filler.goOnUntil(projectedSeq + tailEvents)
  process.send?.({ projectedSeq, lastSeq: filler.headSeq } satisfies Filled)
  // The parent kills it here, as a leader whose views were so far behind.
})
