import { beforeEach, describe, expect, it } from 'vitest'
import { endOf, Rules } from '../../testing/core-fixture.js'
import { ControlError } from '../errors.js'
import { asTaskId, fenceOf } from '../ids.js'
import type { Json } from '../json.js'
import { limits } from '../limits.js'
import { countEffects, type Effect, effectsOf, standingOf } from './effect.js'

let rules: Rules
let taskId: string
beforeEach(() => {
  rules = new Rules()
  rules.join('master-1')
  taskId = rules.submit({ retry: { attemptsMax: 100, on: ['lost'], backoffMs: 0 } })
})

interface Note {
  readonly key?: string
  readonly value?: Json
  readonly again?: boolean
  readonly fence?: number | null
}

function note(
  state: Effect['state'],
  { key = 'pay', value = null, again = false, fence }: Note = {},
): string {
  const before = rules.log.length
  rules.user(command(state, { key, value, again, fence: fence === undefined ? currentFence() : fence }))
  return rules.types(before).join()
}

const command = (state: Effect['state'], { key = 'pay', value = null, again = false, fence }: Note) => ({
  name: 'note_effect' as const,
  taskId: asTaskId(taskId),
  fence: fence == null ? null : fenceOf(fence),
  key,
  state,
  value,
  again,
})

function currentFence(): number {
  const { state } = rules.task(taskId)
  return state.phase === 'live' ? state.run.fence : 0
}

/** The run is lost, and the next attempt has the master. */
function nextAttempt(): void {
  rules.ended(taskId, endOf('lost'))
  rules.pass(1_000_000)
}

const standings = (): string[] => {
  const task = rules.task(taskId)
  return effectsOf(task).map((effect) => `${effect.key} ${effect.attempt} ${standingOf(task, effect)}`)
}

const codeOf = (act: () => unknown): string => {
  try {
    act()
  } catch (thrown) {
    if (thrown instanceof ControlError) return thrown.code
    throw thrown
  }
  return 'ok'
}

describe('the ledger of side effects', () => {
  it('[EF1] has an intent and what came of it; a repeat makes no event', () => {
    expect(note('intent')).toBe('EffectNoted')
    expect(note('intent')).toBe('')
    expect(standings()).toEqual(['pay 1 intent'])
    expect(note('done', { value: { receipt: 'r-1' } })).toBe('EffectNoted')
    expect(note('done', { value: 'another' })).toBe('')
    expect(note('intent')).toBe('')
    expect(effectsOf(rules.task(taskId))).toMatchObject([{ state: 'done', value: { receipt: 'r-1' } }])
  })

  it('[EF1] an effect that failed may be begun again, one without an intent is not settled', () => {
    expect(codeOf(() => note('done'))).toBe('wrong_phase')
    note('intent')
    note('failed', { value: 'no funds' })
    expect(codeOf(() => note('done'))).toBe('wrong_phase')
    expect(note('intent')).toBe('EffectNoted')
    note('done')
    expect(codeOf(() => note('failed'))).toBe('wrong_phase')
    expect(standings()).toEqual(['pay 1 done'])
  })

  it('[EF2] an intent is ambiguous once its run is over, not while that is only unknown', () => {
    note('intent')
    rules.system({ name: 'node_silent', nodeId: 'master-1' as never, reason: 'gone' })
    expect(rules.task(taskId).state).toMatchObject({ phase: 'live', run: { phase: 'unknown' } })
    expect(standings()).toEqual(['pay 1 intent'])
    nextAttempt()
    expect(standings()).toEqual(['pay 1 ambiguous'])
    expect(countEffects(rules.task(taskId))).toEqual({ intent: 0, done: 0, failed: 0, ambiguous: 1 })
  })

  it('[EF3] only the current run is heard', () => {
    const first = currentFence()
    note('intent')
    nextAttempt()
    expect(currentFence()).toBeGreaterThan(first)
    for (const state of ['intent', 'done', 'failed'] as const)
      expect(codeOf(() => note(state, { fence: first }))).toBe('stale_fence')
    expect(standings()).toEqual(['pay 1 ambiguous'])
    // Without a fence it is the current run's word.
    expect(note('failed', { fence: null })).toBe('EffectNoted')
    expect(standings()).toEqual(['pay 1 ambiguous', 'pay 2 failed'])
  })

  it('[EF3] nobody is heard while nothing runs', () => {
    const only = rules.submit()
    const noted = { ...command('intent', {}), taskId: asTaskId(only) }
    expect(rules.task(only).state.phase).toBe('queued')
    expect(codeOf(() => rules.user(noted))).toBe('stale_fence')
    expect(codeOf(() => rules.user({ ...noted, taskId: asTaskId('tnone') }))).toBe('task_not_found')
  })

  it('[EF4] an intent that an earlier attempt left open is refused until it is settled or wanted again', () => {
    note('intent')
    nextAttempt()
    expect(codeOf(() => note('intent'))).toBe('effect_ambiguous')
    expect(note('done', { value: 'found' })).toBe('EffectNoted')
    expect(standings()).toEqual(['pay 1 ambiguous', 'pay 2 done'])
    expect(countEffects(rules.task(taskId))).toEqual({ intent: 0, done: 1, failed: 0, ambiguous: 0 })
    expect(note('intent')).toBe('')

    note('intent', { key: 'mail' })
    nextAttempt()
    expect(codeOf(() => note('intent', { key: 'mail' }))).toBe('effect_ambiguous')
    expect(note('intent', { key: 'mail', again: true })).toBe('EffectNoted')
    expect(standings().slice(2)).toEqual(['mail 2 ambiguous', 'mail 3 intent'])
  })

  it('[EF4] done in an earlier attempt stays done', () => {
    note('intent')
    note('done', { value: 7 })
    nextAttempt()
    expect(note('intent')).toBe('')
    expect(note('done', { value: 8 })).toBe('')
    expect(effectsOf(rules.task(taskId))).toMatchObject([{ attempt: 1, state: 'done', value: 7 }])
  })

  it('[EF5] effectKeysMax keys, and effectsCharsMax characters in all', () => {
    for (let n = 0; n < limits.effectKeysMax; n += 1) note('intent', { key: `k${n}` })
    expect(codeOf(() => note('intent', { key: 'one more' }))).toBe('too_large')
    const value = 'x'.repeat(limits.effectValueCharsMax - 2)
    let full = 0
    while (codeOf(() => note('done', { key: `k${full}`, value })) === 'ok') full += 1
    expect(codeOf(() => note('done', { key: `k${full}`, value }))).toBe('too_large')
    expect(note('done', { key: `k${full}` })).toBe('EffectNoted')
    const taken = effectsOf(rules.task(taskId)).reduce((sum, { chars }) => sum + chars, 0)
    expect(taken).toBeLessThanOrEqual(limits.effectsCharsMax)
    expect(taken).toBeGreaterThan(limits.effectsCharsMax - limits.effectValueCharsMax - 1_000)
  })

  it('[EF5] of one effect the words of the newest effectRunsKept runs are kept', () => {
    for (let attempt = 1; attempt <= limits.effectRunsKept + 2; attempt += 1) {
      note('intent', { again: true })
      nextAttempt()
    }
    expect(standings()).toEqual([3, 4, 5, 6, 7].map((attempt) => `pay ${attempt} ambiguous`))
  })

  it('[EF6] a master notes for the runs that it holds, and for no other', () => {
    const fence = currentFence()
    rules.join('master-2')
    expect(codeOf(() => rules.node('master-2', command('intent', { fence })))).toBe('forbidden')
    expect(codeOf(() => rules.node('master-1', command('intent', { fence: null })))).toBe('forbidden')
    expect(codeOf(() => rules.node('master-1', command('intent', { fence })))).toBe('ok')
    nextAttempt()
    expect(codeOf(() => rules.node('master-1', command('done', { fence })))).toBe('stale_fence')
  })

  it('[EF7] is with the task when the state is read again', () => {
    note('intent')
    note('done', { value: [1] })
    const copy = new Rules(rules)
    expect(copy.task(taskId).effects).toEqual(rules.task(taskId).effects)
  })
})
