import type { Origin } from '../core/event.js'

/** Remembers on disk which updates of masters ended the leader's process by a broken rule. */
export interface CrashNotes {
  /** How often this update did. */
  count(origin: Origin): number
  /** It did once more; durable when this returns. Throws when it cannot be written. */
  note(origin: Origin): void
}
