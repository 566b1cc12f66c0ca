import { limits } from '../../core/limits.js'
import type { EncodedEvent } from '../../ports/store.js'

/** A row of the journal: successive events of one turn and time. A row for each would cost as much as the event itself. */
export interface Chunk {
  readonly lastSeq: number
  readonly firstSeq: number
  readonly atMs: number
  /** A line of JSON per event. */
  readonly lines: string
}

/** The events in rows of about limits.journalChunkChars at most. */
export function chunksOf(events: readonly EncodedEvent[]): readonly Chunk[] {
  const chunks: Chunk[] = []
  let start = 0
  let chars = 0
  for (const [index, event] of events.entries()) {
    chars += event.json.length + 1
    const next = events[index + 1]
    if (next !== undefined && next.atMs === event.atMs && chars < limits.journalChunkChars) continue
    const part = events.slice(start, index + 1)
    chunks.push({
      lastSeq: event.seq,
      firstSeq: part[0]?.seq ?? event.seq,
      atMs: event.atMs,
      lines: part.map(({ json }) => json).join('\n'),
    })
    start = index + 1
    chars = 0
  }
  return chunks
}

export const eventsOf = ({ firstSeq, atMs, lines }: Chunk): readonly EncodedEvent[] =>
  lines.split('\n').map((json, index) => ({ seq: firstSeq + index, atMs, json }))
