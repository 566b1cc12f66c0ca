import { limits } from '../limits.js'

/** How much of the past is kept. Whatever bound is reached first, the oldest goes. */
export interface Retention {
  /** Age of the journal's events, and so how far time travel reaches. ms. */
  readonly journalMs: number
  readonly journalBytes: number
  /** Lines of output over all tasks. */
  readonly lines: number
}

/** What is kept unless somebody chose otherwise. */
export const builtInRetention: Retention = {
  journalMs: limits.journalKeptMs,
  journalBytes: limits.journalBytesMax,
  lines: limits.linesTotalMax,
}

/** What is absent stays, null = as built in. */
export type RetentionWish = { readonly [Field in keyof Retention]?: number | null | undefined }
