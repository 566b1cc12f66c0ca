import type { AdoptedRun, HostExit, TaskHostEvents } from '../ports/task-host.js'

type Stream = 'out' | 'err'

export interface RecordedGap {
  readonly fence: number
  readonly stream: Stream
  readonly from: number
  readonly to: number
}

/** Keeps what a TaskHost tells, and wakes whoever waits for it. Takes output at once unless `hold` is set. */
export class TaskHostRecorder implements TaskHostEvents {
  readonly adopted: AdoptedRun[] = []
  readonly started = new Map<number, number>()
  readonly exits: { readonly fence: number; readonly exit: HostExit }[] = []
  readonly gaps: RecordedGap[] = []
  readonly progress: {
    readonly fence: number
    readonly progress: number | null
    readonly text: string | null
    readonly partialJson: string | null
  }[] = []
  readonly chunks: {
    readonly fence: number
    readonly stream: Stream
    readonly offset: number
    readonly bytes: Uint8Array
  }[] = []
  /** Set: chunks are kept waiting, and these let them go. */
  hold = false
  readonly held: (() => void)[] = []
  readonly #waiting = new Set<() => void>()

  onAdopted(run: AdoptedRun): void {
    this.adopted.push(run)
    this.#wake()
  }

  onStarted(fence: number, pid: number): void {
    this.started.set(fence, pid)
    this.#wake()
  }

  onOutput(fence: number, stream: Stream, offset: number, bytes: Uint8Array, done: () => void): void {
    this.chunks.push({ fence, stream, offset, bytes })
    if (this.hold) this.held.push(done)
    else done()
    this.#wake()
  }

  onOutputGap(fence: number, stream: Stream, from: number, to: number): void {
    this.gaps.push({ fence, stream, from, to })
    this.#wake()
  }

  onProgress(fence: number, progress: number | null, text: string | null, partialJson: string | null): void {
    this.progress.push({ fence, progress, text, partialJson })
    this.#wake()
  }

  onExit(fence: number, exit: HostExit): void {
    this.exits.push({ fence, exit })
    this.#wake()
  }

  exitOf(fence: number): HostExit | undefined {
    return this.exits.find((one) => one.fence === fence)?.exit
  }

  text(fence: number, stream: Stream): string {
    const parts = this.chunks.filter((chunk) => chunk.fence === fence && chunk.stream === stream)
    return Buffer.concat(parts.map(({ bytes }) => bytes)).toString('utf8')
  }

  /** Resolves once `condition` holds, looking again after each thing told. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!condition()) return
        this.#waiting.delete(look)
        resolve()
      }
      this.#waiting.add(look)
      look()
    })
  }

  #wake(): void {
    for (const look of [...this.#waiting]) look()
  }
}
