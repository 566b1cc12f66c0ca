import { afterEach, describe, expect, it, vi } from 'vitest'
import { Indexes } from '../../src/core/index/indexes.js'
import { Slots } from '../../src/core/index/slots.js'
import { State } from '../../src/core/state.js'
import { SocketFlow } from '../../src/hub/session.js'
import { Gate } from '../../src/leader/gate.js'
import { LeaseBook } from '../../src/leader/lease-book.js'
import { CommandRing } from '../../src/link/command-ring.js'
import type { Journal } from '../../src/ports/store.js'
import { JournalDisk } from '../../src/testing/memory-journal.js'
import type { StoreSeams } from '../../src/testing/simulator/sim-leader.js'
import { OutboxDisk } from '../../src/testing/simulator/sim-outbox.js'
import { simulate } from '../../src/testing/simulator/world.js'

/** A bug that is put into the running code, and the guarantees of which one must be seen to break. */
interface Bug {
  readonly name: string
  readonly caughtBy: readonly string[]
  readonly plant: () => StoreSeams
}

const seedsMax = 200

/** `journal` with some of its methods replaced; the others go to the real one. */
const changed = (journal: Journal, changes: Partial<Journal>): Journal =>
  new Proxy(journal, {
    get: (target, name) => {
      const value: unknown = Reflect.get(changes, name) ?? Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })

const bugs: readonly Bug[] = [
  {
    name: 'an append answers before it is on disk',
    caughtBy: ['G1'],
    plant: () => ({
      journal: (journal) =>
        changed(journal, {
          append: async (group) => {
            void journal.append(group)
            return { kind: 'committed', seq: group.firstSeq + group.events.length - 1 }
          },
        }),
    }),
  },
  {
    name: 'a deposed leader may still append',
    caughtBy: ['G4', 'JN1'],
    plant: () => ({
      journal: (journal) =>
        changed(journal, {
          append: async (group) => {
            const { term, lastSeq } = await journal.head()
            const events = group.events.map((event, position) => ({ ...event, seq: lastSeq + 1 + position }))
            return journal.append({ term, firstSeq: lastSeq + 1, events })
          },
        }),
    }),
  },
  {
    name: 'the gate lets answers out at once',
    caughtBy: ['G1'],
    plant: () => {
      vi.spyOn(Gate.prototype, 'when').mockImplementation((_stamp, release) => release())
      return {}
    },
  },
  {
    name: 'the disk loses what it called synced',
    caughtBy: ['G1'],
    plant: () => {
      vi.spyOn(JournalDisk.prototype, 'crash').mockImplementation(function (this: JournalDisk) {
        this.unsynced.length = 0
        this.events.length = Math.max(1, this.events.length - 3)
      })
      return {}
    },
  },
  {
    name: 'a repeated report is taken for a new one',
    caughtBy: ['G8', 'G5'],
    plant: () => {
      vi.spyOn(State.prototype, 'uplinkSeq').mockReturnValue(0)
      return {}
    },
  },
  {
    name: 'a master that was killed has lost its outbox',
    caughtBy: ['G5', 'G8', 'it does not come to rest'],
    plant: () => {
      vi.spyOn(OutboxDisk.prototype, 'killed').mockImplementation(function (this: OutboxDisk) {
        this.entries = []
      })
      return {}
    },
  },
  {
    name: 'lines are acked and not stored',
    caughtBy: ['G8'],
    plant: () => ({
      streams: (streams) => {
        streams.appendLines = async () => undefined
        return streams
      },
    }),
  },
  {
    name: 'some lines are dropped without a gap',
    caughtBy: ['G8'],
    plant: () => ({
      streams: (streams) => {
        const append = streams.appendLines.bind(streams)
        streams.appendLines = ({ lines, heads }) =>
          append({ heads, lines: lines.filter((line) => line.n % 3 !== 0) })
        return streams
      },
    }),
  },
  {
    name: 'a wall misses a frame',
    caughtBy: ['G8', 'WL2', 'it does not come to rest'],
    plant: () => {
      const offer = SocketFlow.prototype.offer
      let count = 0
      vi.spyOn(SocketFlow.prototype, 'offer').mockImplementation(function (this: SocketFlow, ...args) {
        count += 1
        if (count % 7 !== 0) offer.apply(this, args)
      })
      return {}
    },
  },
  {
    name: 'a resumed stream replays nothing',
    caughtBy: ['it does not come to rest'],
    plant: () => {
      vi.spyOn(CommandRing.prototype, 'after').mockReturnValue([])
      return {}
    },
  },
  {
    name: 'idempotency keys are forgotten',
    caughtBy: ['G2'],
    plant: () => {
      const change = Indexes.prototype.changed
      vi.spyOn(Indexes.prototype, 'changed').mockImplementation(function (this: Indexes, ...args) {
        change.apply(this, args)
        this.taskByKey.clear()
      })
      return {}
    },
  },
  {
    name: 'an agent is given two tasks at once',
    caughtBy: ['RN6'],
    plant: () => {
      vi.spyOn(Slots.prototype, 'hold').mockReturnValue(undefined)
      return {}
    },
  },
  {
    name: 'renewals do not count, so that healthy runs are given up',
    caughtBy: ['G6'],
    plant: () => {
      vi.spyOn(LeaseBook.prototype, 'renewed').mockReturnValue(undefined)
      return {}
    },
  },
  {
    name: 'leases are over for the leader before they are for the master',
    caughtBy: ['G6'],
    plant: () => {
      const silentMs = LeaseBook.prototype.silentMs
      vi.spyOn(LeaseBook.prototype, 'silentMs').mockImplementation(function (this: LeaseBook, ...args) {
        return silentMs.apply(this, args) + 12_000
      })
      return {}
    },
  },
  {
    name: 'a projection leaves an entity out',
    caughtBy: ['TU9', 'a rule is broken', 'it does not come to rest'],
    plant: () => ({
      views: (views) => {
        const project = views.project.bind(views)
        views.project = (batch) => project({ ...batch, entities: batch.entities.slice(0, -1) })
        return views
      },
    }),
  },
]

describe('the simulator catches', () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  it.each(bugs)('$name', async ({ plant, caughtBy }) => {
    const seams = plant()
    for (let seed = 1; seed <= seedsMax; seed += 1) {
      const { failure } = await simulate(seed, seams)
      if (failure === null) continue
      expect(
        caughtBy.filter((guarantee) => failure.startsWith(guarantee)),
        failure,
      ).not.toEqual([])
      return
    }
    expect.fail(`${seedsMax} seeds passed with the bug in place`)
  })
})
