import { limits } from '../core/limits.js'
import type { Clock } from '../ports/clock.js'
import {
  type ChatRecord,
  type LineFilter,
  type LineHead,
  type LineRecord,
  lineLevels,
  type RecentLines,
  type StoredGap,
  type Streams,
} from '../ports/streams.js'

/** What survives the process; a batch is either here whole or not at all. */
export class StreamsDisk {
  /** In order of arrival. */
  lines: LineRecord[] = []
  readonly tasks = new Map<string, { lastN: number; trimmed: StoredGap | null }>()
  readonly heads = new Map<string, LineHead>()
  readonly chat: ChatRecord[] = []
}

/** Streams on a StreamsDisk. With a clock, a batch is written and acked after the delays it is told. */
export class MemoryStreams implements Streams {
  readonly #disk: StreamsDisk
  readonly #clock: Clock | null
  readonly #delayMs: () => number
  #open = true

  constructor(
    disk: StreamsDisk,
    faults: { readonly clock: Clock; readonly delayMs: () => number } | null = null,
  ) {
    this.#disk = disk
    this.#clock = faults?.clock ?? null
    this.#delayMs = faults?.delayMs ?? (() => 0)
  }

  /** The process dies: no call has an effect or an answer any more. */
  kill(): void {
    this.#open = false
  }

  async appendLines(batch: { lines: readonly LineRecord[]; heads: readonly LineHead[] }): Promise<void> {
    await this.#pause()
    for (const line of batch.lines) this.#append(line)
    for (const head of batch.heads) {
      const key = `${head.fence}/${head.stream}`
      if (head.offset > (this.#disk.heads.get(key)?.offset ?? -1)) this.#disk.heads.set(key, head)
    }
    await this.#pause()
  }

  async lineHeads(fences: readonly number[]): Promise<readonly LineHead[]> {
    return [...this.#disk.heads.values()]
      .filter((head) => fences.includes(head.fence))
      .sort((a, b) => a.fence - b.fence || (a.stream < b.stream ? -1 : 1))
  }

  async lastLineNumber(taskId: string): Promise<number> {
    return this.#disk.tasks.get(taskId)?.lastN ?? 0
  }

  async taskLines(taskId: string, after: number, limit: number): Promise<readonly LineRecord[]> {
    const trimmed = this.#disk.tasks.get(taskId)?.trimmed ?? null
    const gap =
      trimmed === null || trimmed.n <= after ? [] : [{ ...trimmed, gap: { ...trimmed.gap, from: after + 1 } }]
    const lines = this.#disk.lines
      .filter((line) => line.taskId === taskId && line.n > after)
      .sort((a, b) => a.n - b.n)
    return [...gap, ...lines].slice(0, limit)
  }

  async recentLines(
    filter: LineFilter,
    limit: number,
    before = this.#disk.lines.length,
  ): Promise<RecentLines> {
    const found = this.#disk.lines
      .slice(0, before)
      .map((line, index) => ({ line, index }))
      .filter(({ line }) => matches(line, filter))
    const page = found.slice(-limit)
    return {
      lines: page.map(({ line }) => line),
      before: page.length < found.length ? (page[0]?.index ?? null) : null,
    }
  }

  async trimLines(totalMax: number): Promise<boolean> {
    const over = this.#disk.lines.length - totalMax
    if (over <= 0) return false
    const oldest = this.#disk.lines.slice(0, Math.min(over, limits.retentionRowsPerStep))
    const before = this.#disk.lines.length
    for (const line of oldest) this.#cut(line)
    return over > before - this.#disk.lines.length
  }

  async appendChat(record: ChatRecord): Promise<void> {
    await this.#pause()
    const known = this.#disk.chat.some(
      ({ context, messageId, role }) =>
        context === record.context && messageId === record.messageId && role === record.role,
    )
    if (!known) this.#disk.chat.push(record)
  }

  async chat(context: string, limit: number): Promise<readonly ChatRecord[]> {
    return this.#disk.chat.filter((record) => record.context === context).slice(-limit)
  }

  async close(): Promise<void> {
    this.kill()
  }

  #append(line: LineRecord): void {
    const task = this.#disk.tasks.get(line.taskId) ?? { lastN: 0, trimmed: null }
    if (line.n <= task.lastN) return
    this.#disk.tasks.set(line.taskId, { ...task, lastN: line.n })
    this.#disk.lines.push(line)
  }

  #cut(through: LineRecord): void {
    const { taskId, attempt, fence, n, atMs, nodeId, stream } = through
    const gap = { from: 1, to: n + 1, reason: 'trimmed' }
    this.#disk.lines = this.#disk.lines.filter((line) => line.taskId !== taskId || line.n > n)
    const lastN = this.#disk.tasks.get(taskId)?.lastN ?? n
    this.#disk.tasks.set(taskId, {
      lastN,
      trimmed: { taskId, attempt, fence, n, atMs, nodeId, stream, gap },
    })
  }

  /** Resolves after the next delay; never when the process died meanwhile. */
  #pause(): Promise<void> {
    const clock = this.#clock
    if (clock === null) return Promise.resolve()
    return new Promise((resolve) => {
      clock.after(this.#delayMs(), () => {
        if (this.#open) resolve()
      })
    })
  }
}

function matches(line: LineRecord, filter: LineFilter): boolean {
  const { nodeId, level, levelFrom, taskId, text, sinceMs, untilMs } = filter
  if (nodeId !== undefined && line.nodeId !== nodeId) return false
  if (taskId !== undefined && line.taskId !== taskId) return false
  if (sinceMs !== undefined && line.atMs < sinceMs) return false
  if (untilMs !== undefined && line.atMs >= untilMs) return false
  if ('gap' in line) return level === undefined && levelFrom === undefined && text === undefined
  if (levelFrom !== undefined && lineLevels.indexOf(line.level) < lineLevels.indexOf(levelFrom)) return false
  if (level !== undefined && line.level !== level) return false
  return text === undefined || line.text.toLowerCase().includes(text.toLowerCase())
}
