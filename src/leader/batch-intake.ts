import { ControlError } from '../core/errors.js'
import type { Answer, UserCommand } from '../core/input.js'
import { limits } from '../core/limits.js'
import type { BatchItem } from '../core/work/batch.js'
import type { BatchIntake, BatchItemRequest } from '../ports/control-plane.js'
import type { Random } from '../ports/random.js'
import type { WorkBodies } from '../ports/work-bodies.js'
import { mergeable } from './merge-items.js'

export interface BatchIntakeOptions {
  readonly bodies: WorkBodies
  readonly random: Random
  /** Decides a command of the caller; the answer comes after its commit. */
  readonly execute: (command: UserCommand) => Promise<Answer>
  /** Called once, when it is submitted or given up. */
  readonly onOver: () => void
}

type Submit = Parameters<BatchIntake['submit']>[0]

/** What can still be an atomic batch is held in memory; more than that goes to the store in pieces of about so much. */
const pieceChars = 1024 * 1024

/**
 * The items of one batch as they come. Duty: all of them are in the store BEFORE the command that starts the batch is
 * decided, so that whoever leads then finds them.
 */
export class LeaderBatchIntake implements BatchIntake {
  readonly #options: BatchIntakeOptions
  readonly #bodyId: string
  #held: BatchItem[] = []
  #heldChars = 0
  /** Items in the store. */
  #stored = 0
  #bodyHash = ''
  #isOver = false

  constructor(options: BatchIntakeOptions) {
    this.#options = options
    this.#bodyId = options.random.hex(16)
  }

  async add(items: readonly BatchItemRequest[]): Promise<void> {
    for (const request of items) {
      const item = this.#hashed(request)
      this.#held.push(item)
      if (this.#stored + this.#held.length > limits.batchItemsMax)
        throw new ControlError('too_large', `a batch has at most ${limits.batchItemsMax} items`)
    }
    const mayBeAtomic =
      this.#stored === 0 &&
      this.#held.length <= limits.batchAtomicItemsMax &&
      this.#heldChars <= 2 * limits.batchAtomicBytesMax
    if (!mayBeAtomic && this.#heldChars >= pieceChars) await this.#store()
  }

  async submit(options: Submit) {
    try {
      const total = this.#stored + this.#held.length
      if (total === 0) throw new ControlError('invalid_request', 'the batch has no items')
      const answer = options.atomic ? await this.#asOne(options, total) : await this.#inSteps(options, total)
      this.#over()
      if (answer.kind !== 'work')
        throw new ControlError('internal', `a batch was answered with ${answer.kind}`)
      return { batchId: answer.workId, isNew: answer.created }
    } catch (thrown) {
      this.abandon()
      throw thrown
    }
  }

  abandon(): void {
    if (this.#isOver) return
    this.#over()
    if (this.#stored > 0) void this.#forget()
  }

  #asOne({ bytes, merge, idempotencyKey }: Submit, total: number): Promise<Answer> {
    if (total > limits.batchAtomicItemsMax || bytes > limits.batchAtomicBytesMax) {
      throw new ControlError(
        'too_large',
        `an atomic batch has at most ${limits.batchAtomicItemsMax} items and ${limits.batchAtomicBytesMax} bytes; ` +
          'send it without "atomic", or in parts',
      )
    }
    return this.#options.execute({
      name: 'submit_batch',
      items: merge === true ? mergeable(this.#held, this.#bodyId) : this.#held,
      bodyHash: this.#bodyHash,
      idempotencyKey,
    })
  }

  async #inSteps({ merge, idempotencyKey }: Submit, total: number): Promise<Answer> {
    await this.#store()
    const answer = await this.#options.execute({
      name: 'start_work',
      job: { kind: 'batch', bodyId: this.#bodyId, total, ...(merge === true ? { merges: true } : {}) },
      bodyHash: this.#bodyHash,
      idempotencyKey,
    })
    // A repeat: the first one has its own copy.
    if (answer.kind === 'work' && !answer.created) await this.#forget()
    return answer
  }

  #hashed(request: BatchItemRequest): BatchItem {
    const { random } = this.#options
    if (request.kind === 'refused') {
      this.#bodyHash = random.sha256(`${this.#bodyHash} ${request.code} ${request.message}`)
      this.#heldChars += request.message.length
      return request
    }
    const { projectId, spec } = request
    const text = JSON.stringify({ projectId, ...spec })
    const bodyHash = random.sha256(text)
    this.#bodyHash = random.sha256(`${this.#bodyHash} ${bodyHash}`)
    this.#heldChars += text.length
    return { kind: 'task', spec, projectId, bodyHash }
  }

  async #store(): Promise<void> {
    if (this.#held.length === 0) return
    const [items, fromIndex] = [this.#held, this.#stored]
    this.#held = []
    this.#heldChars = 0
    this.#stored += items.length
    await this.#options.bodies.put(
      this.#bodyId,
      fromIndex,
      items.map((item) => JSON.stringify(item)),
    )
  }

  /** What is left when this fails is dropped at the next start of a leader. */
  async #forget(): Promise<void> {
    await this.#options.bodies.drop(this.#bodyId).catch(() => undefined)
  }

  #over(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#options.onOver()
  }
}
