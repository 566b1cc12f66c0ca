import { beforeEach, describe, expect, it } from 'vitest'
import { limits } from '../core/limits.js'
import { ManualClock } from '../testing/manual-clock.js'
import { linkedMaster, requestOf, startMasterFixture } from '../testing/master-fixture.js'
import { ScriptedDialer } from '../testing/scripted-dialer.js'
import { silentLog } from '../testing/silent-log.js'
import { LeaderLink } from './leader-link.js'

let clock: ManualClock
let dialer: ScriptedDialer
let link: LeaderLink
let opened: number
let closed: number

const addresses = (): string[] => dialer.dials.map(({ address }) => address)
const welcome = (options: { term?: number; logId?: string } = {}): boolean => {
  dialer.last.open()
  return link.welcome({
    kind: 'welcome',
    term: options.term ?? 1,
    leaderId: 'leader-1',
    logId: options.logId ?? 'log-1',
    ackedUplinkSeq: 0,
    resumed: false,
    lines: [],
    pingIntervalMs: 30_000,
    leaseRenewMs: 5_000,
    strictRenewMs: 2_000,
  })
}

beforeEach(() => {
  clock = new ManualClock()
  dialer = new ScriptedDialer()
  opened = 0
  closed = 0
  link = new LeaderLink({
    leaders: ['a:1', 'b:1'],
    dialer,
    clock,
    random: { fraction: () => 0.999, hex: () => '', secret: () => '', sha256: () => '' },
    log: silentLog,
    onOpen: () => {
      opened += 1
    },
    onCommands: () => undefined,
    onClosed: () => {
      closed += 1
    },
  })
  link.start()
})

describe('[ST7] a master never gives up', () => {
  it('tries its leaders in turn, with growing delays up to the limit', () => {
    const delays: number[] = []
    for (let round = 0; round < 12; round += 1) {
      dialer.last.end('refused')
      const before = dialer.dials.length
      let waitedMs = 0
      while (dialer.dials.length === before) {
        clock.pass(10)
        waitedMs += 10
      }
      delays.push(waitedMs)
    }
    expect(addresses().slice(0, 4)).toEqual(['a:1', 'b:1', 'a:1', 'b:1'])
    expect(delays[0]).toBeLessThanOrEqual(2 * limits.backoffMsMin)
    expect(delays.at(-1)).toBeGreaterThan(limits.backoffMsMax / 2)
    expect(Math.max(...delays)).toBeLessThanOrEqual(limits.backoffMsMax + limits.backoffMsMin)
  })

  it('begins again with short delays after a welcome', () => {
    for (let round = 0; round < 8; round += 1) {
      dialer.last.end()
      clock.pass(2 * limits.backoffMsMax)
    }
    welcome()
    dialer.last.end()
    const before = dialer.dials.length
    clock.pass(2 * limits.backoffMsMin)
    expect(dialer.dials).toHaveLength(before + 1)
  })

  it('waits long after a refusal', () => {
    dialer.last.end('wrong key', { refused: true })
    clock.pass(limits.backoffMsMax - 1)
    expect(dialer.dials).toHaveLength(1)
    clock.pass(1)
    expect(dialer.dials).toHaveLength(2)
  })

  it('waits long after a goodbye that another try cannot change, and shows its reason', () => {
    dialer.last.open()
    link.goodbye({ kind: 'goodbye', code: 'node_conflict', message: 'Another master has this id.' })
    dialer.last.end('stream ended')
    expect(link.view()).toMatchObject({ phase: 'waiting', reason: 'Another master has this id.' })
    clock.pass(limits.backoffMsMax - 1)
    expect(dialer.dials).toHaveLength(1)
  })

  it('gives up on a leader that does not welcome it', () => {
    dialer.last.open()
    clock.pass(limits.linkDialMs + limits.linkRegisterMs)
    expect(dialer.dials[0]?.closedByMaster).toBe(true)
    expect(closed).toBe(1)
    clock.pass(2 * limits.backoffMsMin)
    expect(addresses()).toEqual(['a:1', 'b:1'])
  })
})

describe('who leads', () => {
  it('is asked where a leader points to, and soon', () => {
    dialer.last.end('not the leader', { leaderHint: 'c:1' })
    clock.pass(2 * limits.backoffMsMin)
    expect(addresses()).toEqual(['a:1', 'c:1'])
  })

  it('two that point at each other are not asked without end', () => {
    for (let round = 0; round < 40; round += 1) {
      dialer.last.end('not the leader', { leaderHint: round % 2 === 0 ? 'b:1' : 'a:1' })
      clock.pass(2 * limits.backoffMsMin)
    }
    expect(dialer.dials.length).toBeLessThan(10)
  })

  it('is not one of a lower term than was seen', () => {
    expect(welcome({ term: 5 })).toBe(true)
    dialer.last.end()
    clock.pass(1_000)
    expect(welcome({ term: 4 })).toBe(false)
    expect(dialer.last.closedByMaster).toBe(true)
    clock.pass(1_000)
    expect(welcome({ term: 5 })).toBe(true)
  })

  it('may begin a new log with any term', () => {
    welcome({ term: 5 })
    dialer.last.end()
    clock.pass(1_000)
    expect(welcome({ term: 1, logId: 'log-2' })).toBe(true)
    expect(link.resumePoint).toEqual({ term: 1, logId: 'log-2', commandSeq: 0 })
  })
})

describe('[ST8] moving', () => {
  it('goes to the named leaders after a part of the spread, and stays until then', () => {
    welcome()
    const first = dialer.last
    link.moving({ kind: 'moving', leaders: ['n:1', 'm:1'], spreadMs: 2_000 })
    clock.pass(1_900)
    expect(first.closedByMaster).toBe(false)
    expect(link.isLive).toBe(true)
    clock.pass(200)
    expect(first.closedByMaster).toBe(true)
    expect(addresses()).toEqual(['a:1', 'n:1'])
    dialer.last.end()
    clock.pass(1_000)
    expect(addresses()).toEqual(['a:1', 'n:1', 'm:1'])
  })

  it('goes at once when the old leader is gone before', () => {
    welcome()
    link.moving({ kind: 'moving', leaders: ['n:1'], spreadMs: 60_000 })
    dialer.last.end()
    clock.pass(2 * limits.backoffMsMin)
    expect(addresses()).toEqual(['a:1', 'n:1'])
    welcome()
    clock.pass(120_000)
    expect(dialer.dials).toHaveLength(2)
    expect(link.isLive).toBe(true)
  })

  it('keeps the runs', async () => {
    const { dial, dialer: dials, pass, machine } = await linkedMaster()
    dial.say(requestOf(1, 1, 'sim:forever'))
    await pass(5)
    dial.say({ kind: 'moving', leaders: ['n:1'], spreadMs: 100 })
    await pass(200)
    dials.last.welcome({ resumed: false })
    expect(dials.last.register?.inventory).toMatchObject([{ fence: 1, state: 'running' }])
    expect(machine.history).toHaveLength(1)
    expect(machine.history[0]?.exit).toBeNull()
  })
})

it('listens to its newest dial only', () => {
  const first = dialer.last
  clock.pass(limits.linkDialMs + limits.linkRegisterMs)
  clock.pass(1_000)
  first.open()
  first.end()
  expect(opened).toBe(0)
  expect(dialer.dials).toHaveLength(2)
})

it('is closed for good', () => {
  welcome()
  link.close()
  expect(closed).toBe(1)
  expect(dialer.last.closedByMaster).toBe(true)
  dialer.last.end()
  clock.pass(100_000)
  expect(dialer.dials).toHaveLength(1)
  expect(link.view().phase).toBe('closed')
})

it('[ST1] drops a leader whose first command is not welcome', async () => {
  const { dialer: dials, pass } = await startMasterFixture()
  dials.last.open()
  dials.last.say({ kind: 'ping', nonce: 1 })
  expect(dials.last.closedByMaster).toBe(true)
  await pass(1_000)
  expect(dials.dials.length).toBeGreaterThan(1)
})
