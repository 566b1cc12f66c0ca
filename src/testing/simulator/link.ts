import type {
  LeaderChannel,
  LeaderChannelEvents,
  LeaderCommand,
  NodeSession,
  NodeUpdate,
} from '../../ports/node-link.js'
import { Lane } from './lane.js'
import type { Listener, Partition, SimNetwork } from './network.js'
import type { SimProcess } from './sim-process.js'

const bytesPerUpdate = 100

/** One connection of a master, from its dial to both ends' close. */
export class Link implements LeaderChannel {
  readonly nodeId: string
  readonly #network: SimNetwork
  readonly #master: SimProcess
  readonly #events: LeaderChannelEvents
  readonly #up: Lane
  readonly #down: Lane
  #leader: Listener | null = null
  #session: NodeSession | null = null
  #masterEnd: 'open' | 'closed' = 'open'
  #leaderEnd: 'waiting' | 'open' | 'closed' = 'waiting'

  constructor(options: {
    network: SimNetwork
    nodeId: string
    process: SimProcess
    events: LeaderChannelEvents
  }) {
    this.nodeId = options.nodeId
    this.#network = options.network
    this.#master = options.process
    this.#events = options.events
    const latencyMs = () => this.#network.latencyMs()
    this.#up = new Lane(this.#network.clock, latencyMs)
    this.#down = new Lane(this.#network.clock, latencyMs)
  }

  get isWhole(): boolean {
    const isOpen = this.#masterEnd === 'open' && this.#leaderEnd === 'open'
    return isOpen && !this.#up.isBroken && !this.#down.isBroken
  }

  connect(address: string): void {
    const { clock } = this.#network
    clock.after(this.#network.latencyMs(), () => {
      const leader = this.#network.listener(address)
      if (leader === null) {
        this.#closeMaster('connection refused')
        return
      }
      this.#leader = leader
      const partition = this.#network.partitionOf(this.nodeId)
      if (partition !== 'none' || leader.process.isFrozen) {
        this.partitioned(partition)
        this.#giveUpLater('master')
        return
      }
      this.#master.run(() => {
        if (this.#masterEnd === 'open') this.#events.onOpen()
      })
    })
  }

  // --- the master's end ---

  send(updates: readonly NodeUpdate[]): number {
    const bytes = bytesPerUpdate * updates.length
    if (this.#masterEnd === 'open') this.#up.push(() => this.#arrive(updates, bytes))
    return bytes
  }

  close(): void {
    if (this.#masterEnd === 'closed') return
    this.#masterEnd = 'closed'
    this.#forget()
    this.#up.push(() => this.#closeLeader('the master hung up'))
  }

  // --- what happens to it ---

  partitioned(partition: Partition): void {
    this.#up.setBlocked(partition === 'up' || partition === 'both')
    this.#down.setBlocked(partition === 'down' || partition === 'both')
    if (partition === 'none') return
    this.#giveUpLater('master')
    this.#giveUpLater('leader')
  }

  break(reason: string): void {
    const { clock, random } = this.#network
    this.#up.cut(random)
    this.#down.cut(random)
    clock.after(random.between(0, 2_000), () => this.#closeMaster(reason))
    clock.after(random.between(0, 2_000), () => this.#closeLeader(reason))
  }

  died(process: SimProcess, how: 'killed' | 'power_cut'): void {
    if (process !== this.#master && process !== this.#leader?.process) return
    if (process === this.#master) this.#masterEnd = 'closed'
    else this.#leaderEnd = 'closed'
    this.#forget()
    const { clock, random } = this.#network
    const lane = process === this.#master ? this.#up : this.#down
    const other = process === this.#master ? this.#down : this.#up
    other.cut(random)
    if (how === 'power_cut' || random.chance(0.3)) lane.cut(random)
    const end = (): void => {
      if (process === this.#master) this.#closeLeader('the peer is gone')
      else this.#closeMaster('the peer is gone')
    }
    if (how === 'power_cut') {
      clock.after(random.chance(0.5) ? this.#network.keepaliveMs() : random.between(50, 1_000), end)
    } else if (lane.isBroken) clock.after(random.between(0, 100), end)
    else lane.push(end)
  }

  froze(process: SimProcess): void {
    if (process === this.#leader?.process) this.#giveUpLater('master')
    if (process === this.#master) this.#giveUpLater('leader')
  }

  #giveUpLater(end: 'master' | 'leader'): void {
    this.#network.clock.after(this.#network.keepaliveMs(), () => {
      const isBlocked = this.#up.isBlocked || this.#down.isBlocked
      const peer = end === 'master' ? this.#leader?.process : this.#master
      if (!isBlocked && peer?.isFrozen !== true) return
      if (end === 'master') this.#closeMaster('keepalive timeout')
      else this.#closeLeader('keepalive timeout')
    })
  }

  #arrive(updates: readonly NodeUpdate[], bytes: number): void {
    const leader = this.#leader
    if (leader === null || this.#leaderEnd === 'closed') return
    leader.process.run(() => {
      if (this.#leaderEnd === 'closed') return
      this.#leaderEnd = 'open'
      this.#session ??= leader.gateway.open({
        nodeId: this.nodeId,
        address: this.nodeId,
        send: (commands) => this.#command(leader.process, commands),
        close: (reason) => this.#hangUp(reason),
      })
      this.#session.receive(updates, bytes)
    })
  }

  #command(leader: SimProcess, commands: readonly LeaderCommand[]): void {
    if (this.#leaderEnd === 'closed' || leader.isDead) return
    this.#network.onLeaderSend(leader, this.nodeId, commands)
    this.#down.push(() => {
      // What arrived before the end is read before it, however late the master comes to read.
      if (this.#masterEnd === 'open') this.#master.run(() => this.#events.onCommands(commands))
    })
  }

  #hangUp(reason: string): void {
    this.#down.push(() => this.#closeMaster(reason))
    this.#closeLeader(reason)
  }

  #closeMaster(reason: string): void {
    if (this.#masterEnd === 'closed') return
    this.#masterEnd = 'closed'
    this.#forget()
    this.#up.push(() => this.#closeLeader(reason))
    this.#master.run(() => this.#events.onClose(reason, { refused: false, leaderHint: null }))
  }

  #closeLeader(reason: string): void {
    if (this.#leaderEnd === 'closed') return
    this.#leaderEnd = 'closed'
    this.#forget()
    this.#down.push(() => this.#closeMaster(reason))
    const session = this.#session
    if (session !== null) this.#leader?.process.run(() => session.closed(reason))
  }

  /** Nobody is left who could notice its end. */
  #forget(): void {
    if (this.#masterEnd === 'closed' && this.#leaderEnd !== 'open') this.#network.gone(this)
  }
}
