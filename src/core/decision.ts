import type { EventDraft, LogEvent } from './event.js'
import type { Answer } from './input.js'

/** What a rule says: what has happened, and what the caller is told once it is committed. */
export interface Decision {
  readonly drafts: readonly EventDraft[]
  /** Made from the events that the drafts became, so that it can name ids born by them. */
  readonly answer: (events: readonly LogEvent[]) => Answer
}

const doneAnswer = { kind: 'done' } as const
const answerDone = (): Answer => doneAnswer

export const done = (drafts: readonly EventDraft[]): Decision => ({ drafts, answer: answerDone })
