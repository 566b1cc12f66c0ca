import { describe, expect, it } from 'vitest'
import { limits } from '../core/limits.js'
import type { Room } from '../ports/meter.js'
import type { TaskRequest } from '../ports/node-link.js'
import { ManualClock } from '../testing/manual-clock.js'
import { endOf, kindsOf, linkedMaster, requestOf, signalOf } from '../testing/master-fixture.js'
import { MemoryOutbox } from '../testing/memory-outbox.js'
import { Admission } from './admission.js'

const gib = 1024 ** 3
const needing = (memoryBytes: number): TaskRequest => requestOf(1, 1, 'true', { memoryBytes }) as TaskRequest

function machine(free: Room, floors: Room) {
  const clock = new ManualClock()
  let looks = 0
  const room = () => {
    looks += 1
    return free
  }
  return { clock, admission: new Admission({ clock, room, floors }), looks: () => looks }
}

describe('[OF4] room for one more', () => {
  it('is free memory for what the task needs and the floor', () => {
    const { admission } = machine(
      { memoryBytes: 4 * gib, diskBytes: gib },
      { memoryBytes: gib, diskBytes: 0 },
    )
    expect(admission.refusal(needing(3 * gib))).toBeNull()
    expect(admission.refusal(needing(1))).toEqual({
      code: 'no_memory',
      text: '1.0 GiB of memory are free; the task needs 1 B and 1.0 GiB are to stay free.',
      retryAfterMs: limits.declineRetryMsDefault,
    })
  })

  it('is looked at once a while; what was let in meanwhile counts as taken', () => {
    const { admission, clock, looks } = machine(
      { memoryBytes: 4 * gib, diskBytes: 0 },
      { memoryBytes: 0, diskBytes: 0 },
    )
    expect(admission.refusal(needing(2 * gib))).toBeNull()
    expect(admission.refusal(needing(2 * gib))).toBeNull()
    expect(admission.refusal(needing(2 * gib))?.code).toBe('no_memory')
    expect(looks()).toBe(1)
    clock.pass(limits.roomLookMs)
    expect(admission.refusal(needing(2 * gib))).toBeNull()
    expect(looks()).toBe(2)
  })

  it('is free disk above the floor', () => {
    const { admission } = machine({ memoryBytes: gib, diskBytes: 99 }, { memoryBytes: 0, diskBytes: 100 })
    expect(admission.refusal(needing(0))).toMatchObject({
      code: 'no_disk',
      text: '99 B of disk are free; 100 B are to stay free.',
    })
  })

  it('is not looked at for a task that needs none, on a master without floors', () => {
    const { admission, looks } = machine({ memoryBytes: 0, diskBytes: 0 }, { memoryBytes: 0, diskBytes: 0 })
    expect(admission.refusal(needing(0))).toBeNull()
    expect(looks()).toBe(0)
  })
})

const busy = { policy: () => ({ code: 'policy' as const, text: 'Not on Sundays.', retryAfterMs: 9_000 }) }

describe('a master', () => {
  it('[OF1] declines durably what it has no room for, and never starts it, also when it is asked again', async () => {
    const { dial, dialer, pass, machine: world } = await linkedMaster(busy)
    dial.say(requestOf(1, 1, 'sim:exit=0'))
    await pass(5)
    expect(dial.durable.map(({ update }) => update)).toEqual([
      {
        kind: 'declined',
        taskId: 't1',
        attempt: 1,
        fence: 1,
        code: 'policy',
        text: 'Not on Sundays.',
        retryAfterMs: 9_000,
      },
    ])
    expect(dial.updates).toContainEqual({ kind: 'ack', commandSeq: 1 })
    dial.end('cut')
    await pass(2 * limits.backoffMsMin)
    dialer.last.welcome()
    expect(dialer.last.register?.inventory).toEqual([])
    dialer.last.say(requestOf(1, 1, 'sim:exit=0'))
    await pass(5)
    expect(kindsOf(dialer.last)).toEqual(['declined'])
    expect(world.history).toEqual([])
  })

  it('[OF1] that is restarted before the leader has a decline does not start the run either', async () => {
    const before = await linkedMaster(busy)
    before.dial.say(requestOf(1, 1, 'sim:exit=0'))
    await before.pass(5)
    before.host.crash()
    const {
      dial,
      pass,
      machine: world,
    } = await linkedMaster({ incarnation: 200, outbox: before.outbox.after('kill') })
    dial.say(requestOf(1, 1, 'sim:exit=0'), requestOf(2, 2, 'sim:forever'))
    await pass(5)
    expect(world.history.map(({ start }) => start.fence)).toEqual([2])
    expect(kindsOf(dial)[0]).toBe('declined')
  })

  it('[OF4] whose slots are all taken declines', async () => {
    const { dial, pass } = await linkedMaster({ slots: 1 })
    dial.say(requestOf(1, 1, 'sim:forever'), requestOf(2, 2, 'sim:forever'))
    await pass(5)
    const text = 'All 1 slots of this master are taken.'
    expect(dial.durable.map(({ update }) => update)).toContainEqual(
      expect.objectContaining({ kind: 'declined', fence: 2, code: 'no_slot', text }),
    )
  })

  it('[OF4] that stops declines what comes, so that it goes elsewhere at once', async () => {
    const { dial, pass, master } = await linkedMaster()
    dial.say(requestOf(1, 1, 'sim:forever'))
    await pass(5)
    const stopped = master.stop(50)
    dial.say(requestOf(2, 2, 'sim:forever'))
    await pass(limits.shutdownAckMs + 100)
    await stopped
    expect(dial.durable.map(({ update }) => update)).toContainEqual(
      expect.objectContaining({ kind: 'declined', fence: 2, code: 'leaving' }),
    )
  })

  it('[OF4] that declines a run stops an older one of the task all the same', async () => {
    const { dial, pass, master } = await linkedMaster()
    dial.say(requestOf(1, 1, 'sim:forever', { taskId: 't' }))
    await pass(5)
    void master.drain(60_000)
    dial.say(requestOf(2, 2, 'sim:forever', { taskId: 't' }))
    await pass(5)
    expect(master.status().liveRuns).toBe(0)
  })

  it('[OF4] that cannot write its decline down ends the run as lost when it can', async () => {
    const outbox = new MemoryOutbox()
    const { dial, pass, machine: world } = await linkedMaster({ ...busy, outbox })
    outbox.capacity = 0
    dial.say(requestOf(1, 1, 'sim:exit=0'))
    await pass(5)
    expect(dial.durable).toEqual([])
    outbox.capacity = 5
    dial.say(signalOf(2, 1, 'cancel'))
    dial.say({ kind: 'ack', incarnation: 0, uplinkSeq: 1, lines: [] })
    await pass(5)
    expect(endOf(dial)).toMatchObject({ end: { outcome: 'lost', message: 'Not on Sundays.' } })
    expect(world.history).toEqual([])
  })
})
