import { unreachable } from '../core/assert.js'
import type { Log } from '../ports/log.js'
import type { LeaderCommand, NumberedCommand } from '../ports/node-link.js'
import type { Agents } from './agents.js'
import type { LeaderCalls } from './leader-calls.js'
import type { LeaderLink } from './leader-link.js'
import type { Leases } from './leases.js'
import type { Meters } from './meters.js'
import type { Runs } from './runs.js'
import type { Uplink } from './uplink.js'

export interface CommandsOptions {
  readonly incarnation: number
  readonly link: LeaderLink
  readonly uplink: Uplink
  readonly runs: Runs
  readonly agents: Agents
  readonly calls: LeaderCalls
  readonly leases: Leases
  readonly meters: Meters
  readonly log: Log
  /** The leader asks this process to restart; called once. null = it cannot. */
  readonly onRestart: (() => void) | null
}

/**
 * Takes what the leader sends, in order. A ping is answered here and nowhere else: its pong says that commands are
 * being handled [LV2]. Numbered commands are acked up to the last one that was handled.
 */
export class Commands {
  readonly #options: CommandsOptions
  #isRestarting = false

  constructor(options: CommandsOptions) {
    this.#options = options
  }

  handle(commands: readonly LeaderCommand[]): void {
    for (const command of commands) {
      if (!this.#options.link.isLive && command.kind !== 'welcome' && command.kind !== 'goodbye') {
        this.#options.link.drop(`the leader's first command was ${command.kind}, not welcome`)
        return
      }
      this.#handleOne(command)
    }
  }

  #handleOne(command: LeaderCommand): void {
    const { link, uplink, runs, leases, calls, log } = this.#options
    switch (command.kind) {
      case 'welcome':
        this.#welcome(command)
        return
      case 'task_request':
      case 'control':
      case 'restart':
      case 'agent':
        this.#numbered(command)
        return
      case 'ack':
        uplink.acked({
          incarnation: command.incarnation === 0 ? this.#options.incarnation : command.incarnation,
          uplinkSeq: command.uplinkSeq,
        })
        runs.linesAcked(command.lines)
        return
      case 'ping':
        uplink.traffic({ kind: 'pong', nonce: command.nonce })
        return
      case 'pong':
        return
      case 'credit':
        uplink.grant(command.messages, command.bytes)
        return
      case 'lease':
        leases.granted(command.sentAtMs, { steady: command.ttlMs, strict: command.strictTtlMs })
        return
      case 'answer':
        calls.answered(command.nonce, command.outcome)
        return
      case 'moving':
        link.moving(command)
        return
      case 'goodbye':
        log.info('the leader ends the link', { code: command.code, message: command.message })
        link.goodbye(command)
        return
      default:
        unreachable(command)
    }
  }

  #welcome(welcome: Extract<LeaderCommand, { kind: 'welcome' }>): void {
    const { link, uplink, runs, leases, meters } = this.#options
    if (!link.welcome(welcome)) return
    runs.relink(welcome.lines)
    uplink.live(welcome.ackedUplinkSeq)
    leases.start({ steady: welcome.leaseRenewMs, strict: welcome.strictRenewMs })
    meters.start()
  }

  /** [RC10] Its last step is this master's return, which the leader sees. */
  #restart(commandId: string): void {
    if (this.#isRestarting) return
    const { uplink, runs, log, onRestart } = this.#options
    uplink.put({ kind: 'receipt', commandId, state: 'received', detail: '' })
    if (onRestart === null) {
      const why = 'This master is part of another program, which alone can restart it.'
      uplink.put({ kind: 'receipt', commandId, state: 'refused', detail: why })
      return
    }
    this.#isRestarting = true
    log.info('the leader asks this master to restart', { commandId })
    const detail = `It ends and comes back; ${runs.live.size} of its tasks go on.`
    uplink.put({ kind: 'receipt', commandId, state: 'acting', detail })
    onRestart()
  }

  #numbered(command: NumberedCommand): void {
    const { link, uplink, runs, agents } = this.#options
    if (command.commandSeq <= link.resumePoint.commandSeq) return
    if (command.kind === 'control') runs.control(command)
    else if (command.kind === 'agent') agents.act(command)
    else if (command.kind === 'restart') this.#restart(command.commandId)
    else runs.start(command)
    link.advance(command.commandSeq)
    uplink.commandHandled(command.commandSeq)
  }
}
