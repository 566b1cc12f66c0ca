import { ControlError, type ErrorCode } from '../errors.js'
import type { EventDraft } from '../event.js'
import { asTaskId, idAt, type ProjectId, type TaskId } from '../ids.js'
import type { Input } from '../input.js'
import type { State } from '../state.js'
import { decideSubmit } from '../tasks/decide.js'
import type { TaskSpec } from '../tasks/task.js'

/** An item as it was judged when it came: what to submit, or why it can never be. */
export type BatchItem =
  | {
      readonly kind: 'task'
      readonly spec: TaskSpec
      readonly projectId: ProjectId
      readonly bodyHash: string
    }
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly message: string }

export type ItemOutcome =
  | { readonly kind: 'task'; readonly taskId: TaskId; readonly created: boolean }
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly message: string }

/**
 * Decides items one after the other on a state that none of them has changed yet, as one decision must: the tasks
 * before an item are known by the seqs that their drafts will get.
 */
export class ItemDecider {
  readonly drafts: EventDraft[] = []
  readonly #state: State
  readonly #input: Input
  /** Drafts of the decision that come before the first item's. */
  readonly #draftsBefore: number
  readonly #nowMs: number
  /** All items are here, so that one can name another by its place. */
  readonly #takesPlaces: boolean
  readonly #made = new Set<TaskId>()
  /** What each item before became; null = it was refused. */
  readonly #taskIds: (TaskId | null)[] = []
  readonly #byKey = new Map<string, { readonly taskId: TaskId; readonly bodyHash: string }>()

  constructor(
    state: State,
    input: Input,
    options: { readonly nowMs: number; readonly draftsBefore: number; readonly takesPlaces: boolean },
  ) {
    this.#state = state
    this.#input = input
    this.#draftsBefore = options.draftsBefore
    this.#nowMs = options.nowMs
    this.#takesPlaces = options.takesPlaces
  }

  next(item: BatchItem): ItemOutcome {
    const outcome = this.#outcome(item)
    this.#taskIds.push(outcome.kind === 'task' ? outcome.taskId : null)
    return outcome
  }

  #outcome(item: BatchItem): ItemOutcome {
    if (item.kind === 'refused') return item
    try {
      return this.#submit(item)
    } catch (thrown) {
      if (!(thrown instanceof ControlError)) throw thrown
      return { kind: 'refused', code: thrown.code, message: thrown.message }
    }
  }

  /** [WI14] `#3` among the dependencies is the item at place 3 of the same atomic batch. */
  #placed(spec: TaskSpec): TaskSpec {
    const { queue } = spec
    if (queue?.dependsOn.some((id) => id.startsWith('#')) !== true) return spec
    if (!this.#takesPlaces) {
      throw new ControlError(
        'unprocessable',
        'dependsOn: places such as #0 can be used in an atomic batch only',
      )
    }
    const dependsOn = queue.dependsOn.map((id) => {
      if (!id.startsWith('#')) return id
      const taskId = /^#\d{1,6}$/.test(id) ? this.#taskIds[Number(id.slice(1))] : undefined
      if (taskId == null)
        throw new ControlError(
          'unprocessable',
          `dependsOn: ${id} is no item before this one that was taken; an item can wait for items that stand before it`,
        )
      return taskId
    })
    return { ...spec, queue: { ...queue, dependsOn: [...new Set(dependsOn)] } }
  }

  #submit(item: Extract<BatchItem, { kind: 'task' }>): ItemOutcome {
    const { bodyHash, projectId } = item
    const spec = this.#placed(item.spec)
    const key = spec.idempotencyKey
    const earlier = key === null ? undefined : this.#byKey.get(key)
    if (earlier !== undefined) {
      if (earlier.bodyHash === bodyHash) return { kind: 'task', taskId: earlier.taskId, created: false }
      throw new ControlError(
        'idempotency_conflict',
        'an earlier item has this idempotency key and another body',
      )
    }
    const command = { name: 'submit_task', spec, bodyHash } as const
    const draftsBefore = this.#draftsBefore + this.drafts.length
    const place = { nowMs: this.#nowMs, madeBefore: this.#made, draftsBefore }
    const decision = decideSubmit(this.#state, this.#inputOf(projectId, key), command, place)
    if (decision.drafts.length === 0) {
      const answer = decision.answer([])
      return { kind: 'task', taskId: asTaskId(answer.kind === 'task' ? answer.taskId : ''), created: false }
    }
    // The first draft is the birth.
    const bornSeq = this.#state.headSeq + 1 + draftsBefore
    const taskId = asTaskId(idAt('task', bornSeq) ?? '')
    this.drafts.push(...decision.drafts)
    this.#made.add(taskId)
    if (key !== null) this.#byKey.set(key, { taskId, bodyHash })
    return { kind: 'task', taskId, created: true }
  }

  #inputOf(projectId: ProjectId, key: string | null): Input {
    const { facts, ...rest } = this.#input
    const keyHolder = key === null ? undefined : facts?.keyHolders?.get(key)
    if (facts === undefined) return { ...rest, projectId }
    const { asOfSeq, dependencies } = facts
    return {
      ...rest,
      projectId,
      facts: {
        asOfSeq,
        ...(keyHolder === undefined ? {} : { keyHolder }),
        ...(dependencies === undefined ? {} : { dependencies }),
      },
    }
  }
}
