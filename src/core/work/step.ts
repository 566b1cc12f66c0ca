import type { ErrorCode } from '../errors.js'
import type { TaskId } from '../ids.js'
import { limits } from '../limits.js'
import type { Work, WorkCounts, WorkRefusal } from './work.js'

/** Adds up what one step did; examples of refusals are kept up to limits.workExamplesKept over the whole work. */
export class StepTally {
  #matched = 0
  #done = 0
  #unchanged = 0
  readonly #refused: Partial<Record<ErrorCode, number>> = {}
  readonly refusals: WorkRefusal[] = []
  readonly #room: number

  constructor(work: Pick<Work, 'refusals'>) {
    this.#room = limits.workExamplesKept - work.refusals.length
  }

  done(): void {
    this.#matched += 1
    this.#done += 1
  }

  unchanged(): void {
    this.#matched += 1
    this.#unchanged += 1
  }

  refused(
    refusal: { readonly code: ErrorCode; readonly message: string },
    about: { readonly index: number | null; readonly taskId: TaskId | null },
  ): void {
    const { code, message } = refusal
    this.#matched += 1
    this.#refused[code] = (this.#refused[code] ?? 0) + 1
    if (this.refusals.length < this.#room) this.refusals.push({ ...about, code, message })
  }

  get counts(): WorkCounts {
    return {
      matched: this.#matched,
      done: this.#done,
      unchanged: this.#unchanged,
      refused: this.#refused,
    }
  }
}
