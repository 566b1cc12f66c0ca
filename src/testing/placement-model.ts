import { assert } from '../core/assert.js'
import type { LogEvent } from '../core/event.js'
import { everyKey, limitIdOf } from '../core/ids.js'
import { limits } from '../core/limits.js'
import type { Node } from '../core/nodes/node.js'
import { askKey, askOf } from '../core/placement/ask.js'
import { defaultPlacement, strategies } from '../core/placement/choice.js'
import { hashOf, scoreOf } from '../core/placement/rendezvous.js'
import type { PlaceFacts } from '../core/placement/strategy.js'
import type { Limit, LimitScope, Rate } from '../core/run-limits/limit.js'
import { apply, State } from '../core/state.js'
import type { Task } from '../core/tasks/task.js'
import { needsOf, termsOf } from '../core/tasks/terms.js'

type Band = 0 | 1 | 2
const bandOf = (task: Task): Band => (task.spec.priority >= 8 ? 0 : task.spec.priority >= 4 ? 1 : 2)

interface Choice {
  readonly task: Task
  readonly nodeId: string
  readonly agentId: string
}

const gatesOf = (task: Task): readonly (readonly [LimitScope, string])[] => {
  const { capacity, concurrencyKey } = termsOf(task.spec)
  return [
    ['project', task.projectId],
    ...(capacity === null ? [] : [['capacity', capacity] as const]),
    ...(concurrencyKey === null ? [] : [['key', concurrencyKey] as const]),
  ]
}

/** A rate by its tokens, counted in thousandths of `perMs` so that they stay whole. */
class RateModel {
  readonly #starts = new Map<string, number[]>()

  started(gate: string, atMs: number): void {
    this.#starts.set(gate, [...(this.#starts.get(gate) ?? []), atMs])
  }

  /** Another rate begins full. */
  take(event: LogEvent): void {
    if (event.type !== 'LimitSet' && event.type !== 'LimitRemoved') return
    const id = event.entity.id
    const rate = event.type === 'LimitSet' ? JSON.stringify(event.body.rate) : 'none'
    const isSame = this.#rateOf.get(id) === rate
    this.#rateOf.set(id, rate)
    if (isSame && rate !== 'none') return
    for (const gate of [...this.#starts.keys()]) {
      const isOfEach = id === `key:${everyKey}` && gate.startsWith('key:') && !this.#hasOwn(gate)
      if (gate === id || isOfEach) this.#starts.delete(gate)
    }
  }
  readonly #rateOf = new Map<string, string>()

  #hasOwn(gate: string): boolean {
    return (this.#rateOf.get(gate) ?? 'none') !== 'none'
  }

  isDry(gate: string, { count, perMs }: Rate, nowMs: number): boolean {
    let tokens = count * perMs
    let at = 0
    for (const start of [...(this.#starts.get(gate) ?? []), nowMs]) {
      tokens = Math.min(count * perMs, tokens + (start - at) * count)
      at = start
      if (start !== nowMs) tokens -= perMs
    }
    // Starts of this very ms come last in the loop and were not paid for yet.
    const now = (this.#starts.get(gate) ?? []).filter((start) => start === nowMs).length
    return tokens - now * perMs < perMs
  }
}

/** The scheduler by brute force: looks at every task and every node each time, and keeps no index. */
export class PlacementModel {
  readonly state = new State()
  readonly #rates = new RateModel()
  readonly #starts: { readonly nodeId: string; readonly fence: number }[] = []
  /** By node and type. */
  readonly #responses = new Map<string, number>()
  readonly #sinceSeq = new Map<string, number>()
  readonly #open = new Set<string>()
  /** Until when a node declined an ask, or with "*" every ask. */
  readonly #declined = new Map<string, Map<string, number>>()
  /** By ask: runs of higher bands that took a place which a task of this band could have had. */
  readonly #passedOver = new Map<string, [number, number, number]>()

  /** Of the last event, or of what was asked with a later time. */
  #nowMs = 0

  /** Folds one event; an assignment must be the model's own choice. */
  take(event: LogEvent): void {
    this.#nowMs = event.atMs
    if (event.type === 'TaskAssigned') {
      this.#check(event.entity.id, event.body)
      this.#noteStart(event.entity.id, event.body)
    }
    apply(this.state, event)
    this.#rates.take(event)
    const task = event.entity.kind === 'task' ? this.state.task(event.entity.id) : undefined
    this.#noteRun(event, task)
    if (task?.state.phase === 'queued' && ['TaskSubmitted', 'TaskQueued'].includes(event.type))
      this.#sinceSeq.set(task.taskId, task.state.sinceSeq ?? event.seq)
    if (event.type === 'RunDeclined') {
      const { nodeId, code, untilMs } = event.body
      const key = code === 'leaving' || task === undefined ? '*' : askKey(task.spec)
      const declined = this.#declined.get(nodeId) ?? new Map<string, number>()
      this.#declined.set(nodeId, declined.set(key, Math.max(untilMs, declined.get(key) ?? 0)))
    }
    if (event.type === 'TermStarted') this.#open.clear()
    // Only what changed it says how it is.
    const node = event.entity.kind === 'node' ? this.state.node(event.entity.id) : undefined
    if (node?.seq === event.seq) {
      this.#declined.delete(node.nodeId)
      if (node.status === 'online') this.#open.add(node.nodeId)
      else this.#open.delete(node.nodeId)
    }
    const waiting = new Set(this.#queued().map((one) => askKey(one.spec)))
    for (const key of this.#passedOver.keys()) if (!waiting.has(key)) this.#passedOver.delete(key)
  }

  /** What must go next, or null when nothing that waits fits anywhere. */
  choice(nowMs = this.#nowMs): Choice | null {
    this.#nowMs = nowMs
    const task = this.#nextTask()
    if (task === null) return null
    const [place] = this.#places(task).sort(
      (a, b) => this.#rank(task, a) - this.#rank(task, b) || (a.nodeId < b.nodeId ? -1 : 1),
    )
    return place === undefined ? null : { task, nodeId: place.nodeId, agentId: place.agentId }
  }

  #check(taskId: string, body: { readonly nodeId: string; readonly agentId: string }): void {
    const choice = this.choice()
    const made = `${taskId} on ${body.agentId} of ${body.nodeId}`
    const wanted =
      choice === null ? 'nothing' : `${choice.task.taskId} on ${choice.agentId} of ${choice.nodeId}`
    assert(made === wanted, `the scheduler placed ${made}, the model ${wanted}`)
    if (choice === null) return
    const taken = bandOf(choice.task)
    const couldHave = this.#ready().filter((task) =>
      this.#places(task).some((place) => place.nodeId === choice.nodeId),
    )
    const asks = new Set(couldHave.map((task) => askKey(task.spec)))
    for (const key of asks) {
      const passed = this.#passedOver.get(key) ?? [0, 0, 0]
      passed[taken] = 0
      for (const band of [1, 2] as const) {
        if (band <= taken) continue
        if (couldHave.some((task) => askKey(task.spec) === key && bandOf(task) === band)) passed[band] += 1
      }
      this.#passedOver.set(key, passed)
    }
  }

  /** Lower goes first: the strategy's own rule on facts that are searched for, not kept. */
  #rank(task: Task, place: { readonly nodeId: string; readonly slot: number }): number {
    const { strategy, weights } = this.state.cluster?.placement ?? defaultPlacement
    const { rank, keyOf } = strategies[strategy]
    const key = keyOf?.(task.spec) ?? null
    if (key !== null) return -scoreOf(hashOf(place.nodeId), hashOf(key))
    const runs = this.#runsOn(place.nodeId)
    const slots = this.state.node(place.nodeId)?.agents.length ?? 0
    const facts: PlaceFacts = {
      lowestFree: place.slot,
      slots,
      slotsFree: slots - runs.reduce((sum, run) => sum + needsOf(run.spec).slots, 0),
      runs: runs.length,
      lastFence: this.#starts.findLast((start) => start.nodeId === place.nodeId)?.fence ?? 0,
      load: null,
      startsSinceLoad: this.#starts.filter((start) => start.nodeId === place.nodeId).length,
      responseMs: (type) => this.#responses.get(`${place.nodeId}\n${type}`) ?? null,
    }
    return rank(facts, task.spec.type, weights)
  }

  #runsOn(nodeId: string): Task[] {
    return [...this.state.tables.task.values()].filter(
      (one) => one.state.phase === 'live' && one.state.run.nodeId === nodeId,
    )
  }

  /** After the fold. */
  #noteRun(event: LogEvent, task: Task | undefined): void {
    if (event.type === 'TaskAssigned') this.#starts.push({ nodeId: event.body.nodeId, fence: event.seq })
    const last = task?.past.at(-1)
    if (event.type !== 'RunEnded' || task?.state.phase !== 'ending' || last === undefined) return
    if (last.end.outcome !== 'succeeded' && last.end.outcome !== 'exit') return
    const key = `${last.nodeId}\n${task.spec.type}`
    const tookMs = last.endedAtMs - (last.startedAtMs ?? last.assignedAtMs)
    const known = this.#responses.get(key)
    this.#responses.set(key, known === undefined ? tookMs : known + 0.2 * (tookMs - known))
  }

  #nextTask(): Task | null {
    const placeable = this.#ready().filter((task) => this.#places(task).length > 0)
    const starved = placeable.filter((task) => this.#starvedBand(askKey(task.spec)) === bandOf(task))
    const isStarving = starved.length > 0
    const [next] = (isStarving ? starved : placeable).sort(
      (a, b) =>
        (isStarving ? bandOf(b) - bandOf(a) : bandOf(a) - bandOf(b)) ||
        b.spec.priority - a.spec.priority ||
        this.#age(a) - this.#age(b),
    )
    return next ?? null
  }

  #starvedBand(key: string): Band | null {
    const passed = this.#passedOver.get(key)
    const has = (band: Band): boolean =>
      this.#ready().some((task) => askKey(task.spec) === key && bandOf(task) === band)
    return (
      ([2, 1] as const).find((band) => (passed?.[band] ?? 0) >= limits.bandStarvationMax && has(band)) ?? null
    )
  }

  #age = (task: Task): number => this.#sinceSeq.get(task.taskId) ?? 0

  #queued(): Task[] {
    return [...this.state.tables.task.values()].filter((task) => task.state.phase === 'queued')
  }

  /** Queued, and every gate open. */
  #ready(): Task[] {
    return this.#queued().filter((task) =>
      gatesOf(task).every(([scope, value]) => !this.#isClosed(scope, value)),
    )
  }

  #noteStart(
    taskId: string,
    { nodeId, agentId }: { readonly nodeId: string; readonly agentId: string },
  ): void {
    const task = this.state.task(taskId)
    if (task === undefined) return
    for (const [scope, value] of [...gatesOf(task), ['agentKind', this.#kindOf(nodeId, agentId)] as const])
      if (this.#limitOf(scope, value)?.rate) this.#rates.started(`${scope}:${value}`, this.#nowMs)
  }

  #limitOf(scope: LimitScope, value: string): Limit | undefined {
    const own = this.state.limit(limitIdOf(scope, value))
    return own ?? (scope === 'key' ? this.state.limit(limitIdOf('key', everyKey)) : undefined)
  }

  #isClosed(scope: LimitScope, value: string): boolean {
    const limit = this.#limitOf(scope, value)
    if (limit === undefined) return scope === 'capacity'
    const runs = [...this.state.tables.task.values()].filter(({ state, ...task }) => {
      if (state.phase !== 'live') return false
      if (scope === 'agentKind') return this.#kindOf(state.run.nodeId, state.run.agentId) === value
      return gatesOf({ ...task, state }).some(([one, name]) => one === scope && name === value)
    })
    return (
      limit.paused ||
      (limit.runsMax !== null && runs.length >= limit.runsMax) ||
      (limit.rate !== null && this.#rates.isDry(`${scope}:${value}`, limit.rate, this.#nowMs))
    )
  }

  /** Agents keep their kind; a node of the tests has one kind only. */
  #kindOf(nodeId: string, agentId: string): string {
    const agents = this.state.node(nodeId)?.agents ?? []
    const kind = agents.find((agent) => agent.agentId === agentId)?.kind ?? agents[0]?.kind
    return kind ?? (nodeId.startsWith('worker') ? 'function' : 'process')
  }

  #places(task: Task): { readonly nodeId: string; readonly agentId: string; readonly slot: number }[] {
    return [...this.state.tables.node.values()].flatMap((node) => {
      const slot = this.#slotFor(task, node)
      const agentId = node.agents[slot]?.agentId
      return agentId === undefined ? [] : [{ nodeId: node.nodeId, agentId, slot }]
    })
  }

  #slotFor(task: Task, node: Node): number {
    const { workerId, needs } = askOf(task.spec)
    const { projectTypes, labels, gpus, memoryBytes } = node.capabilities
    const runs = [...this.state.tables.task.values()].filter(
      (one) => one.state.phase === 'live' && one.state.run.nodeId === node.nodeId,
    )
    const held = runs.reduce((sum, run) => sum + needsOf(run.spec).slots, 0)
    const memoryHeld = runs.reduce((sum, run) => sum + needsOf(run.spec).memoryBytes, 0)
    const declined = this.#declined.get(node.nodeId)
    const fits =
      ['*', askKey(task.spec)].every((key) => (declined?.get(key) ?? 0) <= this.#nowMs) &&
      this.#open.has(node.nodeId) &&
      node.hold === undefined &&
      (workerId === null || workerId === node.nodeId) &&
      [task.spec.type, ...needs.capabilities].every((one) => projectTypes.includes(one)) &&
      Object.entries(needs.labels).every(([name, value]) => labels[name] === value) &&
      gpus.length >= needs.gpus &&
      node.agents.length - held >= needs.slots &&
      (needs.memoryBytes === 0 || memoryBytes - memoryHeld >= needs.memoryBytes)
    if (!fits) return -1
    const kind = node.agents[0]?.kind ?? 'process'
    if (this.#isClosed('agentKind', kind)) return -1
    const busy = new Set(runs.map((run) => (run.state.phase === 'live' ? run.state.run.agentId : null)))
    return node.agents.findIndex((agent) => !busy.has(agent.agentId))
  }
}
