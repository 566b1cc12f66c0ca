import { assert } from '../../core/assert.js'
import { limits } from '../../core/limits.js'
import { bandOf, type ModelTask } from './model-task.js'

interface ModelNode {
  readonly slots: number
  incarnation: number
  /** null while it is online: then it renews all the time. */
  silentSinceMs: number | null
  /** It declined, and is offered nothing before this. */
  closedUntilMs: number
  /** When each of its processes came back from silence last. */
  readonly returns: Map<number, number>
}

/** Masters and limits, and whether a placement is right by them. */
export class ModelFleet {
  readonly nodes = new Map<string, ModelNode>()
  /** Most runs of each concurrency key. */
  keyRunsMax: number | null = null
  isCapacityPaused = false
  capacityRunsMax: number | null = null
  /** By band: placements of higher tasks while one of the band could have gone, since its last. */
  readonly #overtaken: [number, number, number] = [0, 0, 0]

  join(nodeId: string, slots: number): void {
    this.nodes.set(nodeId, {
      slots,
      incarnation: 1,
      silentSinceMs: null,
      closedUntilMs: 0,
      returns: new Map(),
    })
  }

  silent(nodeId: string, nowMs: number): void {
    const node = this.#get(nodeId)
    if (node.silentSinceMs !== null) return
    node.silentSinceMs = nowMs
    node.closedUntilMs = 0
  }

  /** Gives the incarnation of before. */
  returned(nodeId: string, incarnation: number, nowMs: number): number {
    const node = this.#get(nodeId)
    const before = node.incarnation
    if (before === incarnation && node.silentSinceMs !== null) node.returns.set(incarnation, nowMs)
    if (before !== incarnation || node.silentSinceMs !== null) node.closedUntilMs = 0
    node.silentSinceMs = null
    node.incarnation = incarnation
    return before
  }

  declined(nodeId: string, untilMs: number): void {
    const node = this.#get(nodeId)
    node.closedUntilMs = Math.max(node.closedUntilMs, untilMs)
  }

  incarnationOf(nodeId: string): number {
    return this.#get(nodeId).incarnation
  }

  /** [DD2] The same process was back at that time or later: it had only been cut off. */
  cameBack(nodeId: string, incarnation: number, sinceMs: number): boolean {
    return (this.#get(nodeId).returns.get(incarnation) ?? -1) >= sinceMs
  }

  /** null while it renews. */
  renewedAtMs(nodeId: string): number | null {
    return this.#get(nodeId).silentSinceMs
  }

  opensAtMs(): readonly number[] {
    return [...this.nodes.values()].map(({ closedUntilMs }) => closedUntilMs)
  }

  /** [LM2] [LM6] [RN6] [RN7] [OF2] Fails when this task may not go there now, or another one had to go first. */
  check(all: readonly ModelTask[], task: ModelTask, nodeId: string, nowMs: number): void {
    assert(
      this.#isOpen(all, nodeId, nowMs),
      `${task.taskId} is placed on ${nodeId}, which has no place for it`,
    )
    assert(this.#mayRun(all, task), `${task.taskId} is placed beyond a limit`)
    const band = bandOf(task)
    const ready = all.filter((one) => one.phase === 'queued' && this.#mayRun(all, one))
    const isFirst = ready.every((one) => bandOf(one) !== band || one.wish.priority <= task.wish.priority)
    assert(isFirst, `${task.taskId} is placed before a higher one of its band`)
    for (const lower of [1, 2] as const) {
      if (lower === band) this.#overtaken[lower] = 0
      else if (lower > band && ready.some((one) => bandOf(one) === lower)) this.#overtaken[lower] += 1
      const overtaken = this.#overtaken[lower]
      assert(overtaken <= limits.bandStarvationMax, `band ${lower} was overtaken ${overtaken} times`)
    }
  }

  /** Nothing of a pool waits any more, so nobody was overtaken. */
  rest(all: readonly ModelTask[]): void {
    if (!all.some(({ phase }) => phase === 'queued')) this.#overtaken.fill(0)
  }

  hasPlace(all: readonly ModelTask[], task: ModelTask, nowMs: number): boolean {
    return (
      this.#mayRun(all, task) && [...this.nodes.keys()].some((nodeId) => this.#isOpen(all, nodeId, nowMs))
    )
  }

  #isOpen(all: readonly ModelTask[], nodeId: string, nowMs: number): boolean {
    const { slots, silentSinceMs, closedUntilMs } = this.#get(nodeId)
    const held = all.filter(({ run }) => run?.nodeId === nodeId).length
    return silentSinceMs === null && closedUntilMs <= nowMs && held < slots
  }

  #mayRun(all: readonly ModelTask[], { wish: { concurrencyKey, capacity } }: ModelTask): boolean {
    const live = all.filter(({ run }) => run !== null)
    const ofKey = live.filter(({ wish }) => wish.concurrencyKey === concurrencyKey).length
    const ofCapacity = live.filter(({ wish }) => wish.capacity === capacity).length
    const keyAllows = concurrencyKey === null || this.keyRunsMax === null || ofKey < this.keyRunsMax
    if (capacity === null) return keyAllows
    return (
      keyAllows &&
      !this.isCapacityPaused &&
      (this.capacityRunsMax === null || ofCapacity < this.capacityRunsMax)
    )
  }

  #get(nodeId: string): ModelNode {
    const node = this.nodes.get(nodeId)
    assert(node !== undefined, `the model knows no ${nodeId}`)
    return node
  }
}
