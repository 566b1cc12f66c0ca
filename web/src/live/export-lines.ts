import type { FoundLines, Line } from '../../../src/contract/line.js'
import { bounds } from './bounds.js'
import { lineSearch } from './line-search.js'
import type { LineQuery } from './protocol.js'

/** How far an export is. */
export type ExportProgress = (lines: number) => void

/**
 * Every line that matches, oldest first, page by page from the newest on; at most bounds.linesExported, then the oldest
 * are left out (`isCut`). Rejects when the leader refuses a page or `signal` aborts.
 */
export async function exportLines(
  query: LineQuery,
  options: {
    readonly get: (path: string, signal: AbortSignal) => Promise<unknown>
    readonly signal: AbortSignal
    readonly onProgress: ExportProgress
  },
): Promise<{ readonly lines: readonly Line[]; readonly isCut: boolean }> {
  const pages: (readonly Line[])[] = []
  let count = 0
  let cursor: string | null = null
  do {
    const search = lineSearch(query)
    if (cursor !== null) search.set('cursor', cursor)
    const page = (await options.get(`/api/logs?${search}`, options.signal)) as FoundLines
    pages.unshift(page.lines)
    count += page.lines.length
    cursor = page.nextCursor
    options.onProgress(count)
  } while (cursor !== null && count < bounds.linesExported)
  return { lines: pages.flat().slice(-bounds.linesExported), isCut: cursor !== null }
}

export type ExportFormat = 'text' | 'ndjson'

/** Text: time (UTC), master, task, level and words of a line on a line; ndjson: the Line of the contract. */
export function fileOf(lines: readonly Line[], format: ExportFormat): Blob {
  const parts = lines.map((line) => `${format === 'text' ? textOf(line) : JSON.stringify(line)}\n`)
  return new Blob(parts, { type: format === 'text' ? 'text/plain' : 'application/x-ndjson' })
}

function textOf(line: Line): string {
  const words = 'gap' in line ? `… ${line.gap.reason}` : `${line.level} ${line.text}`
  return `${new Date(line.at).toISOString()} ${line.nodeId} ${line.taskId} ${words}`
}
