import type { HostExit, HostRun, RunTerms } from '../ports/task-host.js'
import type { Held, StreamName } from './protocol.js'

interface Stream {
  /** Rises with each rewind of the master; 0 when it came. */
  generation: number
  /** Everything before was taken by the master, or is of no interest to it. */
  shown: number
  /** The host waits for it. */
  done: (() => void) | null
}

/** What a warden knows of a run beside its host. */
export class WardenRun {
  readonly fence: number
  /** null of a run that ended under an earlier warden. */
  readonly terms: RunTerms | null
  readonly stdinOpen: boolean
  readonly streams: Readonly<Record<StreamName, Stream>> = { out: streamAt(0), err: streamAt(0) }
  progress: Held['progress'] = null
  exit: HostExit | null = null
  /** The master of now has been told the exit. */
  isExitTold = false
  #ranMs = 0
  #runningSinceMs: number | null = null

  constructor(fence: number, terms: RunTerms | null, stdinOpen: boolean) {
    this.fence = fence
    this.terms = terms
    this.stdinOpen = stdinOpen
  }

  runs(nowMs: number): void {
    this.#runningSinceMs ??= nowMs
  }

  rests(nowMs: number): void {
    this.#ranMs = this.ranMs(nowMs)
    this.#runningSinceMs = null
  }

  ranMs(nowMs: number): number {
    return this.#ranMs + (this.#runningSinceMs === null ? 0 : nowMs - this.#runningSinceMs)
  }

  /** Another master, or none: whatever the host waits for goes on. */
  letGo(): void {
    this.isExitTold = false
    for (const stream of Object.values(this.streams)) {
      const { done } = stream
      Object.assign(stream, streamAt(0))
      done?.()
    }
  }

  hasShown({ outBytes, errBytes }: Pick<HostRun, 'outBytes' | 'errBytes'>): boolean {
    return this.streams.out.shown >= outBytes && this.streams.err.shown >= errBytes
  }

  held(run: HostRun, nowMs: number): Held {
    const { terms, stdinOpen, progress } = this
    return { ...run, terms, stdinOpen, ranMs: this.ranMs(nowMs), progress }
  }
}

const streamAt = (shown: number): Stream => ({ generation: 0, shown, done: null })
