import type { Agent } from '../../contract/worker.js'
import type { Clock } from '../../ports/clock.js'
import type { WallSink } from '../../ports/control-plane.js'
import type { OwnNews } from '../../ports/own-news.js'
import type { OpenedWall, WallAuth, WallDoor } from '../wall-door.js'
import { KnownUsers } from './known-users.js'
import { LeaderAddress, type LeaderView } from './leader-address.js'
import { LocalPicture } from './local-picture.js'
import { LocalWalls } from './local-walls.js'
import { OwnFacts } from './own-facts.js'
import { RelayMemory } from './relay-memory.js'
import { RelaySession } from './relay-session.js'

export interface RelayOptions {
  readonly nodeId: string
  /** This master's own agents, as they are now. */
  readonly agents: () => readonly Agent[]
  readonly leaderView: () => LeaderView
  /** Authority of the leader's TLS; null without TLS. */
  readonly caPem: string | null
  readonly clock: Clock
}

/** What a master serves walls from: its leader while that is there, what it knows itself while it is not. */
export class Relay implements WallDoor {
  readonly leader: LeaderAddress
  readonly users: KnownUsers
  readonly #clock: Clock
  readonly #memory = new RelayMemory()
  readonly #facts = new OwnFacts()
  readonly #local: LocalWalls
  #heardAtMs: number

  constructor({ nodeId, agents, leaderView, caPem, clock }: RelayOptions) {
    this.#clock = clock
    this.#heardAtMs = clock.wallMs()
    this.leader = new LeaderAddress(leaderView, caPem)
    this.users = new KnownUsers(clock)
    const memory = this.#memory
    const facts = this.#facts
    const picture = new LocalPicture({ nodeId, memory, facts, agents, wallMs: () => clock.wallMs() })
    this.#local = new LocalWalls({
      nodeId,
      memory,
      facts,
      picture,
      leader: this.leader,
      clock,
      heardAtMs: () => this.#heardAtMs,
    })
  }

  /** What this master learns of itself. */
  readonly tell = (news: OwnNews): void => {
    this.#facts.take(news)
    this.#local.heard(news)
  }

  open(auth: WallAuth, sink: WallSink): OpenedWall {
    const session = new RelaySession({
      auth,
      sink,
      leader: this.leader,
      users: this.users,
      memory: this.#memory,
      local: this.#local,
      clock: this.#clock,
      onHeard: () => {
        this.#heardAtMs = this.#clock.wallMs()
      },
    })
    return { session, user: this.users.find(auth.token)?.user ?? 'passed on to the leader' }
  }
}
