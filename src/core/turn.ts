import { AssertionError } from './assert.js'
import { decide } from './decide.js'
import { type ControlError, fromUnknown } from './errors.js'
import { type Actor, born, draft, type EventDraft, type LogEvent } from './event.js'
import { idAt, seqOf, termOf } from './ids.js'
import type { Answer, Input } from './input.js'
import { react } from './react.js'
import { schedule } from './schedule.js'
import { settle } from './settle.js'
import { apply, type Entity, type State } from './state.js'

/** What one turn made, in order. `changed` has an entity's versions in order; the last one is the newest. */
export interface Made {
  readonly events: LogEvent[]
  readonly changed: Entity[]
}

export type Outcome =
  | { readonly ok: true; readonly answer: Answer }
  | { readonly ok: false; readonly error: ControlError }

interface Cause {
  readonly actor: Actor
  readonly traceId: string
  readonly origin: Input['origin'] | undefined
  readonly nowMs: number
  readonly term: number
}

/** Decides one input and folds what follows from it. Refusals come back as errors; a broken rule throws. */
export function runInput(state: State, input: Input, nowMs: number, made: Made): Outcome {
  const cause = causeOf(state, input, nowMs)
  try {
    const decision = decide(state, input, nowMs)
    const events = fold(state, decision.drafts, cause, made)
    return { ok: true, answer: decision.answer(events) }
  } catch (thrown) {
    if (thrown instanceof AssertionError) throw thrown
    const error = fromUnknown(thrown)
    if (error.code === 'internal') throw thrown
    if (error.code === 'forbidden') {
      const { name } = input.command
      const refused = { action: name, code: error.code, message: error.message }
      fold(
        state,
        [draft('ActRefused', { kind: 'cluster', id: 'cluster', projectId: null }, refused)],
        cause,
        made,
      )
    }
    return { ok: false, error }
  }
}

/** Places what waits, until nothing fits or `eventsMax` is reached; true = there may be more. */
export function runSchedule(state: State, nowMs: number, made: Made, eventsMax: number): boolean {
  while (made.events.length < eventsMax) {
    const placed = schedule(state)
    if (placed === null) return false
    fold(state, [placed], ownCause(state, state.task(placed.entity.id)?.traceId, nowMs), made)
  }
  return true
}

/** Releases or fails what waited for tasks that ended, until everyone knows or `eventsMax` is reached; true = there is more. */
export function runCascade(state: State, nowMs: number, made: Made, eventsMax: number): boolean {
  while (made.events.length < eventsMax) {
    const settled = settle(state, nowMs)
    if (settled === null) return false
    fold(state, settled.drafts, ownCause(state, settled.task.traceId, nowMs), made)
  }
  return state.index.dependants.isOwing
}

const ownCause = (state: State, traceId: string | undefined, nowMs: number): Cause => ({
  actor: { principalId: 'system', via: 'system' },
  traceId: traceId ?? '',
  origin: undefined,
  nowMs: Math.max(nowMs, state.lastAtMs),
  term: state.term,
})

/** Folds the drafts, then what follows from each, breadth first. Returns the events that the drafts became. */
function fold(state: State, drafts: readonly EventDraft[], cause: Cause, made: Made): LogEvent[] {
  const firstSeq = state.headSeq + 1
  const queue: { draft: EventDraft; causeSeq: number | null }[] = drafts.map((one) => ({
    draft: one,
    causeSeq: null,
  }))
  const asked: LogEvent[] = []
  for (let position = 0; position < queue.length; position += 1) {
    const next = queue[position]
    if (next === undefined) break
    const event = seal(state, next.draft, cause, next.causeSeq ?? firstSeq)
    for (const entity of apply(state, event)) made.changed.push(entity)
    made.events.push(event)
    if (position < drafts.length) asked.push(event)
    for (const follow of react(state, event)) queue.push({ draft: follow, causeSeq: event.seq })
  }
  return asked
}

/** Written out, field by field: this runs once an event, and a spread costs as much as the rest of it. */
function seal(state: State, draftEvent: EventDraft, cause: Cause, causeSeq: number): LogEvent {
  const seq = state.headSeq + 1
  const { type, projectId, entity, body } = draftEvent
  const envelope = {
    seq: seqOf(seq),
    term: termOf(cause.term),
    atMs: cause.nowMs,
    type,
    v: 1 as const,
    projectId,
    entity: entity.id === born ? { kind: entity.kind, id: idAt(entity.kind, seq) ?? entity.id } : entity,
    actor: cause.actor,
    traceId: cause.traceId,
    causeSeq: seqOf(causeSeq),
    origin: cause.origin,
    body,
  }
  // An origin that is undefined is left out by JSON; the folds read it as absent.
  return envelope as unknown as LogEvent
}

function causeOf(state: State, input: Input, nowMs: number): Cause {
  const { principal, via, onBehalfOf, traceId, origin } = input
  return {
    actor:
      onBehalfOf === undefined
        ? { principalId: principal.id, via }
        : { principalId: principal.id, via, onBehalfOf },
    traceId,
    origin,
    nowMs: Math.max(nowMs, state.lastAtMs),
    term: input.command.name === 'start_term' ? state.term + 1 : state.term,
  }
}
