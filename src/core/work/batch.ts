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
  #created = 0
  readonly #byKey = new Map<string, { readonly taskId: TaskId; readonly bodyHash: string }>()

  constructor(
    state: State,
    input: Input,
    options: { readonly nowMs: number; readonly draftsBefore: number },
  ) {
    this.#state = state
    this.#input = input
    this.#draftsBefore = options.draftsBefore
    this.#nowMs = options.nowMs
  }

  next(item: BatchItem): ItemOutcome {
    if (item.kind === 'refused') return item
    try {
      return this.#submit(item)
    } catch (thrown) {
      if (!(thrown instanceof ControlError)) throw thrown
      return { kind: 'refused', code: thrown.code, message: thrown.message }
    }
  }

  #submit(item: Extract<BatchItem, { kind: 'task' }>): ItemOutcome {
    const { spec, bodyHash, projectId } = item
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
    const place = { nowMs: this.#nowMs, tasksBefore: this.#created, draftsBefore }
    const decision = decideSubmit(this.#state, this.#inputOf(projectId, key), command, place)
    if (decision.drafts.length === 0) {
      const answer = decision.answer([])
      return { kind: 'task', taskId: asTaskId(answer.kind === 'task' ? answer.taskId : ''), created: false }
    }
    // The first draft is the birth.
    const bornSeq = this.#state.headSeq + 1 + draftsBefore
    const taskId = asTaskId(idAt('task', bornSeq) ?? '')
    this.drafts.push(...decision.drafts)
    this.#created += 1
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
