/** A line of a task's output as it is kept. */
export interface StoredLine {
  readonly taskId: string
  readonly attempt: number
  readonly fence: number
  /** The task's line counter, from 1, given by the leader. */
  readonly n: number
  readonly atMs: number
  readonly nodeId: string
  readonly stream: 'out' | 'err'
  readonly level: 'debug' | 'info' | 'warning' | 'error'
  readonly text: string
}

/**
 * An explicit hole in a stream of lines: bytes [from, to) of the run's stream, or, with reason `trimmed`, the task's lines
 * [from, to) that were dropped to stay within the limits.
 */
export interface StoredGap {
  readonly taskId: string
  readonly attempt: number
  readonly fence: number
  readonly n: number
  readonly atMs: number
  readonly nodeId: string
  readonly stream: 'out' | 'err'
  readonly gap: { readonly from: number; readonly to: number; readonly reason: string }
}
export type LineRecord = StoredLine | StoredGap

export interface LineFilter {
  readonly nodeId?: string | undefined
  readonly level?: LineLevel | undefined
  /** This level and all above it. */
  readonly levelFrom?: LineLevel | undefined
  readonly taskId?: string | undefined
  readonly text?: string | undefined
  /** [sinceMs, untilMs) */
  readonly sinceMs?: number | undefined
  readonly untilMs?: number | undefined
}

/** Lines by what they say: lowest level first. */
export const lineLevels = ['debug', 'info', 'warning', 'error'] as const
export type LineLevel = (typeof lineLevels)[number]

/** `cursor`: an earlier page's, whose older lines are wanted; null = the newest. */
export interface LinePaging {
  readonly limit: number
  readonly cursor: number | null
}

/** Lines over all tasks, oldest first. */
export interface RecentLines {
  readonly lines: readonly LineRecord[]
  /** `before` of the page with older ones; null = nothing older is left. */
  readonly before: number | null
}

/** Where the lines of one run's stream stand: everything before `offset` is stored. */
export interface LineHead {
  readonly taskId: string
  readonly fence: number
  readonly stream: 'out' | 'err'
  readonly offset: number
  /** Highest n of the task. */
  readonly n: number
}

/** One turn of a chat, kept for ever in its context. */
export interface ChatRecord {
  readonly context: string
  readonly conversationId: string
  readonly messageId: string
  readonly requestId: string | null
  readonly author: string
  readonly atMs: number
  readonly text: string
  /** The asking turn or the answer. */
  readonly role: 'user' | 'assistant'
}

/** Records and lines: durable, ordered per key, never folded. */
export interface Streams {
  /**
   * Stores lines (n gapless per task) and the offsets they reach in one transaction. Resolves when they can be acked.
   * The same batch again changes nothing.
   */
  appendLines(batch: {
    readonly lines: readonly LineRecord[]
    readonly heads: readonly LineHead[]
  }): Promise<void>
  /** All heads of runs with these fences. */
  lineHeads(fences: readonly number[]): Promise<readonly LineHead[]>
  /** Highest n stored per task. */
  lastLineNumber(taskId: string): Promise<number>
  /** Lines of a task with n > after, ascending. */
  taskLines(taskId: string, after: number, limit: number): Promise<readonly LineRecord[]>
  /**
   * Newest lines over all tasks that match, oldest of them first; of an earlier page's `before`: those that came before
   * it. Gaps match only without `text`, `level` and `levelFrom`.
   */
  recentLines(filter: LineFilter, limit: number, before?: number): Promise<RecentLines>
  /** Drops the oldest lines over the limits; true = more to do. */
  trimLines(totalMax: number): Promise<boolean>
  /** Durable when it resolves. The same (context, messageId, role) again changes nothing. */
  appendChat(record: ChatRecord): Promise<void>
  /** Newest `limit` records of a context, ascending. */
  chat(context: string, limit: number): Promise<readonly ChatRecord[]>
  close(): Promise<void>
}
