import type { Line } from '../../contract/line.js'
import { limits } from '../../core/limits.js'
import type { OwnLine } from './own-facts.js'

/**
 * Lines while the leader is gone: those that it told, and after them what this master's runs wrote since. It is the
 * leader that numbers lines, so these go on from its last number here, until it is back and tells its own.
 */
export class LocalLines {
  readonly #nodeId: string
  readonly #lines: Line[]
  readonly #newest = new Map<string, { n: number; atMs: number }>()

  constructor(nodeId: string, told: readonly Line[], own: readonly OwnLine[]) {
    this.#nodeId = nodeId
    this.#lines = [...told]
    for (const line of told) {
      const newest = this.#newest.get(line.taskId)
      if ((newest?.n ?? 0) < line.n) this.#newest.set(line.taskId, { n: line.n, atMs: line.at })
    }
    // A line is stamped anew when it is sent, so what is later than the leader's last one was not sent.
    for (const line of own.slice(-limits.relayLinesMax))
      if (line.atMs > (this.#newest.get(line.taskId)?.atMs ?? 0)) this.add(line)
  }

  /** Oldest first, at most twice limits.relayLinesMax. */
  of(taskId: string | null): readonly Line[] {
    return taskId === null ? this.#lines : this.#lines.filter((line) => line.taskId === taskId)
  }

  add({ taskId, attempt, fence, atMs, stream, level, text }: OwnLine): Line {
    const newest = this.#newest.get(taskId)
    const n = (newest?.n ?? 0) + 1
    // The time of the last line that the leader told stays: more of that instant may follow.
    if (newest === undefined) this.#newest.set(taskId, { n, atMs: 0 })
    else newest.n = n
    const line: Line = { taskId, attempt, fence, n, at: atMs, nodeId: this.#nodeId, stream, level, text }
    this.#lines.push(line)
    if (this.#lines.length >= 2 * limits.relayLinesMax) this.#lines.splice(0, limits.relayLinesMax)
    return line
  }
}
