import type { ControlError } from '../core/errors.js'
import { nodeIdOf } from '../core/ids.js'
import type { Input, NodeCommand } from '../core/input.js'
import { limits } from '../core/limits.js'
import type { Outcome } from '../core/turn.js'
import { ReceiveWindow } from '../link/credit.js'
import type { Timer } from '../ports/clock.js'
import type {
  LeaderCommand,
  LineOffset,
  NodeChannel,
  NodeSession,
  NodeUpdate,
  NumberedUpdate,
  Register,
  WantedCommand,
} from '../ports/node-link.js'
import { NodeCalls } from './node-calls.js'
import { commandOf } from './node-reports.js'
import type { NodeHost } from './node-sessions.js'
import { setAsideOf } from './quarantine.js'

type Phase =
  | { readonly name: 'opening' }
  | { readonly name: 'registering' }
  | { readonly name: 'live'; readonly pathTimer: Timer }
  | { readonly name: 'closed' }

/**
 * The leader's end of one master's stream. Duties: register comes first; durable updates are offered in order and
 * acked after their commit; the path ping must be answered by the master's command handler.
 */
export class LeaderNodeSession implements NodeSession {
  readonly nodeId: string
  readonly #host: NodeHost
  readonly #channel: NodeChannel
  readonly #window = new ReceiveWindow({ messages: limits.linkCreditMessages, bytes: limits.linkCreditBytes })
  #phase: Phase = { name: 'opening' }
  readonly #principal: Input['principal']
  #incarnation = 0
  #traceId = ''
  /** Highest durable update offered per incarnation. */
  readonly #taken = new Map<number, number>()
  /** Acks that go out at the end of the tick. */
  readonly #ackSeqs = new Map<number, number>()
  readonly #ackLines = new Map<string, LineOffset>()
  #ackScheduled = false
  #ping: { readonly nonce: number; readonly sentAtMs: number } | null = null
  #nonce = 0
  #refusesLeases = false
  readonly #calls: NodeCalls

  constructor(host: NodeHost, channel: NodeChannel) {
    this.#host = host
    this.#channel = channel
    this.nodeId = channel.nodeId
    this.#principal = { kind: 'node', id: channel.nodeId }
    this.#calls = new NodeCalls(channel.nodeId, host.answerCall, (nonce, outcome) =>
      this.send([{ kind: 'answer', nonce, outcome }]),
    )
  }

  get incarnation(): number {
    return this.#incarnation
  }

  get isLive(): boolean {
    return this.#phase.name === 'live'
  }

  receive(updates: readonly NodeUpdate[], bytes: number): void {
    if (this.#phase.name === 'closed') return
    this.#host.samples.node(this.nodeId).lastSeenAtMs = this.#host.clock.wallMs()
    let open = 1
    // Its room is granted anew when all of it is decided or stored, so that credit bounds what the leader holds.
    const handled = (): void => {
      open -= 1
      if (open === 0) this.#grant(bytes)
    }
    for (const update of updates) {
      if (update.kind === 'durable' || update.kind === 'lines') open += 1
      this.#handle(update, handled)
    }
    handled()
  }

  malformed(detail: string): void {
    this.#host.log.warn('a master sent something malformed and is cut off', { nodeId: this.nodeId, detail })
    this.end('invalid_request', detail)
  }

  closed(reason: string): void {
    if (this.#phase.name === 'closed') return
    this.#setClosed()
    this.#host.left(this, reason)
  }

  /** Says why, then closes. */
  end(code: string, message: string): void {
    if (this.#phase.name === 'closed') return
    this.#channel.send([{ kind: 'goodbye', code, message }])
    this.#setClosed()
    this.#channel.close(message)
    this.#host.left(this, message)
  }

  /** Numbered commands; nothing while the node is not live: its register asks for all that is owed. */
  command(commands: readonly WantedCommand[]): void {
    if (this.#phase.name !== 'live' || commands.length === 0) return
    const ring = this.#host.ring(this.nodeId)
    this.#channel.send(commands.map((command) => ring.number(command)))
  }

  /** Runs of this node are given up: nothing may lengthen their leases, also while that is being committed. */
  refuseLeases(): void {
    this.#refusesLeases = true
  }

  send(commands: readonly LeaderCommand[]): void {
    if (this.#phase.name === 'live') this.#channel.send(commands)
  }

  #grant(bytes: number): void {
    const grant = this.#window.handled(bytes)
    if (grant !== null) this.send([{ kind: 'credit', ...grant }])
  }

  #setClosed(): void {
    this.#calls.close()
    if (this.#phase.name === 'live') this.#phase.pathTimer.cancel()
    this.#phase = { name: 'closed' }
  }

  /** `handled` is called once for a durable update and for lines, when nothing of them is held any more. */
  #handle(update: NodeUpdate, handled: () => void): void {
    if (this.#phase.name === 'closed') return
    if (this.#phase.name === 'opening') {
      if (update.kind === 'register') this.#register(update)
      else this.malformed(`the first update must be register, not ${update.kind}`)
      return
    }
    if (this.#phase.name === 'registering') {
      this.malformed(`${update.kind} came before the welcome`)
      return
    }
    switch (update.kind) {
      case 'register':
        this.malformed('register came twice')
        return
      case 'durable':
        this.#takeDurable(update, handled)
        return
      case 'lines':
        this.#host.lines.take({
          nodeId: this.nodeId,
          update,
          ack: (offset) => this.#ackLine(offset),
          handled,
          isOver: () => this.#phase.name === 'closed',
        })
        return
      case 'progress':
        this.#host.progress(this.nodeId, update)
        return
      case 'metrics':
        this.#host.metrics(this.nodeId, update)
        return
      case 'ping':
        this.#channel.send([{ kind: 'pong', nonce: update.nonce }])
        return
      case 'pong':
        this.#pong(update.nonce)
        return
      case 'ack':
        this.#host.ring(this.nodeId).acked(update.commandSeq)
        return
      case 'lease':
        this.#renewLease(update.sentAtMs)
        return
      case 'call':
        this.#calls.take(update.nonce, update)
        return
    }
  }

  #register(register: Register): void {
    const refusal = this.#host.admit(this, register)
    if (refusal !== null) {
      this.end(refusal.code, refusal.message)
      return
    }
    this.#phase = { name: 'registering' }
    this.#host.samples.leases.renewed(this.nodeId)
    this.#incarnation = register.incarnation
    this.#traceId = `${this.nodeId}.${register.incarnation}`
    const fences = register.inventory.map((run) => run.fence)
    this.#host.lines.positions(fences).then(
      (positions) => this.#offerRegister(register, positions),
      (failure: unknown) => this.#host.fatal('the lines cannot be read', failure),
    )
  }

  #offerRegister(register: Register, positions: readonly LineOffset[]): void {
    if (this.#phase.name === 'closed') return
    const { incarnation, version, url, capabilities, agents, inventory } = register
    const nodeId = nodeIdOf(this.nodeId)
    const command = {
      name: 'register_node' as const,
      nodeId,
      incarnation,
      version,
      url,
      capabilities,
      agents,
      inventory,
    }
    const input = this.#input(command)
    const setAside = setAsideOf(this.#host.crashNotes, input)
    this.#host.offer(setAside ?? input, (outcome) => {
      if (this.#phase.name === 'closed') return
      if (!outcome.ok) this.end(outcome.error.code, outcome.error.message)
      else if (setAside !== null)
        this.end('unprocessable', 'this register crashed the leader twice; restart this master')
      else this.#welcome(register, positions)
    })
  }

  #welcome(register: Register, lines: readonly LineOffset[]): void {
    const { state } = this.#host
    const replay = this.#host.replay(this, register)
    const ackedUplinkSeq = state.uplinkSeq(this.nodeId, register.incarnation)
    this.#taken.set(register.incarnation, ackedUplinkSeq)
    this.#phase = { name: 'live', pathTimer: this.#nextPathPing() }
    this.#channel.send([
      {
        kind: 'welcome',
        term: state.term,
        leaderId: state.cluster?.leaderId ?? '',
        logId: this.#host.logId,
        ackedUplinkSeq,
        resumed: replay !== null,
        lines,
        pingIntervalMs: limits.pathPingIntervalMs,
        leaseRenewMs: limits.leaseSteadyRenewMs,
        strictRenewMs: limits.leaseStrictRenewMs,
        httpUrl: this.#host.httpUrl(),
      },
      { kind: 'credit', ...this.#window.initial() },
    ])
    if (replay !== null) this.#channel.send(replay)
    else this.command(this.#host.duties(this.nodeId, register.inventory))
    this.#sendPathPing()
  }

  #takeDurable(numbered: NumberedUpdate, handled: () => void): void {
    const { incarnation, uplinkSeq } = numbered
    const folded = this.#host.state.uplinkSeq(this.nodeId, incarnation)
    const taken = this.#taken.get(incarnation) ?? folded
    if (uplinkSeq <= taken) {
      this.#host.whenCommitted(() => {
        this.#ackSeq(incarnation, folded)
        handled()
      })
      return
    }
    if (taken > 0 && uplinkSeq > taken + 1 && this.#taken.has(incarnation)) {
      this.malformed(`uplink_seq ${uplinkSeq} follows ${taken}: a hole`)
      return
    }
    this.#taken.set(incarnation, uplinkSeq)
    const origin = { nodeId: this.nodeId, incarnation, uplinkSeq }
    const input = this.#input(commandOf(numbered.update), origin)
    const setAside = setAsideOf(this.#host.crashNotes, input)
    if (setAside !== null) {
      // Nobody else has a copy of it once it is acked.
      this.#host.log.error('an update is set aside', { ...origin, told: input.command })
    }
    this.#host.offer(setAside ?? input, (outcome) => {
      this.#decided(outcome, origin)
      handled()
      // [QU3] The inventory tells what the update would have told, and the welcome acks it.
      if (setAside !== null && outcome.ok)
        this.end('internal', `update ${uplinkSeq} crashed the leader twice and was set aside: register anew`)
    })
  }

  #decided(outcome: Outcome, origin: { incarnation: number; uplinkSeq: number }): void {
    if (!outcome.ok) {
      if (outcome.error.code === 'unavailable') return
      this.#host.log.warn('a report was refused', { nodeId: this.nodeId, ...describe(outcome.error) })
    }
    this.#ackSeq(origin.incarnation, origin.uplinkSeq)
  }

  #input(command: NodeCommand, origin: Input['origin'] = undefined): Input<NodeCommand> {
    return {
      command,
      principal: this.#principal,
      via: 'node',
      projectId: null,
      traceId: this.#traceId,
      deadlineMs: null,
      origin,
    }
  }

  #ackSeq(incarnation: number, uplinkSeq: number): void {
    this.#ackSeqs.set(incarnation, Math.max(uplinkSeq, this.#ackSeqs.get(incarnation) ?? 0))
    this.#scheduleAcks()
  }

  #ackLine(offset: LineOffset): void {
    this.#ackLines.set(`${offset.fence}.${offset.stream}`, offset)
    this.#scheduleAcks()
  }

  #scheduleAcks(): void {
    if (this.#ackScheduled) return
    this.#ackScheduled = true
    this.#host.clock.soon(() => {
      this.#ackScheduled = false
      const lines = [...this.#ackLines.values()]
      const seqs = this.#ackSeqs.size === 0 ? [[this.#incarnation, 0] as const] : [...this.#ackSeqs]
      this.#ackLines.clear()
      this.#ackSeqs.clear()
      this.send(
        seqs.map(([incarnation, uplinkSeq], position) => ({
          kind: 'ack' as const,
          incarnation,
          uplinkSeq,
          lines: position === 0 ? lines : [],
        })),
      )
    })
  }

  /** Counted from its receipt; granted when it is sure that nobody else leads. */
  #renewLease(sentAtMs: number): void {
    this.#host.samples.leases.renewed(this.nodeId)
    const grant = {
      kind: 'lease' as const,
      sentAtMs,
      ttlMs: limits.leaseSteadyKillMs,
      strictTtlMs: limits.leaseStrictKillMs,
    }
    this.#host.grantLease(() => {
      if (!this.#refusesLeases) this.send([grant])
    })
  }

  #nextPathPing(): Timer {
    return this.#host.clock.after(limits.pathPingIntervalMs, () => this.#sendPathPing())
  }

  #sendPathPing(): void {
    if (this.#phase.name !== 'live') return
    this.#phase.pathTimer.cancel()
    this.#nonce += 1
    this.#ping = { nonce: this.#nonce, sentAtMs: this.#host.clock.monotonicMs() }
    this.#channel.send([{ kind: 'ping', nonce: this.#nonce }])
    const pathTimer = this.#host.clock.after(limits.pathPingTimeoutMs, () => this.#pingUnanswered())
    this.#phase = { name: 'live', pathTimer }
  }

  /** [LV2] The transport lives, its command handler does not answer. */
  #pingUnanswered(): void {
    if (this.#phase.name !== 'live') return
    this.#host.heard(this.nodeId, true)
    this.#phase = { name: 'live', pathTimer: this.#nextPathPing() }
  }

  #pong(nonce: number): void {
    if (this.#phase.name !== 'live') return
    if (this.#ping !== null && nonce === this.#ping.nonce) {
      this.#host.rtt(this.nodeId, this.#host.clock.monotonicMs() - this.#ping.sentAtMs)
      this.#ping = null
      this.#phase.pathTimer.cancel()
      this.#phase = { name: 'live', pathTimer: this.#nextPathPing() }
    }
    this.#host.heard(this.nodeId, false)
  }
}

const describe = (error: ControlError) => ({ code: error.code, message: error.message })
