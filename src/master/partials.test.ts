import { expect, it } from 'vitest'
import { limits } from '../core/limits.js'
import { linkedMaster, requestOf } from '../testing/master-fixture.js'
import type { ScriptedDial } from '../testing/scripted-dialer.js'

const told = (dial: ScriptedDial): readonly unknown[] =>
  dial.updates.flatMap((update) =>
    update.kind === 'progress' ? [[update.progress, update.partial?.value]] : [],
  )

it('[PT1] a partial result goes up once, the newest of several, and progress does not take its place', async () => {
  const { dial, host, pass } = await linkedMaster()
  dial.say(requestOf(1, 1, 'sim:forever'))
  await pass(limits.progressIntervalMs)
  const before = told(dial).length
  host.report(1, 0.1, null, '{"rows":1}')
  host.report(1, null, null, '{"rows":2}')
  host.report(1, null, null, '{"rows":3}')
  host.report(1, 0.2, null)
  await pass(limits.progressIntervalMs + 5)
  host.report(1, 0.3, null)
  await pass(limits.progressIntervalMs + 5)
  expect(told(dial).slice(before)).toEqual([
    [0.1, { rows: 1 }],
    [0.2, { rows: 3 }],
    [0.3, undefined],
  ])
})

it('[PT2] is told again to a leader that may not know it', async () => {
  const { dial, dialer, host, pass } = await linkedMaster()
  dial.say(requestOf(1, 1, 'sim:forever'))
  await pass(limits.progressIntervalMs)
  host.report(1, null, null, 'null')
  await pass(limits.progressIntervalMs + 5)
  dial.end()
  await pass(limits.backoffMsMax)
  const second = dialer.last
  expect(second).not.toBe(dial)
  second.welcome()
  await pass(limits.progressIntervalMs + 5)
  expect(told(second)).toContainEqual([null, null])
})
