import type { Line } from '../contract/line.js'

/** Something that walls hear: encoded by the publisher, once. */
export interface HubMessage {
  /** Topics on which it is heard. */
  readonly topics: readonly string[]
  /** Newest wins per key; null = append only (lines, chat). */
  readonly key: string | null
  /** The message as JSON text. */
  readonly json: string
  /** Set on lines: a reader that cannot keep up gets a gap from the first to the last instead. */
  readonly lines?: { readonly first: Line; readonly last: Line }
}

/** The topic that hears everything. */
export const everything = '*'

/** A LOG message that says which lines a slow reader did not get. */
export function gapMessage(dropped: { readonly first: Line; readonly last: Line }): HubMessage {
  const { first, last } = dropped
  const { taskId, attempt, fence, n, at, nodeId, stream } = last
  const gap = { from: first.n, to: last.n + 1, reason: 'this reader was too slow' }
  const line: Line = { taskId, attempt, fence, n, at, nodeId, stream, gap }
  return { topics: [], key: null, json: JSON.stringify({ type: 'LOG', lines: [line] }), lines: dropped }
}
