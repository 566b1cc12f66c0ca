import { describe, expect, it, vi } from 'vitest'
import { AssertionError } from '../core/assert.js'
import { projectIdOf } from '../core/ids.js'
import type { Input } from '../core/input.js'
import { limits } from '../core/limits.js'
import { State } from '../core/state.js'
import { type Made, type Outcome, runInput } from '../core/turn.js'
import type { AppendOutcome, EncodedEvent, Group, Journal } from '../ports/store.js'
import { ManualClock } from '../testing/manual-clock.js'
import { MemoryCrashNotes } from '../testing/memory-crash-notes.js'
import { silentLog } from '../testing/silent-log.js'
import { systemInput, TurnLoop } from './turn-loop.js'

/** A journal whose commits the test grants one by one; the tick after each is over when `grant` resolves. */
class GrantedJournal implements Pick<Journal, 'append' | 'spaceLow'> {
  spaceLow = false
  readonly #clock: ManualClock
  readonly groups: Group[] = []
  readonly #waiting: {
    resolve: (outcome: AppendOutcome) => void
    reject: (cause: unknown) => void
    group: Group
  }[] = []

  constructor(clock: ManualClock) {
    this.#clock = clock
  }

  append(group: Group): Promise<AppendOutcome> {
    this.groups.push(group)
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject, group }))
  }

  async grant(kind: AppendOutcome['kind'] | 'broken' = 'committed'): Promise<void> {
    const next = this.#waiting.shift()
    if (next === undefined) throw new Error('nothing waits for a commit')
    if (kind === 'broken') next.reject(new Error('EIO'))
    else if (kind === 'committed') next.resolve({ kind, seq: next.group.events.at(-1)?.seq ?? 0 })
    else next.resolve({ kind })
    await Promise.resolve()
    await Promise.resolve()
    this.#clock.pass(0)
  }
}

function setUp() {
  const state = new State()
  const made: Made = { events: [], changed: [] }
  runInput(state, systemInput({ name: 'start_term', leaderId: 'leader-1' }), 1, made)
  const clock = new ManualClock()
  const journal = new GrantedJournal(clock)
  const order: string[] = []
  const fatal: string[] = []
  const quiet: Input[] = []
  const crashNotes = new MemoryCrashNotes()
  const loop = new TurnLoop({
    state,
    journal: journal as unknown as Journal,
    clock,
    log: silentLog,
    crashNotes,
    leases: { silentMs: () => 0 },
    loads: () => new Map(),
    prepare: (_made, encoded: readonly EncodedEvent[]) => ({
      handOver: () => order.push('handed over'),
      tell: () => order.push(`told ${encoded.length}`),
    }),
    whenQuiet: () => quiet.shift() ?? null,
    onFatal: (reason) => fatal.push(reason),
  })
  const submit = (name: string, changes: Partial<Input> = {}): Outcome[] => {
    const outcomes: Outcome[] = []
    const spec = {
      type: 'command',
      name,
      priority: 5,
      payload: { command: ['true'] },
      requirements: { accountIdx: null, workerId: null, timeout: 0 },
      stallAfterMs: 0,
      retry: { attemptsMax: 1, on: [], backoffMs: 0 },
      leaseClass: 'steady',
      onDisconnect: 'keep',
      idempotencyKey: null,
    } as const
    const principal = { kind: 'user', id: 'admin', role: 'admin' } as const
    const command = { name: 'submit_task', spec, bodyHash: 'h' } as const
    loop.offer(
      {
        command,
        principal,
        via: 'rest',
        projectId: projectIdOf('p'),
        traceId: 't',
        deadlineMs: null,
        ...changes,
      },
      (outcome) => {
        outcomes.push(outcome)
        order.push(`answered ${name}`)
      },
    )
    return outcomes
  }
  return { state, clock, journal, loop, submit, order, fatal, crashNotes, quiet }
}

describe('turn loop', () => {
  it('[TU2] decides the inputs of a tick in order, as one group', () => {
    const { clock, submit, journal, state } = setUp()
    for (const name of ['a', 'b', 'c']) submit(name)
    clock.pass(0)
    expect(journal.groups).toHaveLength(1)
    expect([...state.tables.task.values()].map((task) => task.spec.name)).toEqual(['a', 'b', 'c'])
  })

  it('[WI2] puts an atomic batch into one group, and into the next turn when this one has no room', async () => {
    const { clock, submit, journal } = setUp()
    const items = Array.from({ length: limits.batchAtomicItemsMax }, (_, place) => ({
      kind: 'task' as const,
      projectId: projectIdOf('p'),
      bodyHash: `h${place}`,
      spec: {
        type: 'command',
        name: `item ${place}`,
        priority: 5,
        payload: { command: ['true'] },
        requirements: { accountIdx: null, workerId: null, timeout: 0 },
        stallAfterMs: 0,
        retry: { attemptsMax: 1, on: [], backoffMs: 0 },
        leaseClass: 'steady' as const,
        onDisconnect: 'keep' as const,
        idempotencyKey: null,
      },
    }))
    submit('one')
    submit('batch', { command: { name: 'submit_batch', items, bodyHash: 'b', idempotencyKey: null } })
    submit('two')
    clock.pass(0)
    await journal.grant()
    expect(journal.groups.map(({ events }) => events.length)).toEqual([1, items.length + 3])
    await journal.grant()
    expect(journal.groups.map(({ events }) => events.length)).toEqual([1, items.length + 3, 1])
  })

  it('[TU6] hands tasks over at the commit, then tells the walls, then answers', async () => {
    const { clock, submit, journal, order } = setUp()
    const outcomes = submit('a')
    clock.pass(1_000)
    expect(outcomes).toEqual([])
    await journal.grant()
    expect(outcomes).toMatchObject([{ ok: true, answer: { kind: 'task', created: true } }])
    expect(order).toEqual(['handed over', 'told 1', 'answered a'])
  })

  it('[TU6] a refusal waits for the state that it was read from', async () => {
    const { clock, submit, journal, loop } = setUp()
    submit('a')
    const refused = submit('b', { deadlineMs: 0 })
    clock.pass(0)
    expect(refused).toEqual([])
    await journal.grant()
    expect(refused).toMatchObject([{ ok: false, error: { code: 'deadline_exceeded' } }])
    expect(loop.gate.committedSeq).toBe(2)
  })

  it('gathers inputs behind the group in flight', async () => {
    const { clock, submit, journal } = setUp()
    submit('a')
    clock.pass(0)
    submit('b')
    submit('c')
    clock.pass(0)
    expect(journal.groups).toHaveLength(1)
    await journal.grant()
    clock.pass(0)
    expect(journal.groups.map((group) => group.events.length)).toEqual([1, 2])
    expect(journal.groups[1]?.firstSeq).toBe(3)
  })

  it('[TU5] takes at most half a turn of inputs, the rest in the next turn in the same order', async () => {
    const { clock, submit, journal, state } = setUp()
    const count = limits.turnEventsMax + 10
    for (let n = 0; n < count; n += 1) submit(`${n}`)
    for (let turn = 0; turn < 3; turn += 1) {
      clock.pass(0)
      await journal.grant()
    }
    expect(journal.groups.map((group) => group.events.length)).toEqual([
      limits.turnEventsMax / 2,
      limits.turnEventsMax / 2,
      10,
    ])
    expect([...state.tables.task.values()].map((task) => task.spec.name)).toEqual(
      Array.from({ length: count }, (_, n) => `${n}`),
    )
  })

  it('[TU7] [JN9] without space it refuses submits, appends the same group again and goes on by itself', async () => {
    const { clock, submit, journal, loop, fatal } = setUp()
    const first = submit('a')
    clock.pass(0)
    await journal.grant('full')
    expect(loop.admission).toBe('disk_full')
    journal.spaceLow = true
    expect(submit('b')).toMatchObject([{ ok: false, error: { code: 'resource_exhausted' } }])
    clock.pass(1_000)
    expect(journal.groups[1]).toBe(journal.groups[0])
    await journal.grant()
    expect(first).toMatchObject([{ ok: true }])
    expect(loop.admission).toBe('disk_full')
    journal.spaceLow = false
    expect(loop.admission).toBe('open')
    expect(fatal).toEqual([])
  })

  it.each(['deposed', 'broken'] as const)(
    '[TU7] an append that is %s ends the process and releases nothing',
    async (kind) => {
      const { clock, submit, journal, fatal, order } = setUp()
      const outcomes = submit('a')
      clock.pass(0)
      await journal.grant(kind)
      expect(fatal).toHaveLength(1)
      expect([outcomes, order]).toEqual([[], []])
    },
  )

  it('[QU1] notes the update that a rule breaks on, and no other, before the process ends', () => {
    const { clock, loop, state, fatal, crashNotes, journal } = setUp()
    const report = (uplinkSeq: number): void =>
      loop.offer(
        {
          ...systemInput({ name: 'report_agents', agents: [] }),
          principal: { kind: 'node', id: 'master-1' },
          origin: { nodeId: 'master-1', incarnation: 3, uplinkSeq },
        },
        () => expect.fail('it was answered'),
      )
    // The rules read the node of the report; the second one finds a state that is broken.
    const read = vi.spyOn(state, 'node').mockReturnValueOnce(undefined)
    read.mockImplementation(() => {
      throw new AssertionError('planted')
    })
    for (const uplinkSeq of [4, 5, 6]) report(uplinkSeq)
    clock.pass(0)
    expect(
      [4, 5, 6].map((uplinkSeq) => crashNotes.count({ nodeId: 'master-1', incarnation: 3, uplinkSeq })),
    ).toEqual([0, 1, 0])
    expect(fatal).toEqual(['a rule is broken'])
    expect(journal.groups).toEqual([])
  })

  it('[TU8] refuses callers beyond the inputs that may wait, and only them', () => {
    const { submit, state } = setUp()
    const turn = limits.turnEventsMax / 2
    // The first full turn is taken at once; its group is never granted.
    for (let n = 0; n < turn + limits.turnInputsMax; n += 1) submit('a')
    expect(submit('one more')).toMatchObject([{ ok: false, error: { code: 'resource_exhausted' } }])
    expect(state.tables.task.size).toBe(turn)
  })

  it('takes full turns one after another without waiting for the next tick', async () => {
    const { submit, state, journal } = setUp()
    const turn = limits.turnEventsMax / 2
    for (let n = 0; n < 2 * turn + 1; n += 1) submit('a')
    expect(state.tables.task.size).toBe(turn)
    await journal.grant()
    expect(state.tables.task.size).toBe(2 * turn)
  })

  it('[TU13] tidies when nothing else waits, and goes on by itself until nothing is left to tidy', async () => {
    const { quiet, loop, clock, journal, submit, state } = setUp()
    for (let n = 0; n < 2; n += 1) quiet.push(systemInput({ name: 'step_clock', byMs: 1 }))
    loop.wake()
    clock.pass(0)
    submit('a')
    await journal.grant()
    // What came meanwhile goes first and alone fits beside the next step.
    expect(journal.groups.map(({ events }) => events.length)).toEqual([1, 2])
    expect(state.tables.task.size).toBe(1)
    await journal.grant()
    expect(quiet).toEqual([])
    expect(journal.groups).toHaveLength(2)
  })

  it('[TU10] notes a forward step of the wall clock as an event', async () => {
    const { clock, submit, journal } = setUp()
    const wall = clock.wallMs()
    Object.defineProperty(clock, 'wallMs', { value: () => wall + 60_000 })
    submit('a')
    clock.pass(0)
    const types = journal.groups[0]?.events.map((event) => (JSON.parse(event.json) as { type: string }).type)
    expect(types).toEqual(['ClockStepped', 'TaskSubmitted'])
    await journal.grant()
  })

  it('[TU12] after a step back of the wall clock due times come when they would have come', async () => {
    const { clock, journal, loop, state } = setUp()
    let backMs = 0
    const wallMs = clock.wallMs.bind(clock)
    Object.defineProperty(clock, 'wallMs', { value: () => wallMs() - backMs })
    const issue = (name: string, expiresAtMs: number) => {
      const credential = { credentialKind: 'session', hash: name, userId: 'admin', role: 'admin' } as const
      loop.offer(
        systemInput({ name: 'issue_credential', ...credential, expiresAtMs, replaces: null }),
        () => undefined,
      )
      clock.pass(0)
      return journal.grant()
    }
    await issue('before', clock.wallMs() + 60_000)
    backMs = 3_600_000
    await issue('after', loop.nowMs() + 90_000)
    const live = () => [...state.tables.credential.values()].map((credential) => credential.hash)
    clock.pass(59_000)
    expect(live()).toEqual(['before', 'after'])
    clock.pass(1_000)
    expect(live()).toEqual(['after'])
    await journal.grant()
    backMs = 0
    clock.pass(30_000)
    expect(live()).toEqual([])
    const types = journal.groups.flatMap((group) =>
      group.events.map((event) => (JSON.parse(event.json) as { type: string }).type),
    )
    expect(types).not.toContain('ClockStepped')
  })

  it('refuses what waits when it stops, after the group in flight is done', async () => {
    const { clock, submit, journal, loop } = setUp()
    const inFlight = submit('a')
    clock.pass(0)
    const waiting = submit('b')
    const stopped = loop.stop()
    await journal.grant()
    await stopped
    expect(inFlight).toMatchObject([{ ok: true }])
    expect(waiting).toMatchObject([{ ok: false, error: { code: 'unavailable' } }])
  })
})
