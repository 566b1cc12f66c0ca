import type { EntityKind, LogEvent } from '../event.js'

/** What a wall shows of the past. Credentials hold secrets, and uplinks are the leader's own book. */
const shownKinds = [
  'cluster',
  'node',
  'task',
  'alert',
  'receipt',
  'work',
  'limit',
  'schedule',
  'template',
  'trigger',
] as const satisfies readonly EntityKind[]
export type ShownKind = (typeof shownKinds)[number]

const shown: ReadonlySet<string> = new Set(shownKinds)
export const isShownKind = (kind: string): kind is ShownKind => shown.has(kind)

/** Events of the leader's own bookkeeping, which nobody steps to. */
const unseen: ReadonlySet<LogEvent['type']> = new Set(['TriggersSeen', 'ActRefused', 'NodeUplinkSeen'])

/** True when walls have something to show of it. */
export const isShownEvent = ({ type, entity }: Pick<LogEvent, 'type' | 'entity'>): boolean =>
  isShownKind(entity.kind) && !unseen.has(type)

/** True when a step through the log stops there: something that a person sees changed. */
export const isStep = ({ type, entity }: Pick<LogEvent, 'type' | 'entity'>): boolean =>
  entity.kind !== 'cluster' || type === 'TermStarted'
