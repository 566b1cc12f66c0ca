import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { limits } from '../core/limits.js'
import { endOf } from '../testing/core-fixture.js'
import { TriggerDutyFixture } from '../testing/trigger-duty-fixture.js'

/** What triggers make here ends by nobody, so it is no cause of more. */
const aside = { kind: 'body', body: { type: 'nobody-has-it', payload: {} } } as const

/** Events that no trigger looks at, until the log has so many. */
const fillTo = (fixture: TriggerDutyFixture, seq: number) =>
  fixture.commit((rules) => {
    while (rules.state.headSeq < seq) rules.system({ name: 'step_clock', byMs: 1 })
  })

describe('[TG1] each event makes one task of a trigger', () => {
  it('also when the leader dies before it is judged, before its task is committed, or right after', async () => {
    const first = new TriggerDutyFixture()
    first.create({ task: aside })
    first.end()
    const second = first.die()
    second.start()
    await second.rest()
    expect(second.madeFor()).toEqual(second.endSeqs())
    second.end()
    await second.rest(1)
    const third = second.die()
    third.start()
    await third.rest()
    expect(third.madeFor()).toEqual(third.endSeqs())
    expect(third.madeFor()).toHaveLength(2)
  })

  it('by the task as it ended then, although another attempt of it is over by now', async () => {
    const fixture = new TriggerDutyFixture()
    const condition = "task.phase == 'exit' && task.attempt == 1 && task.result.exitCode == 3"
    fixture.create({ condition, task: aside })
    fixture.commit((rules) => {
      rules.join('master-1')
      const taskId = rules.submit({ retry: { attemptsMax: 1, on: [], backoffMs: 0 } })
      rules.ended(taskId, endOf('exit', { exitCode: 3 }))
      rules.nowMs += 1_000
      rules.control(taskId, 'retry')
      rules.ended(taskId, endOf('succeeded'))
      expect(rules.task(taskId).state).toMatchObject({ attempt: 2, outcome: 'succeeded' })
    })
    await fixture.rest()
    expect(fixture.madeFor()).toEqual(fixture.endSeqs().slice(0, 1))
  })

  it('whatever restarts, refusals and pauses between', async () => {
    const step = fc.constantFrom('end', 'rest', 'rest a little', 'die', 'full', 'free')
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        let fixture = new TriggerDutyFixture()
        fixture.create({ task: aside })
        fixture.create({ name: 'never', condition: 'false', task: aside })
        for (const one of steps) {
          if (one === 'end') fixture.end()
          else if (one === 'rest') await fixture.rest(5)
          else if (one === 'rest a little') await fixture.rest(1)
          else if (one === 'full') fixture.isFull = true
          else if (one === 'free') fixture.isFull = false
          else {
            fixture = fixture.die()
            fixture.start()
          }
        }
        fixture.isFull = false
        await fixture.pass(limits.planRetryMs)
        await fixture.pass(limits.planRetryMs)
        expect(fixture.madeFor()).toEqual(fixture.endSeqs())
        expect(fixture.ends).toEqual([])
      }),
      { numRuns: 60 },
    )
  })
})

describe('[TG3] events that the triggers are behind with', () => {
  it('are read from the journal beyond limits.triggerQueueMax', async () => {
    const fixture = new TriggerDutyFixture()
    fixture.create({ condition: "task.name == 'wanted'", task: aside })
    fixture.commit((rules) => {
      for (let n = 0; n <= limits.triggerQueueMax; n += 1) {
        const name = n === 0 || n === limits.triggerQueueMax ? 'wanted' : 'other'
        rules.control(rules.submit({ type: 'nobody-has-it', name }), 'cancel')
      }
    })
    await fixture.rest(400)
    expect(fixture.reads).toBeGreaterThan(0)
    expect(fixture.made()).toHaveLength(2)
    const { reads } = fixture
    fixture.end({ name: 'wanted' })
    await fixture.rest()
    expect([fixture.made().length, fixture.reads]).toEqual([3, reads])
  })

  it('are noted after limits.triggerNoteEvents, so that the next leader reads no more than that again', async () => {
    const first = new TriggerDutyFixture()
    const id = first.create({ condition: 'false' })
    fillTo(first, limits.triggerNoteEvents - 1)
    await first.rest()
    expect(first.rules.state.cluster?.triggersSeenSeq).toBeUndefined()
    fillTo(first, limits.triggerNoteEvents)
    await first.rest()
    const seenSeq = first.rules.state.cluster?.triggersSeenSeq ?? 0
    expect(seenSeq).toBeGreaterThanOrEqual(limits.triggerNoteEvents)
    expect(first.trigger(id).seenSeq).toBeLessThan(seenSeq)
    const second = first.die()
    second.start()
    await second.rest()
    expect(second.reads).toBe(1)
  })
})

describe('[TG4] failures of a trigger', () => {
  it('are told at once, and those within limits.triggerErrorMs of it together', async () => {
    const fixture = new TriggerDutyFixture()
    const id = fixture.create({ condition: "task.workerId.startsWith('m')" })
    const other = fixture.create({ name: 'other', task: aside })
    for (let n = 0; n < 5; n += 1) fixture.end()
    await fixture.rest()
    expect(fixture.trigger(id)).toMatchObject({
      failedCount: 1,
      lastError: { message: expect.stringMatching(/^condition: .*null\.startsWith.* \(at character 1\)$/) },
    })
    expect(fixture.made()).toHaveLength(5)
    await fixture.pass(limits.triggerErrorMs - 1)
    expect(fixture.trigger(id).failedCount).toBe(1)
    await fixture.pass(1)
    expect(fixture.trigger(id)).toMatchObject({
      failedCount: 5,
      lastError: { eventSeq: fixture.endSeqs().at(-1) },
    })
    expect(fixture.trigger(other)).toMatchObject({ firedCount: 5, failedCount: 0 })
  })

  it('are told before the trigger fires again, and before it is noted how far all are', async () => {
    const fixture = new TriggerDutyFixture()
    const condition = "task.name == 'good' || task.workerId.startsWith('m')"
    const id = fixture.create({ condition, task: aside })
    for (const name of ['bad', 'bad', 'bad', 'good']) fixture.end({ name })
    await fixture.rest()
    expect(fixture.trigger(id)).toMatchObject({ failedCount: 3, firedCount: 1 })
    for (const name of ['bad', 'bad']) fixture.end({ name })
    await fixture.rest()
    expect(fixture.trigger(id).failedCount).toBe(3)
    fillTo(fixture, limits.triggerNoteEvents + 100)
    await fixture.rest()
    expect(fixture.trigger(id)).toMatchObject({ failedCount: 5, firedCount: 1 })
    const types = fixture.journal.slice(-2).map(({ type }) => type)
    expect(types).toEqual(['TriggerFailed', 'TriggersSeen'])
  })
})

describe('[TG8] tasks that triggers make', () => {
  it('wait for those before them beyond limits.triggerFiresAtOnce', async () => {
    const fixture = new TriggerDutyFixture()
    fixture.create({ task: aside })
    const count = limits.triggerFiresAtOnce + 1
    fixture.commit((rules) => {
      for (let n = 0; n < count; n += 1) rules.control(rules.submit({ type: 'nobody-has-it' }), 'cancel')
    })
    await new Promise((resolve) => setImmediate(resolve))
    expect(fixture.made()).toHaveLength(limits.triggerFiresAtOnce)
    await fixture.rest()
    expect(fixture.made()).toHaveLength(count)
  })

  it('are no more than a trigger may make, and of what came too much it fails once for all', async () => {
    const fixture = new TriggerDutyFixture()
    const id = fixture.create({ task: aside, firesPerMinuteMax: 3 })
    const ends = () => {
      for (let n = 0; n < 10; n += 1) fixture.end()
    }
    ends()
    await fixture.rest()
    expect(fixture.trigger(id)).toMatchObject({ firedCount: 3, failedCount: 1 })
    await fixture.pass(limits.triggerErrorMs)
    expect(fixture.trigger(id)).toMatchObject({ firedCount: 3, failedCount: 7 })
    await fixture.pass(60_000)
    ends()
    await fixture.rest()
    expect(fixture.trigger(id)).toMatchObject({ firedCount: 6 })
    expect(fixture.journal.filter(({ type }) => type === 'TriggerFailed')).toHaveLength(3)
  })
})

it('lets others go first when conditions have taken limits.triggerSliceMs', async () => {
  const order: string[] = []
  const fixture = new TriggerDutyFixture(undefined, {
    check: () => undefined,
    holds: () => {
      order.push('judged')
      // Timers that are due by now run when the duty lets them.
      fixture.clock.after(0, () => order.push('another'))
      fixture.clock.spend(limits.triggerSliceMs)
      return false
    },
  })
  fixture.create({ condition: 'slow' })
  for (let n = 0; n < 3; n += 1) fixture.end()
  await fixture.rest()
  expect(order).toEqual(['judged', 'another', 'judged', 'another', 'judged', 'another'])
})
