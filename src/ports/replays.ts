import type { SampleRow } from './store.js'

/** The instants that can be shown: [fromMs, toMs], Unix ms. */
export interface ReplayRange {
  /** null: the log is empty, or what is left of it has no keyframe to begin with. */
  readonly fromMs: number | null
  /** Of the last event. */
  readonly toMs: number
  readonly lastSeq: number
}

/** A picture of an instant: what was there at `baseSeq`, and the events from there on. */
export interface ReplayPicture {
  /** Names it for `page`. */
  readonly id: number
  readonly baseSeq: number
  /** Last event at or before the instant. */
  readonly seq: number
  /** Tasks that were there at `baseSeq`; more than its pages have when the picture is cut. */
  readonly tasks: number
  /** The newest sample of each master, as of the instant. */
  readonly samples: readonly SampleRow[]
  /** How many pages of entities there are. */
  readonly pages: number
}

export interface ReplayEvents {
  /** Events that walls show, as the journal holds them, oldest first. */
  readonly events: readonly string[]
  /** Everything up to this seq was looked at. */
  readonly throughSeq: number
}

export interface ReplayFailure {
  readonly seq: number
  readonly atMs: number
  readonly kind: 'task' | 'alert' | 'node'
  readonly id: string
}

/**
 * Reads the past out of keyframes and the journal, in a thread of its own. `headSeq`: nothing after it is told; it must
 * be committed.
 */
export interface Replays {
  range(about: { readonly headSeq: number }): Promise<ReplayRange>
  /** Rejects `not_retained` when the log does not reach back to `atMs`. */
  picture(about: { readonly atMs: number; readonly headSeq: number }): Promise<ReplayPicture>
  /** At most limits.readerRowsMax entities as JSON. The last page ends the picture; one that was dropped is `resource_exhausted`. */
  page(about: { readonly id: number; readonly page: number }): Promise<readonly string[]>
  /** At most `limit` of what follows; rejects `not_retained` when it is gone. */
  events(about: {
    readonly afterSeq: number
    readonly limit: number
    readonly headSeq: number
  }): Promise<ReplayEvents>
  /** Looks at one page of the log; `failure` null: none up to `throughSeq`. */
  nextFailure(about: { readonly afterSeq: number; readonly headSeq: number }): Promise<{
    readonly failure: ReplayFailure | null
    readonly throughSeq: number
  }>
  /** Last event at or before an instant; 0 = none. */
  seqAt(about: { readonly atMs: number; readonly headSeq: number }): Promise<number>
  close(): Promise<void>
}
