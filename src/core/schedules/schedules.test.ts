import { describe, expect, it } from 'vitest'
import { endOf, Rules } from '../../testing/core-fixture.js'
import { sampleSchedule, sampleSpec } from '../../testing/plan-samples.js'
import { scheduleIdOf } from '../ids.js'
import { limits } from '../limits.js'
import type { Schedule, ScheduleDefinition } from './schedule.js'

class Schedules extends Rules {
  create(changes: Partial<ScheduleDefinition> = {}, nextAtMs = 2_000_000): string {
    const { definition } = sampleSchedule(1, 1, changes)
    const answer = this.user({ name: 'create_schedule', definition, nextAtMs })
    if (answer.kind !== 'plan') throw new Error(`a schedule was answered with ${answer.kind}`)
    return answer.id
  }

  schedule(id: string): Schedule {
    const schedule = this.state.tables.schedule.get(id)
    if (schedule === undefined) throw new Error(`no schedule ${id}`)
    return schedule
  }

  /** Offers one slot, as the shell does for what it sees now. */
  fire(
    id: string,
    about: { from?: number; slot: number; next: number | null; revision?: number; refusal?: string },
  ) {
    const { from = about.slot, slot, next, revision = this.schedule(id).revision, refusal } = about
    const spec = sampleSpec({ idempotencyKey: `slot:${slot}` })
    const before = this.log.length
    this.system({
      name: 'fire_schedule',
      scheduleId: scheduleIdOf(id),
      revision,
      fromMs: from,
      slotMs: slot,
      nextAtMs: next,
      ready: refusal === undefined ? { spec, bodyHash: 'hash' } : { refusal },
    })
    return this.types(before)
  }
}

const at = (nowMs: number): Schedules => {
  const rules = new Schedules()
  rules.nowMs = nowMs
  return rules
}

describe('a slot', () => {
  it('[SC1] is a task of its own, submitted in the same group, and the next slot follows', () => {
    const rules = at(2_000_000)
    const id = rules.create()
    expect(rules.fire(id, { slot: 2_000_000, next: 2_060_000 })).toEqual(['TaskSubmitted', 'ScheduleFired'])
    const schedule = rules.schedule(id)
    expect(schedule).toMatchObject({ nextAtMs: 2_060_000, lastSlotMs: 2_000_000, lastSkip: null })
    const task = rules.task(schedule.lastTaskId ?? '')
    expect([task.clientId, task.projectId]).toEqual([`schedule:${id}`, schedule.projectId])
    expect(rules.state.index.plans.slots.nextAtMs).toBe(2_000_000)
  })

  it('[SC1] is fired once, however often it is offered', () => {
    const rules = at(2_000_000)
    const id = rules.create()
    rules.fire(id, { slot: 2_000_000, next: 2_060_000 })
    expect(rules.fire(id, { slot: 2_000_000, next: 2_060_000 })).toEqual([])
    expect(rules.state.tables.task.size).toBe(1)
  })

  it('[SC1] is not fired before its time, nor by what was computed for an older definition', () => {
    const rules = at(1_999_999)
    const id = rules.create()
    expect(rules.fire(id, { slot: 2_000_000, next: 2_060_000 })).toEqual([])
    rules.nowMs = 2_000_000
    rules.user({
      name: 'update_schedule',
      ref: id,
      definition: rules.schedule(id).definition,
      nextAtMs: 2_000_000,
    })
    expect(rules.fire(id, { slot: 2_000_000, next: 2_060_000, revision: 1 })).toEqual([])
    expect(rules.fire(id, { slot: 2_000_000, next: 2_060_000 })).toEqual(['TaskSubmitted', 'ScheduleFired'])
  })

  it('[SC4] passes over the ones before it', () => {
    const rules = at(3_000_000)
    const id = rules.create()
    rules.fire(id, { from: 2_000_000, slot: 2_900_000, next: 3_100_000 })
    expect(rules.log.at(-1)).toMatchObject({ body: { fromMs: 2_000_000, slotMs: 2_900_000 } })
    expect(rules.fire(id, { from: 2_000_000, slot: 2_000_000, next: 2_100_000 })).toEqual([])
  })

  it('[SC5] that cannot be fired passes, and the schedule says why', () => {
    const rules = at(2_000_000)
    const id = rules.create()
    expect(rules.fire(id, { slot: 2_000_000, next: null, refusal: 'there is no template "x"' })).toEqual([
      'ScheduleSkipped',
    ])
    expect(rules.schedule(id)).toMatchObject({
      nextAtMs: null,
      lastSlotMs: null,
      lastSkip: { slotMs: 2_000_000, reason: 'there is no template "x"' },
    })
  })

  it('[SC5] passes when the rules refuse its task', () => {
    const rules = at(2_000_000)
    const id = rules.create()
    const spec = sampleSpec({
      requirements: { accountIdx: null, workerId: 'nowhere' as never, timeout: 0 },
    })
    rules.system({
      name: 'fire_schedule',
      scheduleId: scheduleIdOf(id),
      revision: 1,
      fromMs: 2_000_000,
      slotMs: 2_000_000,
      nextAtMs: 2_060_000,
      ready: { spec, bodyHash: 'hash' },
    })
    expect(rules.schedule(id).lastSkip?.reason).toContain('there is no master "nowhere"')
  })

  it('[SC6] passes while the task before is not over, with overlap: skip', () => {
    const rules = at(2_000_000)
    rules.join('m1')
    const id = rules.create({ overlap: 'skip' })
    rules.fire(id, { slot: 2_000_000, next: 2_000_001 })
    const taskId = rules.schedule(id).lastTaskId ?? ''
    rules.nowMs = 2_000_002
    expect(rules.fire(id, { slot: 2_000_001, next: 2_000_002 })).toEqual(['ScheduleSkipped'])
    expect(rules.schedule(id).lastSkip?.reason).toBe(`${taskId} of the slot before is not over`)
    rules.running(taskId)
    rules.ended(taskId, endOf('succeeded'))
    expect(rules.fire(id, { slot: 2_000_002, next: 2_000_003 })).toContain('ScheduleFired')
  })
})

describe('a schedule', () => {
  it('has a name of its own in its project, and is found by it', () => {
    const rules = at(1_000_000)
    const id = rules.create({ name: 'nightly' })
    expect(() => rules.create({ name: 'nightly' })).toThrow(
      expect.objectContaining({ code: 'name_conflict', details: { id } }),
    )
    const other = rules.create({ name: 'hourly' })
    const { definition } = rules.schedule(id)
    expect(() =>
      rules.user({ name: 'update_schedule', ref: 'hourly', definition, nextAtMs: 2_000_000 }),
    ).toThrow(expect.objectContaining({ code: 'name_conflict' }))
    rules.user({ name: 'delete_schedule', ref: 'nightly' })
    rules.user({ name: 'update_schedule', ref: other, definition, nextAtMs: 2_000_000 })
    expect(rules.user({ name: 'pause_schedule', ref: 'nightly' })).toMatchObject({ kind: 'plan', id: other })
  })

  it('[SC7] has no slots while it is paused, and goes on with the first from now', () => {
    const rules = at(2_000_000)
    const id = rules.create()
    rules.user({ name: 'pause_schedule', ref: id })
    expect(rules.user({ name: 'pause_schedule', ref: id })).toMatchObject({ kind: 'plan', id })
    expect(rules.fire(id, { slot: 2_000_000, next: 2_060_000 })).toEqual([])
    const { definition } = rules.schedule(id)
    rules.user({ name: 'update_schedule', ref: id, definition, nextAtMs: 2_060_000 })
    expect(rules.schedule(id)).toMatchObject({ paused: true, nextAtMs: null })
    const { revision } = rules.schedule(id)
    expect(() =>
      rules.user({ name: 'resume_schedule', ref: id, revision: revision - 1, nextAtMs: 2_060_000 }),
    ).toThrow(expect.objectContaining({ code: 'unavailable' }))
    rules.user({ name: 'resume_schedule', ref: id, revision, nextAtMs: 2_060_000 })
    expect(rules.schedule(id)).toMatchObject({ paused: false, nextAtMs: 2_060_000 })
  })

  it('is gone when it is deleted, and its tasks stay', () => {
    const rules = at(2_000_000)
    const id = rules.create()
    rules.fire(id, { slot: 2_000_000, next: 2_060_000 })
    rules.user({ name: 'delete_schedule', ref: id })
    expect([rules.state.tables.schedule.size, rules.state.tables.task.size]).toEqual([0, 1])
    expect(() => rules.user({ name: 'delete_schedule', ref: id })).toThrow(
      expect.objectContaining({ code: 'not_found' }),
    )
  })

  it('runs by hand beside its slots, once for a key', () => {
    const rules = at(1_000_000)
    const id = rules.create()
    const ready = { spec: sampleSpec({ idempotencyKey: 'k' }), bodyHash: 'hash' }
    const run = () => rules.user({ name: 'run_schedule', ref: id, revision: 1, ready })
    const first = run()
    expect(first).toMatchObject({ kind: 'task', created: true })
    expect(run()).toEqual({ ...first, created: false })
    expect(rules.schedule(id)).toMatchObject({ nextAtMs: 2_000_000, lastSlotMs: null })
    const refused = { refusal: 'there is no template "x"' }
    expect(() => rules.user({ name: 'run_schedule', ref: id, revision: 1, ready: refused })).toThrow(
      expect.objectContaining({ code: 'unprocessable' }),
    )
  })

  it('[SC8] is refused when there are limits.schedulesMax', () => {
    const rules = at(1_000_000)
    for (let count = 0; count < limits.schedulesMax; count += 1) rules.create({ name: `s${count}` })
    expect(() => rules.create({ name: 'one-more' })).toThrow(
      expect.objectContaining({ code: 'resource_exhausted' }),
    )
    rules.user({ name: 'delete_schedule', ref: 's0' })
    expect(rules.create({ name: 'one-more' })).not.toBe('')
  })
})
