import type { AccessEventBodies } from './access/events.js'
import type { AlertEventBodies } from './alerts/events.js'
import type { ClusterEventBodies } from './cluster/events.js'
import type { Seq, Term } from './ids.js'
import type { NodeEventBodies } from './nodes/events.js'
import type { ReceiptEventBodies } from './receipts/events.js'
import type { LimitEventBodies } from './run-limits/events.js'
import type { ScheduleEventBodies } from './schedules/events.js'
import type { TaskEventBodies } from './tasks/events.js'
import type { TemplateEventBodies } from './templates/events.js'
import type { TriggerEventBodies } from './triggers/events.js'
import type { WorkEventBodies } from './work/events.js'

/** Event types of the log and their bodies. A (type, v) never changes its meaning. */
export type EventBodies = ClusterEventBodies &
  TaskEventBodies &
  NodeEventBodies &
  AlertEventBodies &
  ReceiptEventBodies &
  AccessEventBodies &
  ScheduleEventBodies &
  TemplateEventBodies &
  TriggerEventBodies &
  WorkEventBodies &
  LimitEventBodies

export type EventType = keyof EventBodies

export type EntityKind =
  | 'cluster'
  | 'task'
  | 'node'
  | 'uplink'
  | 'alert'
  | 'receipt'
  | 'credential'
  | 'schedule'
  | 'template'
  | 'trigger'
  | 'work'
  | 'limit'

export interface EntityRef {
  readonly kind: EntityKind
  readonly id: string
}

/** In a draft: the entity is born by this event and gets its id from the event's seq. */
export const born = ''

export type Via = 'rest' | 'grpc' | 'ws' | 'cli' | 'chat' | 'operator' | 'mcp' | 'node' | 'system'

export interface Actor {
  readonly principalId: string
  readonly via: Via
  readonly onBehalfOf?: string
}

/** Where a master's durable update came from; folded, so that any leader can resume the stream. */
export interface Origin {
  readonly nodeId: string
  readonly incarnation: number
  readonly uplinkSeq: number
}

/** What a rule says has happened; the turn adds the rest of the envelope. */
export interface EventDraft<T extends EventType = EventType> {
  readonly type: T
  readonly projectId: string | null
  readonly entity: EntityRef
  readonly body: EventBodies[T]
}

interface Envelope<T extends EventType> extends EventDraft<T> {
  readonly seq: Seq
  readonly term: Term
  readonly atMs: number
  readonly v: 1
  readonly actor: Actor
  readonly traceId: string
  /** The event that this one follows from; its own seq when an input is the cause. */
  readonly causeSeq: Seq
  readonly origin?: Origin
}

/** One change, as the journal holds it. A union over all types, told apart by `type`. */
export type LogEvent = { [T in EventType]: Envelope<T> }[EventType]
export type EventOf<T extends EventType> = Extract<LogEvent, { readonly type: T }>

/** A draft of one type, checked; `draft('TaskQueued', ref, body)`. */
export function draft<T extends EventType>(
  type: T,
  about: { kind: EntityKind; id: string; projectId: string | null },
  body: EventBodies[T],
): EventDraft {
  return { type, projectId: about.projectId, entity: { kind: about.kind, id: about.id }, body } as EventDraft
}
