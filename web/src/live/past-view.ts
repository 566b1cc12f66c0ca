import type { ReplaySample } from '../../../src/contract/replay.js'
import type { ServerMessage } from '../../../src/contract/socket.js'
import { bounds } from './bounds.js'
import type { Frame, Receipt, ReplayState, ToWorker } from './protocol.js'
import type { Replay, ReplayListener, ReplayPorts } from './replay.js'

type Snapshot = Extract<ServerMessage, { readonly type: 'SNAPSHOT' }>
type ReplayMessage = Extract<
  ToWorker,
  { readonly type: 'replay_at' | 'replay_step' | 'replay_play' | 'replay_next_failure' }
>

export interface PastPorts extends ReplayPorts {
  /** The code of replays: it comes when somebody looks back for the first time. */
  loadReplay(): Promise<{
    readonly Replay: new (ports: ReplayPorts, listener: ReplayListener, atMs: number) => Replay
  }>
}

/** What the past does to what is on screen. */
export interface PastEvents {
  changed(): void
  /** The first picture is there: what is held of the present gives way. */
  begin(): void
  picture(snapshot: Snapshot): void
  samples(samples: readonly ReplaySample[]): void
  /** The cursor moved: turns of chats after it are not to be seen. */
  moved(): void
  linesUntil(atMs: number): void
}

/** Pictures of the present that are waited for before it counts as shown again. */
const firstTopics = ['nodes', 'tasks'] as const

/**
 * Whether the wall shows the past or the present. While it shows the past, what the socket brings of the fleet is not let
 * in; what is on screen stays until its other side is there, so that nothing flickers.
 */
export class PastView {
  readonly #ports: PastPorts
  readonly #events: PastEvents
  #phase: 'present' | 'past' | 'returning' = 'present'
  #replay: Replay | null = null
  /** Asked before the code was there. */
  #queued: ((replay: Replay) => void)[] = []
  #hasBegun = false
  #state: ReplayState | null = null
  #isDirty = false
  readonly #owed = new Set<string>()
  #linesAtMs: number | null = null
  #cancelLines: (() => void) | null = null
  /** Counts stays in the past, so that what an earlier one asked for is told apart. */
  #stay = 0

  constructor(ports: PastPorts, events: PastEvents) {
    this.#ports = ports
    this.#events = events
  }

  get isShown(): boolean {
    return this.#phase === 'past'
  }

  /** Where the past stands; null: the present is shown. */
  get cursorMs(): number | null {
    return this.#phase === 'past' && this.#hasBegun ? (this.#state?.atMs ?? null) : null
  }

  /** Numbers are of another time than those on screen: they wait for nothing, unless it plays. */
  get isTurning(): boolean {
    if (this.#phase === 'past') return this.#hasBegun && this.#state?.speed === null
    return this.#isDirty && this.#state === null
  }

  handle(message: ReplayMessage): void {
    const atMs = message.type === 'replay_at' ? message.atMs : this.#ports.nowMs()
    if (this.#phase !== 'past') this.#enter(atMs)
    this.#run((replay) => {
      switch (message.type) {
        case 'replay_at':
          replay.seek(message.atMs)
          break
        case 'replay_step':
          replay.step(message.by)
          break
        case 'replay_play':
          replay.play(message.speed)
          break
        case 'replay_next_failure':
          replay.nextFailure()
          break
      }
    })
  }

  /** Back to the present. `isLive`: its pictures are on their way. */
  end({ isLive }: { readonly isLive: boolean }): void {
    if (this.#phase !== 'past') return
    this.#leave()
    if (isLive && this.#hasBegun) {
      this.#phase = 'returning'
      for (const topic of firstTopics) this.#owed.add(topic)
      if (this.#state !== null) this.#set({ ...this.#state, phase: 'loading', speed: null })
    } else this.#present()
    this.#hasBegun = false
  }

  /** True: the link broke before the present was shown again, so that nothing on screen is to be trusted. */
  lostPresent(): boolean {
    if (this.#phase !== 'returning') return false
    this.#present()
    return true
  }

  /** The log is another one: the instant is asked for again. */
  anew(): void {
    if (this.#phase !== 'past' || this.#state === null) return
    const { atMs } = this.#state
    this.#leave()
    this.#enter(atMs)
    this.#run((replay) => replay.seek(atMs))
  }

  /** Whether what the socket brought is to be shown. */
  lets(message: ServerMessage): boolean {
    if (this.#phase === 'present') return true
    if (this.#phase === 'past') return isOfTheMoment(message)
    if (message.type === 'SNAPSHOT') {
      this.#owed.delete(message.topic)
      if (this.#owed.size === 0) this.#present()
    }
    return true
  }

  receipts(taskId: string): readonly Receipt[] {
    return this.#replay?.receipts(taskId) ?? []
  }

  take(): Pick<Frame, 'replay'> {
    if (!this.#isDirty) return {}
    this.#isDirty = false
    return { replay: this.#state }
  }

  #enter(atMs: number): void {
    this.#phase = 'past'
    this.#owed.clear()
    this.#stay += 1
    const stay = this.#stay
    this.#set({ phase: 'loading', atMs, speed: null, range: null, note: null, failure: null, refusal: null })
    this.#ports.loadReplay().then(
      ({ Replay: Loaded }) => {
        if (stay !== this.#stay || this.#phase !== 'past') return
        this.#replay = new Loaded(this.#ports, this.#listener(), atMs)
        for (const act of this.#queued.splice(0)) act(this.#replay)
      },
      () => {
        const refusal = { code: 'unreachable', message: '', askedMs: atMs, nearestMs: null }
        if (stay === this.#stay && this.#state !== null)
          this.#set({ ...this.#state, phase: 'refused', refusal })
      },
    )
  }

  #listener(): ReplayListener {
    return {
      changed: (state) => this.#set(state),
      moved: (pictures, samples) => {
        if (!this.#hasBegun) this.#events.begin()
        this.#hasBegun = true
        for (const picture of pictures) this.#events.picture(picture)
        if (samples !== null) this.#events.samples(samples)
        this.#planLines()
        this.#events.moved()
      },
    }
  }

  #run(act: (replay: Replay) => void): void {
    if (this.#replay !== null) act(this.#replay)
    // Of what is asked while the code comes, the newest counts.
    else this.#queued = [act]
  }

  #leave(): void {
    this.#replay?.stop()
    this.#replay = null
    this.#queued = []
    this.#cancelLines?.()
    this.#cancelLines = null
    this.#linesAtMs = null
  }

  #present(): void {
    this.#phase = 'present'
    this.#owed.clear()
    this.#set(null)
  }

  #set(state: ReplayState | null): void {
    this.#state = state
    this.#isDirty = true
    this.#events.changed()
  }

  /** Lines are asked for at once after a rest, and at most so often while the cursor moves; the last move is not lost. */
  #planLines(): void {
    if (this.#cancelLines !== null) return
    this.#cancelLines = this.#ports.after(this.#linesAtMs === null ? 0 : bounds.replayLinesMs, () => {
      this.#cancelLines = null
      const atMs = this.cursorMs
      if (atMs === null || atMs === this.#linesAtMs) return
      this.#linesAtMs = atMs
      this.#events.linesUntil(atMs)
      this.#events.changed()
    })
  }
}

/** Answers to what this page asked, and chats: they are shown up to the cursor. */
function isOfTheMoment(message: ServerMessage): boolean {
  switch (message.type) {
    case 'SNAPSHOT':
      return message.topic.startsWith('chat:')
    case 'CHAT_RESPONSE':
    case 'RECEIPT':
    case 'ERROR':
      return true
    default:
      return false
  }
}
