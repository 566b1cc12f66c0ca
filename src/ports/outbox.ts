import type { NumberedUpdate } from './node-link.js'

/** A master's durable updates until the leader acked them. Survives a kill of the master. */
export interface Outbox {
  /** What an earlier incarnation left un-acked, in order. */
  backlog(): readonly NumberedUpdate[]
  /** Written at once; on disk only after `flush`. Throws ControlError(resource_exhausted) past limits.outboxBytesMax. */
  put(update: NumberedUpdate): void
  /** Resolves when everything put so far is fsynced. */
  flush(): Promise<void>
  /** Everything up to uplinkSeq of this incarnation is durable at the leader. */
  acked(incarnation: number, uplinkSeq: number): void
  close(): Promise<void>
}
