import { limits } from '../core/limits.js'
import { backoffMs } from '../link/backoff.js'
import type { Clock, Timer } from '../ports/clock.js'
import type { Log } from '../ports/log.js'
import type { LeaderChannel, LeaderCommand, LeaderDialer } from '../ports/node-link.js'
import type { Random } from '../ports/random.js'
import { LeaderBook } from './leader-book.js'

type Welcome = Extract<LeaderCommand, { kind: 'welcome' }>
type Moving = Extract<LeaderCommand, { kind: 'moving' }>
type Goodbye = Extract<LeaderCommand, { kind: 'goodbye' }>

/** Where a link stands. Each state cleans its own timer. */
type State =
  | { readonly phase: 'idle' }
  /** Dialled; the welcome has not come yet. */
  | {
      readonly phase: 'connecting'
      readonly address: string
      readonly channel: LeaderChannel
      readonly timer: Timer
    }
  | {
      readonly phase: 'live'
      readonly address: string
      readonly channel: LeaderChannel
      readonly leaderId: string
      readonly sinceMs: number
      /** Set when the leader asked to move: then it closes. */
      readonly timer: Timer | null
    }
  | { readonly phase: 'waiting'; readonly reason: string; readonly timer: Timer }
  | { readonly phase: 'closed' }

/** What a person sees of the link. */
export interface LinkView {
  readonly phase: State['phase']
  readonly address: string | null
  readonly leaderId: string | null
  readonly term: number
  readonly logId: string
  /** Web address of the leader that welcomed it last; null = it did not say. */
  readonly leaderUrl: string | null
  readonly sinceMs: number | null
  readonly reason: string | null
}

/** Where a master resumes its stream. */
export interface ResumePoint {
  readonly term: number
  readonly logId: string
  readonly commandSeq: number
}

export interface LeaderLinkOptions {
  readonly leaders: readonly string[]
  readonly dialer: LeaderDialer
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** The stream is open: the register must go out now. */
  readonly onOpen: (channel: LeaderChannel) => void
  readonly onCommands: (commands: readonly LeaderCommand[]) => void
  /** The stream that was opened is gone. */
  readonly onClosed: () => void
}

/** Hints that are followed without backing off, until a welcome. */
const quickHopsMax = 3

/** Goodbyes after which another try soon cannot help. */
const refusals: ReadonlySet<string> = new Set([
  'node_conflict',
  'not_authenticated',
  'forbidden',
  'invalid_request',
  'unprocessable',
])

/**
 * The one stream to whoever leads. Leaders are tried in turn with full-jitter back-off, for ever [ST7]; a hint or a
 * `moving` names the next one; a leader of a lower term than one that was seen is refused.
 */
export class LeaderLink {
  readonly #options: LeaderLinkOptions
  readonly #book: LeaderBook
  #state: State = { phase: 'idle' }
  /** Failures since the last welcome. */
  #failures = 0
  #resume: ResumePoint = { term: 0, logId: '', commandSeq: 0 }
  #goodbye: Goodbye | null = null
  #leaderUrl: string | null = null

  constructor(options: LeaderLinkOptions) {
    this.#options = options
    this.#book = new LeaderBook(options.leaders)
  }

  get resumePoint(): ResumePoint {
    return this.#resume
  }

  get isLive(): boolean {
    return this.#state.phase === 'live'
  }

  view(): LinkView {
    const state = this.#state
    return {
      phase: state.phase,
      address: 'address' in state ? state.address : null,
      leaderId: state.phase === 'live' ? state.leaderId : null,
      term: this.#resume.term,
      logId: this.#resume.logId,
      leaderUrl: this.#leaderUrl,
      sinceMs: state.phase === 'live' ? state.sinceMs : null,
      reason: state.phase === 'waiting' ? state.reason : null,
    }
  }

  start(): void {
    if (this.#state.phase === 'idle') this.#dial()
  }

  /** For good. */
  close(): void {
    this.#hangUp(this.#leave())
    this.#state = { phase: 'closed' }
  }

  /** The first command of a stream. False: this leader is refused, the stream is closed. */
  welcome(welcome: Welcome): boolean {
    const state = this.#state
    if (state.phase !== 'connecting') {
      this.#drop('the leader said welcome twice')
      return false
    }
    const { term, logId, leaderId, resumed } = welcome
    if (logId === this.#resume.logId && term < this.#resume.term) {
      this.#drop(`${state.address} leads term ${term}; term ${this.#resume.term} was seen`)
      return false
    }
    state.timer.cancel()
    this.#resume = { term, logId, commandSeq: resumed ? this.#resume.commandSeq : 0 }
    this.#failures = 0
    this.#leaderUrl = welcome.httpUrl ?? null
    const { address, channel } = state
    this.#state = {
      phase: 'live',
      address,
      channel,
      leaderId,
      sinceMs: this.#options.clock.wallMs(),
      timer: null,
    }
    this.#options.log.info('linked to the leader', { leaderId, address, term, resumed })
    return true
  }

  /** True once per command: false for one that was handled before. */
  advance(commandSeq: number): boolean {
    if (commandSeq <= this.#resume.commandSeq) return false
    this.#resume = { ...this.#resume, commandSeq }
    return true
  }

  /** [ST8] The leader goes: its successor is dialled after a random part of the spread. */
  moving({ leaders, spreadMs }: Moving): void {
    const state = this.#state
    if (state.phase !== 'live' || state.timer !== null) return
    this.#book.prefer(leaders)
    const delayMs = Math.round(spreadMs * this.#options.random.fraction())
    const timer = this.#options.clock.after(delayMs, () => {
      this.#hangUp(this.#leave())
      this.#dial()
    })
    this.#state = { ...state, timer }
    this.#options.log.info('the leader asks to move', { leaders, delayMs })
  }

  /** Its reason decides how soon to try again. */
  goodbye(goodbye: Goodbye): void {
    this.#goodbye = goodbye
  }

  /** Ends a stream whose peer does not hold to the protocol; nothing when there is none. */
  drop(reason: string): void {
    if ('channel' in this.#state) this.#drop(reason)
  }

  #dial(): void {
    const { dialer, clock } = this.#options
    const address = this.#book.next()
    this.#goodbye = null
    // Only the newest dial is listened to: an older stream may still tell of its end.
    const isMine = (): boolean => 'channel' in this.#state && this.#state.channel === channel
    const channel: LeaderChannel = dialer.dial(address, {
      onOpen: () => {
        if (isMine()) this.#options.onOpen(channel)
      },
      onCommands: (commands) => {
        if (isMine()) this.#options.onCommands(commands)
      },
      onClose: (reason, options) => {
        if (isMine()) this.#ended(reason, options)
      },
    })
    const timer = clock.after(limits.linkDialMs + limits.linkRegisterMs, () =>
      this.#drop(`${address} did not welcome this master in time`),
    )
    this.#state = { phase: 'connecting', address, channel, timer }
  }

  #ended(reason: string, { refused, leaderHint }: { refused: boolean; leaderHint: string | null }): void {
    const wasMoving = this.#state.phase === 'live' && this.#state.timer !== null
    const goodbye = this.#goodbye
    this.#leave()
    if (leaderHint !== null) this.#book.prefer([leaderHint])
    const hopeless = refused || (goodbye !== null && refusals.has(goodbye.code))
    this.#waitAndDial(goodbye?.message || reason, hopeless, wasMoving || leaderHint !== null)
  }

  #drop(reason: string): void {
    this.#hangUp(this.#leave())
    this.#waitAndDial(reason, false, false)
  }

  #waitAndDial(reason: string, hopeless: boolean, isRedirected: boolean): void {
    const { clock, random, log } = this.#options
    // A hint is followed soon, but two leaders that hint at each other must not spin.
    const failures = isRedirected && this.#failures < quickHopsMax ? 0 : this.#failures
    const delayMs = hopeless ? limits.backoffMsMax : backoffMs(failures, random.fraction())
    if (this.#failures === 0 || hopeless) log.warn('no link to the leader', { reason, delayMs })
    this.#failures += 1
    const timer = clock.after(delayMs, () => this.#dial())
    this.#state = { phase: 'waiting', reason, timer }
  }

  /** Leaves the state with its timer cancelled; a stream is told of as gone. */
  #leave(): State {
    const state = this.#state
    if ('timer' in state) state.timer?.cancel()
    this.#state = { phase: 'idle' }
    if (state.phase === 'live' || state.phase === 'connecting') this.#options.onClosed()
    return state
  }

  #hangUp(state: State): void {
    if ('channel' in state) state.channel.close()
  }
}
