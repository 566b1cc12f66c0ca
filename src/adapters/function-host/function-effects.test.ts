import { beforeEach, describe, expect, it } from 'vitest'
import { ControlError, type ErrorCode } from '../../core/errors.js'
import { limits } from '../../core/limits.js'
import type { RunAsk } from '../../ports/task-host.js'
import { ManualClock } from '../../testing/manual-clock.js'
import { plainTerms } from '../../testing/plain-terms.js'
import { TaskHostRecorder } from '../../testing/task-host-recorder.js'
import { FunctionEffects } from './function-effects.js'
import { FunctionHost } from './function-host.js'

type Word = Pick<Extract<RunAsk, { kind: 'effect' }>, 'state' | 'valueJson' | 'again'>

/** What the leader says to each word, in order; then it takes the word. */
const script: (ErrorCode | { readonly state: string; readonly value?: unknown })[] = []
let words: Word[]
let clock: ManualClock
let isAborted: boolean
let effects: FunctionEffects
beforeEach(() => {
  script.length = 0
  words = []
  clock = new ManualClock()
  isAborted = false
  effects = new FunctionEffects({ clock, isAborted: () => isAborted, ask: leader })
})

async function leader(ask: RunAsk): Promise<string> {
  if (ask.kind !== 'effect') throw new Error(ask.kind)
  const { key, state, valueJson, again } = ask
  words.push({ state, valueJson, again })
  const said = script.shift() ?? { state, value: JSON.parse(valueJson ?? 'null') }
  if (typeof said === 'string') throw new ControlError(said, said)
  return JSON.stringify({ key, attempt: 1, fence: 1, intentAt: 1, settledAt: null, value: null, ...said })
}

const states = (): string[] => words.map(({ state, valueJson }) => `${state} ${valueJson}`)

describe('an effect of a function', () => {
  it('[EF8] notes the intent, acts, notes the outcome, and gives it', async () => {
    const outcome = await effects.effect('pay', () => {
      expect(states()).toEqual(['intent null'])
      return { receipt: 'r', at: new Date(0) }
    })
    expect(outcome).toEqual({ receipt: 'r', at: '1970-01-01T00:00:00.000Z' })
    expect(states()).toEqual(['intent null', 'done {"receipt":"r","at":"1970-01-01T00:00:00.000Z"}'])
  })

  it('[EF8] is not done when an earlier attempt did it: its outcome is given', async () => {
    script.push({ state: 'done', value: [7] })
    expect(await effects.effect('pay', () => Promise.reject(new Error('again')))).toEqual([7])
    expect(states()).toEqual(['intent null'])
  })

  it('[EF8] is not done without an intent: ambiguous, stale, no leader', async () => {
    for (const code of ['effect_ambiguous', 'stale_fence', 'too_large'] as const) {
      script.push(code)
      await expect(effects.effect('pay', () => expect.unreachable())).rejects.toMatchObject({ code })
    }
    expect(words).toHaveLength(3)
    await effects.effect('pay', () => 1, { again: true })
    expect(words[3]).toEqual({ state: 'intent', valueJson: null, again: true })
  })

  it('[EF8] asks again while there is no leader, effectAnswerMs long', async () => {
    script.push('unavailable', 'outcome_unknown', 'resource_exhausted')
    const done = effects.effect('pay', () => 1)
    await waits(3)
    expect(await done).toBe(1)
    expect(states()).toEqual(['intent null', 'intent null', 'intent null', 'intent null', 'done 1'])

    script.push(...Array.from({ length: 100 }, () => 'unavailable' as const))
    const begunMs = clock.monotonicMs()
    const given = expect(effects.effect('mail', () => expect.unreachable())).rejects.toMatchObject({
      code: 'unavailable',
    })
    await waits(100)
    await given
    expect(words.length).toBeLessThan(60)
    expect(clock.monotonicMs() - begunMs).toBeGreaterThan(limits.effectAnswerMs - 2_000)
  })

  it('[EF8] failed when it throws; open when it was cut off, and then not done again by itself', async () => {
    const broken = new TypeError('no funds')
    await expect(effects.effect('pay', () => Promise.reject(broken))).rejects.toBe(broken)
    expect(states()).toEqual(['intent null', 'failed {"message":"no funds"}'])
    const late = Object.assign(new Error('late'), { name: 'TimeoutError' })
    await expect(effects.effect('pay', () => Promise.reject(late))).rejects.toBe(late)
    expect(states()).toHaveLength(3)
    await expect(effects.effect('pay', () => expect.unreachable())).rejects.toMatchObject({
      code: 'effect_ambiguous',
    })
    expect(await effects.effect('pay', () => 'looked', { again: true })).toBe('looked')
    isAborted = true
    await expect(effects.effect('mail', () => Promise.reject(broken))).rejects.toBe(broken)
    expect(states().slice(-1)).toEqual(['intent null'])
  })

  it('[EF8] is noted without an outcome that is too large, and the call says so', async () => {
    script.push({ state: 'intent' }, 'too_large')
    await expect(effects.effect('pay', () => 'x'.repeat(5_000))).rejects.toThrow(RangeError)
    expect(states().slice(-1)).toEqual(['done null'])
  })

  it('[EF8] of two calls at a time one acts', async () => {
    let acts = 0
    const act = async (): Promise<number> => (acts += 1)
    expect(await Promise.all([effects.effect('pay', act), effects.effect('pay', act)])).toEqual([1, 1])
    expect(words).toHaveLength(2)
  })
})

describe('a function', () => {
  it('[EF9] is current while its lease holds and nobody asked it to stop', async () => {
    let isHeld = true
    const seen: boolean[] = []
    let look: () => void = () => undefined
    const host = new FunctionHost({
      clock,
      handlers: new Map([
        [
          'pay',
          ({ isCurrent }) => {
            look = () => seen.push(isCurrent())
            return new Promise(() => undefined)
          },
        ],
      ]),
    })
    await host.attach(Object.assign(new TaskHostRecorder(), { holdsLease: () => isHeld }))
    const call = { type: 'pay', name: 'pay', payload: {}, traceId: '' }
    const nothing = { argv: null, shell: null, cwd: null, env: {}, stdin: null, stdinOpen: false }
    host.start({ taskId: 't1', attempt: 1, fence: 1, ...nothing, terms: plainTerms, call })
    await Promise.resolve()
    look()
    isHeld = false
    look()
    isHeld = true
    look()
    host.stop(1, { graceMs: 100, cause: 'cancel', onStep: () => undefined })
    look()
    expect(seen).toEqual([true, false, true, false])
  })
})

/** Lets the waits between so many tries pass. */
async function waits(tries: number): Promise<void> {
  for (let n = 0; n < tries; n += 1) {
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve()
    clock.pass(1_000)
  }
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve()
}
