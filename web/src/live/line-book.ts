import { bounds } from './bounds.js'
import type { Line, LineDelta, LineLevel, LineQuery } from './protocol.js'

/** Lowest first. */
const levels: readonly LineLevel[] = ['debug', 'info', 'warning', 'error']
const keyOf = (line: Line): string => `${line.taskId}/${line.n}`

/** The newest lines over all tasks, each once. */
export class LineBook {
  #lines: Line[] = []
  readonly #lastOf = new Map<string, number>()

  /** Takes lines in order; answers those that are new, with a gap line where numbers are missing. */
  take(lines: readonly Line[]): readonly Line[] {
    const fresh: Line[] = []
    for (const line of lines) {
      const last = this.#lastOf.get(line.taskId)
      if (last !== undefined && line.n <= last) continue
      if (last !== undefined && line.n > last + 1 && !('gap' in line)) {
        const gap = { from: last + 1, to: line.n, reason: 'not_received' }
        fresh.push({ ...position(line), n: line.n - 0.5, gap })
      }
      this.#lastOf.delete(line.taskId)
      this.#lastOf.set(line.taskId, line.n)
      fresh.push(line)
    }
    this.#lines.push(...fresh)
    if (this.#lines.length > bounds.linesHeld * 1.25) this.#lines = this.#lines.slice(-bounds.linesHeld)
    for (const taskId of this.#lastOf.keys()) {
      if (this.#lastOf.size <= bounds.linesHeld) break
      this.#lastOf.delete(taskId)
    }
    return fresh
  }

  /** The leader's newest lines of a task, or of all (null). Between them and what was known there may be a hole. */
  restart(taskId: string | null, lines: readonly Line[]): void {
    if (taskId === null) this.clear()
    this.#lines = this.#lines.filter((line) => line.taskId !== taskId)
    if (taskId !== null) this.#lastOf.delete(taskId)
    this.take(lines)
  }

  /** The newest lines that match, oldest first. */
  newest(query: LineQuery, limit: number): Line[] {
    const found: Line[] = []
    const matches = matcher(query)
    for (let index = this.#lines.length - 1; index >= 0 && found.length < limit; index -= 1) {
      const line = this.#lines[index]
      if (line !== undefined && matches(line)) found.push(line)
    }
    // A stream of one task may have joined late: its older lines stand behind newer ones of others.
    return found.reverse().sort((a, b) => a.at - b.at)
  }

  clear(): void {
    this.#lines = []
    this.#lastOf.clear()
  }
}

/** One stream on screen: what it has shown and what waits for the next frame. */
export class LineWatch {
  readonly query: LineQuery
  readonly #matches: (line: Line) => boolean
  readonly #seen = new Set<string>()
  #reset = true
  #older: Line[] = []
  #newer: Line[] = []
  #skipped = 0
  #complete = false
  #dirty: boolean
  #first: Line | null = null
  #reached = Number.POSITIVE_INFINITY
  /** Where the leader's page with older lines begins; null = there is none; undefined = no page has come yet. */
  cursor: string | null | undefined

  /** `isQuiet`: nothing is to be shown before its first lines come. */
  constructor(query: LineQuery, start: readonly Line[], options: { readonly isQuiet?: boolean } = {}) {
    this.query = query
    this.#dirty = options.isQuiet !== true
    this.#matches = matcher(query)
    this.append(start)
  }

  get dirty(): boolean {
    return this.#dirty
  }

  /** Lowest line number looked at, from where older ones are asked. */
  get reached(): number {
    return this.#reached
  }

  append(lines: readonly Line[]): void {
    for (const line of lines) {
      if (!this.#matches(line) || !this.#notice(line)) continue
      this.#first ??= line
      this.#reached = Math.min(this.#reached, line.n)
      this.#newer.push(line)
    }
    const over = this.#newer.length - bounds.linesPerFrame
    if (over <= 0) return
    this.#newer.splice(0, over)
    this.#skipped += over
  }

  /** Lines that the leader had kept from number `reached` on; `complete` = it has none before these. */
  prepend(lines: readonly Line[], complete: boolean, reached: number | null): void {
    const first = this.#first
    const earlier = first === null ? lines : lines.slice(0, before(lines, first))
    const fresh = earlier.filter((line) => this.#matches(line) && this.#notice(line))
    if (first === null) this.#newer = fresh
    else this.#older = [...fresh, ...this.#older]
    this.#first = fresh[0] ?? this.#first
    this.#reached = Math.min(this.#reached, reached ?? lines[0]?.n ?? this.#reached)
    this.#complete = complete
    this.#dirty = true
  }

  take(): LineDelta {
    const delta = {
      reset: this.#reset,
      older: this.#older,
      newer: this.#newer,
      skipped: this.#skipped,
      complete: this.#complete,
    }
    this.#reset = false
    this.#older = []
    this.#newer = []
    this.#skipped = 0
    this.#dirty = false
    return delta
  }

  #notice(line: Line): boolean {
    const key = keyOf(line)
    if (this.#seen.has(key)) return false
    this.#seen.add(key)
    for (const oldest of this.#seen) {
      if (this.#seen.size <= bounds.linesShown * 2) break
      this.#seen.delete(oldest)
    }
    this.#dirty = true
    return true
  }
}

/** How many of `lines` stand before `line`; one that came meanwhile is left to the live stream. */
function before(lines: readonly Line[], line: Line): number {
  const key = keyOf(line)
  const at = lines.findIndex((each) => keyOf(each) === key || each.at > line.at)
  return at < 0 ? lines.length : at
}

function matcher(query: LineQuery): (line: Line) => boolean {
  const text = query.text.toLowerCase()
  const lowest = query.level === null ? 0 : levels.indexOf(query.level)
  return (line) => {
    if (query.nodeId !== null && line.nodeId !== query.nodeId) return false
    if (query.taskId !== null && line.taskId !== query.taskId) return false
    if (query.sinceMs !== null && line.at < query.sinceMs) return false
    if (query.untilMs !== null && line.at >= query.untilMs) return false
    if ('gap' in line) return true
    return levels.indexOf(line.level) >= lowest && line.text.toLowerCase().includes(text)
  }
}

function position(line: Line) {
  const { taskId, attempt, fence, n, at, nodeId, stream } = line
  return { taskId, attempt, fence, n, at, nodeId, stream }
}
