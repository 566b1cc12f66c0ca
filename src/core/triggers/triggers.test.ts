import { describe, expect, it } from 'vitest'
import { Rules } from '../../testing/core-fixture.js'
import { sampleSpec, sampleTrigger } from '../../testing/plan-samples.js'
import { seqOf, triggerIdOf } from '../ids.js'
import { limits } from '../limits.js'
import type { Trigger, TriggerDefinition } from './trigger.js'

class Triggers extends Rules {
  create(changes: Partial<TriggerDefinition> = {}): string {
    const answer = this.user({ name: 'create_trigger', definition: sampleTrigger(1, 1, changes).definition })
    return answer.kind === 'plan' ? answer.id : ''
  }

  trigger(id: string): Trigger {
    const trigger = this.state.tables.trigger.get(id)
    if (trigger === undefined) throw new Error(`no trigger ${id}`)
    return trigger
  }

  fire(
    id: string,
    eventSeq: number,
    about: { revision?: number; refusal?: string; count?: number; depth?: number } = {},
  ): string[] {
    const { revision = this.trigger(id).revision, refusal, count, depth = 1 } = about
    const before = this.log.length
    const origin = { trigger: { triggerId: id, name: 'a', eventSeq, depth } }
    const spec = sampleSpec({ idempotencyKey: `event:${eventSeq}`, origin })
    this.system({
      name: 'fire_trigger',
      triggerId: triggerIdOf(id),
      revision,
      eventSeq: seqOf(eventSeq),
      ready: refusal === undefined ? { spec, bodyHash: 'hash' } : { refusal },
      ...(count === undefined ? {} : { count }),
    })
    return this.types(before)
  }
}

describe('a trigger', () => {
  it('[TG1] submits a task for an event, in the same group and once', () => {
    const rules = new Triggers()
    const id = rules.create()
    expect(rules.fire(id, 10)).toEqual(['TaskSubmitted', 'TriggerFired'])
    expect(rules.fire(id, 10)).toEqual([])
    expect(rules.fire(id, 9)).toEqual([])
    expect(rules.fire(id, 11)).toEqual(['TaskSubmitted', 'TriggerFired'])
    const trigger = rules.trigger(id)
    expect(trigger).toMatchObject({ firedCount: 2, seenSeq: 11, lastFiredAtMs: rules.nowMs, lastError: null })
    expect(rules.task(trigger.lastTaskId ?? '').clientId).toBe(`trigger:${id}`)
  })

  it('[TG1] is not fired by what an older definition was judged by, nor while it is paused', () => {
    const rules = new Triggers()
    const id = rules.create()
    rules.user({ name: 'update_trigger', ref: id, definition: rules.trigger(id).definition })
    expect(rules.fire(id, 10, { revision: 1 })).toEqual([])
    rules.user({ name: 'pause_trigger', ref: id })
    expect(rules.fire(id, 10)).toEqual([])
    rules.user({ name: 'resume_trigger', ref: id })
    expect(rules.trigger(id).seenSeq).toBe(rules.state.headSeq)
    expect(rules.fire(id, rules.state.headSeq)).toEqual([])
    expect(rules.fire(id, rules.state.headSeq + 1)).toEqual(['TaskSubmitted', 'TriggerFired'])
  })

  it('[TG4] says why it was not fired', () => {
    const rules = new Triggers()
    const id = rules.create()
    expect(rules.fire(id, 10, { refusal: 'task.nme is not there' })).toEqual(['TriggerFailed'])
    expect(rules.trigger(id)).toMatchObject({
      seenSeq: 10,
      firedCount: 0,
      failedCount: 1,
      lastError: { eventSeq: 10, message: 'task.nme is not there' },
    })
    rules.fire(id, 20, { refusal: 'task.nme is not there', count: 7 })
    expect(rules.trigger(id)).toMatchObject({ failedCount: 8, lastError: { eventSeq: 20 } })
  })

  it('[TG5] ends a chain at limits.triggerDepthMax, and says what to do', () => {
    const rules = new Triggers()
    const id = rules.create()
    expect(rules.fire(id, 10, { depth: limits.triggerDepthMax })).toEqual(['TaskSubmitted', 'TriggerFired'])
    expect(rules.fire(id, 11, { depth: limits.triggerDepthMax + 1 })).toEqual(['TriggerFailed'])
    expect(rules.trigger(id).lastError?.message).toMatch(
      /^8 triggers in a row led to this event.*such as a tag/,
    )
  })

  it('[TG8] makes as many tasks within a minute as its definition says, at most limits.triggerFiresPerMinuteMax', () => {
    const rules = new Triggers()
    const id = rules.create({ firesPerMinuteMax: 2 })
    const fired = ['TaskSubmitted', 'TriggerFired']
    rules.nowMs += 100_000
    expect([rules.fire(id, 10), rules.fire(id, 11), rules.fire(id, 12)]).toEqual([
      fired,
      fired,
      ['TriggerFailed'],
    ])
    expect(rules.trigger(id).lastError?.message).toContain('it has made 2 tasks within a minute')
    rules.nowMs += 59_999
    expect(rules.fire(id, 13)).toEqual(['TriggerFailed'])
    rules.nowMs += 1
    expect(rules.fire(id, 14)).toEqual(fired)
    const most = rules.create({ name: 'most' })
    for (let count = 0; count < limits.triggerFiresPerMinuteMax; count += 1)
      expect(rules.fire(most, 100 + count)).toEqual(fired)
    expect(rules.fire(most, 10_000)).toEqual(['TriggerFailed'])
  })

  it('looks at one kind of event, and at none while it is paused or when it is gone', () => {
    const rules = new Triggers()
    const id = rules.create()
    const { plans } = rules.state.index
    expect([...plans.triggersOn('task_finished')]).toEqual([id])
    const { definition } = sampleTrigger(1, 1, { on: 'node_joined' })
    rules.user({ name: 'update_trigger', ref: id, definition })
    expect([plans.triggersOn('task_finished').size, plans.triggersOn('node_joined').size]).toEqual([0, 1])
    rules.user({ name: 'pause_trigger', ref: id })
    expect(plans.activeTriggers).toBe(0)
    rules.user({ name: 'resume_trigger', ref: id })
    expect(plans.activeTriggers).toBe(1)
    rules.user({ name: 'delete_trigger', ref: id })
    expect([plans.activeTriggers, rules.state.tables.trigger.size]).toEqual([0, 0])
  })

  it('[SC8] is refused when there are limits.triggersMax', () => {
    const rules = new Triggers()
    for (let count = 0; count < limits.triggersMax; count += 1) rules.create({ name: `t${count}` })
    expect(() => rules.create({ name: 'one-more' })).toThrow(
      expect.objectContaining({ code: 'resource_exhausted' }),
    )
  })

  it('[TG3] has a mark of the cluster beside it, which never goes back', () => {
    const rules = new Triggers()
    rules.system({ name: 'note_triggers_seen', throughSeq: seqOf(5) })
    rules.system({ name: 'note_triggers_seen', throughSeq: seqOf(4) })
    rules.system({ name: 'start_term', leaderId: 'leader-2' })
    expect(rules.state.cluster?.triggersSeenSeq).toBe(5)
  })
})
