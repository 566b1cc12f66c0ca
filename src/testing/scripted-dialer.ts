import { limits } from '../core/limits.js'
import type {
  LeaderChannel,
  LeaderChannelEvents,
  LeaderCommand,
  LeaderDialer,
  LinesUpdate,
  NodeUpdate,
  NumberedUpdate,
  Register,
} from '../ports/node-link.js'

/** One dial; the test is the leader. Order: `open`, then `say`, then `end`. */
export class ScriptedDial implements LeaderChannel {
  readonly address: string
  readonly #events: LeaderChannelEvents
  /** Messages in the order in which they were sent, each as its updates. */
  readonly messages: (readonly NodeUpdate[])[] = []
  closedByMaster = false
  /** Whether renewals are granted, at once and as a leader does. */
  grantsLeases = true

  constructor(address: string, events: LeaderChannelEvents) {
    this.address = address
    this.#events = events
  }

  send(updates: readonly NodeUpdate[]): number {
    this.messages.push(updates)
    for (const update of updates) {
      if (update.kind === 'lease' && this.grantsLeases) this.grant(update.sentAtMs)
    }
    return 100 * updates.length
  }

  close(): void {
    this.closedByMaster = true
  }

  open(): void {
    this.#events.onOpen()
  }

  say(...commands: readonly LeaderCommand[]): void {
    this.#events.onCommands(commands)
  }

  end(reason = 'gone', options: { refused?: boolean; leaderHint?: string } = {}): void {
    this.#events.onClose(reason, {
      refused: options.refused ?? false,
      leaderHint: options.leaderHint ?? null,
    })
  }

  grant(sentAtMs: number): void {
    const { leaseSteadyKillMs: ttlMs, leaseStrictKillMs: strictTtlMs } = limits
    this.say({ kind: 'lease', sentAtMs, ttlMs, strictTtlMs })
  }

  /** Opens, welcomes and grants credit. */
  welcome(options: Partial<Extract<LeaderCommand, { kind: 'welcome' }>> = {}, messages = 1_000): void {
    this.open()
    this.say(
      {
        kind: 'welcome',
        term: 1,
        leaderId: 'leader-1',
        logId: 'log-1',
        ackedUplinkSeq: 0,
        resumed: false,
        lines: [],
        pingIntervalMs: 30_000,
        leaseRenewMs: 5_000,
        strictRenewMs: 2_000,
        ...options,
      },
      { kind: 'credit', messages, bytes: 1_000_000 },
    )
  }

  get updates(): readonly NodeUpdate[] {
    return this.messages.flat()
  }

  get register(): Register | undefined {
    return this.updates.find((update) => update.kind === 'register')
  }

  get durable(): readonly NumberedUpdate[] {
    return this.updates.filter((update) => update.kind === 'durable')
  }

  get lines(): readonly LinesUpdate[] {
    return this.updates.filter((update) => update.kind === 'lines')
  }
}

/** Remembers every dial. */
export class ScriptedDialer implements LeaderDialer {
  readonly dials: ScriptedDial[] = []

  dial(address: string, events: LeaderChannelEvents): LeaderChannel {
    const dial = new ScriptedDial(address, events)
    this.dials.push(dial)
    return dial
  }

  /** The newest dial. */
  get last(): ScriptedDial {
    const last = this.dials.at(-1)
    if (last === undefined) throw new Error('nothing was dialled')
    return last
  }
}
