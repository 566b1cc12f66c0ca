import { beforeEach, describe, expect, it } from 'vitest'
import { limits } from '../core/limits.js'
import { FakeMachine } from '../testing/fake-machine.js'
import { FakeTaskHost } from '../testing/fake-task-host.js'
import { shellRun } from '../testing/host-fixture.js'
import { ManualClock } from '../testing/manual-clock.js'
import { silentLog } from '../testing/silent-log.js'
import type { OutputFrame } from './frames.js'
import { type Report, type Request, wardenProtocol } from './protocol.js'
import { type MasterChannel, Warden } from './warden.js'

/** A master as its warden sees it. */
class Master implements MasterChannel {
  readonly reports: Report[] = []
  readonly outputs: OutputFrame[] = []
  isClosed = false

  send(report: Report): void {
    this.reports.push(report)
  }
  output(frame: OutputFrame): void {
    this.outputs.push(frame)
  }
  close(): void {
    this.isClosed = true
  }
  get kinds(): readonly string[] {
    return this.reports.map(({ kind }) => kind)
  }
}

const hello: Request = {
  kind: 'hello',
  protocol: wardenProtocol,
  dataId: 'data',
  environment: { FROM: 'master' },
  positions: [],
}

let clock: ManualClock
let machine: FakeMachine
let warden: Warden
let ended: number

const startOf = (fence: number, shell: string): Request => ({
  kind: 'start',
  run: { ...shellRun(fence, shell), argv: null, env: {} },
})

/** Lets time pass, with what is promised in between. */
async function pass(ms: number): Promise<void> {
  for (let step = 0; step < 10; step += 1) {
    clock.pass(ms / 10)
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve()
  }
}

beforeEach(async () => {
  clock = new ManualClock()
  machine = new FakeMachine(clock)
  ended = 0
  warden = new Warden({
    host: new FakeTaskHost(machine),
    dataId: 'data',
    pid: 1,
    clock,
    log: silentLog,
    onEnd: () => {
      ended += 1
    },
  })
  await warden.start()
})

describe('a warden', () => {
  it('gives tasks what its master of the hour inherits', async () => {
    const master = new Master()
    warden.receive(master, hello)
    warden.receive(master, startOf(1, 'sim:forever'))
    expect(machine.processes.get(1)?.start.env).toEqual({ FROM: 'master' })
  })

  it('keeps an end for the next master, and tells it after the output', async () => {
    const first = new Master()
    warden.receive(first, hello)
    warden.receive(first, startOf(1, 'sim:lines=2:after=50:exit=3'))
    await pass(10)
    expect(first.outputs).toHaveLength(1)
    warden.closed(first)
    await pass(100)
    const second = new Master()
    warden.receive(second, hello)
    await pass(10)
    expect(second.kinds).toEqual(['welcome'])
    expect(second.reports[0]).toMatchObject({ runs: [{ fence: 1, state: 'ended', outBytes: 14 }] })
    expect(second.outputs.map(({ offset, bytes }) => [offset, bytes.length])).toEqual([[0, 14]])
    warden.receive(second, { kind: 'done', fence: 1, stream: 'out', generation: 0 })
    expect(second.reports.at(-1)).toMatchObject({
      kind: 'exit',
      fence: 1,
      exit: { exitCode: 3 },
      outBytes: 14,
    })
    warden.receive(second, { kind: 'done', fence: 1, stream: 'out', generation: 0 })
    expect(second.kinds.filter((kind) => kind === 'exit')).toHaveLength(1)
  })

  it('says how long a run ran, pauses not counted, and what it last said of itself', async () => {
    const first = new Master()
    warden.receive(first, hello)
    warden.receive(first, startOf(1, 'sim:forever'))
    await pass(1_000)
    warden.onProgress(1, 0.5, 'half', null)
    warden.onProgress(1, null, 'more', null)
    warden.receive(first, { kind: 'pause', id: 1, fence: 1 })
    await pass(500)
    expect(first.reports.at(-1)).toEqual({ kind: 'signalled', id: 1, processes: 1 })
    warden.closed(first)
    const second = new Master()
    warden.receive(second, hello)
    const welcome = second.reports[0]
    const run = welcome?.kind === 'welcome' ? welcome.runs[0] : undefined
    expect(run).toMatchObject({ state: 'paused', progress: { value: 0.5, text: 'more' } })
    expect(run?.ranMs).toBeGreaterThan(900)
    expect(run?.ranMs).toBeLessThan(1_100)
  })

  it('hands over to the next master when the one before is gone, and cuts off one that hangs', async () => {
    const [first, second, third] = [new Master(), new Master(), new Master()]
    warden.receive(first, hello)
    warden.receive(second, hello)
    warden.receive(third, hello)
    expect([second.kinds, third.kinds, third.isClosed]).toEqual([[], ['refused'], true])
    warden.receive(first, startOf(1, 'sim:forever'))
    clock.pass(limits.wardenHandOverMs)
    expect(first.isClosed).toBe(true)
    warden.closed(first)
    expect(second.reports[0]).toMatchObject({ kind: 'welcome', runs: [{ fence: 1 }] })
    warden.receive(first, startOf(2, 'sim:forever'))
    expect(machine.processes.has(2)).toBe(false)
  })

  it('refuses a master of another folder or protocol with one sentence', () => {
    for (const other of [
      { ...hello, dataId: 'other' },
      { ...hello, protocol: 99 },
    ]) {
      const master = new Master()
      warden.receive(master, other)
      expect(master.reports).toEqual([
        { kind: 'refused', message: expect.stringMatching(/^The warden .*\.$/) },
      ])
      expect(master.isClosed).toBe(true)
    }
  })

  it('[WD4] ends itself when it has had no master and no live run for a while, not before', async () => {
    const master = new Master()
    warden.receive(master, hello)
    warden.receive(master, startOf(1, `sim:after=${2 * limits.wardenIdleMs}`))
    await pass(10)
    warden.closed(master)
    await pass(2 * limits.wardenIdleMs)
    expect(ended).toBe(0)
    await pass(1.1 * limits.wardenIdleMs)
    expect(ended).toBe(1)
  })

  it('[WD4] stays for a master that came back in time', async () => {
    await pass(0.9 * limits.wardenIdleMs)
    const master = new Master()
    warden.receive(master, hello)
    await pass(2 * limits.wardenIdleMs)
    expect(ended).toBe(0)
    warden.closed(master)
    await pass(1.1 * limits.wardenIdleMs)
    expect(ended).toBe(1)
  })

  it('[WD5] ends a run whose lease ran out, and says why', async () => {
    const master = new Master()
    warden.receive(master, hello)
    warden.receive(master, startOf(1, 'sim:deaf:forever'))
    await pass(10_000)
    warden.receive(master, { kind: 'renewed', sentAtBootMs: clock.bootMs() })
    await pass(limits.leaseSteadyKillMs - 3_000)
    expect(master.kinds).not.toContain('exit')
    await pass(3_500)
    expect(master.reports.at(-1)).toMatchObject({
      kind: 'exit',
      exit: { kind: 'lost', message: expect.stringContaining('lease') },
    })
  })
})
