import type { AdoptedRun, HostRun, StartRun, StopOptions } from '../ports/task-host.js'
import type { Held, StreamName } from './protocol.js'

interface Stream {
  /** Rises with each rewind, from 0 with each connection. */
  generation: number
  /** The byte that comes next. */
  next: number
}

/** What a master knows of a run that its warden holds. */
export class MasterRun {
  view: HostRun
  /** Until the warden is known to have it. */
  start: StartRun | null
  stop: StopOptions | null = null
  readonly streams: Readonly<Record<StreamName, Stream>>

  constructor(view: HostRun, start: StartRun | null) {
    this.view = view
    this.start = start
    this.streams = { out: { generation: 0, next: 0 }, err: { generation: 0, next: 0 } }
  }

  static begun(start: StartRun): MasterRun {
    const { taskId, attempt, fence } = start
    return new MasterRun(
      { taskId, attempt, fence, state: 'starting', pid: null, outBytes: 0, errBytes: 0 },
      start,
    )
  }

  static held({ taskId, attempt, fence, state, pid, outBytes, errBytes }: Held): MasterRun {
    return new MasterRun({ taskId, attempt, fence, state, pid, outBytes, errBytes }, null)
  }

  get hasEnded(): boolean {
    return this.view.state === 'ended'
  }

  is(change: Partial<Omit<HostRun, 'taskId' | 'attempt' | 'fence'>>): void {
    this.view = { ...this.view, ...change }
  }

  /** Bytes up to `end` were handed over. */
  reached(stream: StreamName, end: number): void {
    this.streams[stream].next = end
    if (stream === 'out') this.is({ outBytes: Math.max(this.view.outBytes, end) })
    else this.is({ errBytes: Math.max(this.view.errBytes, end) })
  }

  /** Another connection counts its generations anew. */
  reconnected(): void {
    for (const stream of Object.values(this.streams)) stream.generation = 0
  }
}

/** null: it has ended, so there is nothing to go on with. */
export function adoptedOf({ terms, ...held }: Held): AdoptedRun | null {
  return held.state === 'ended' || terms === null ? null : { ...held, terms }
}
