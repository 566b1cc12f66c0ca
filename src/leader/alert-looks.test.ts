import { expect, it } from 'vitest'
import type { Input } from '../core/input.js'
import { limits } from '../core/limits.js'
import { ManualClock } from '../testing/manual-clock.js'
import { AlertLooks } from './alert-looks.js'

function rig() {
  const clock = new ManualClock()
  const offered: Input[] = []
  const looks = new AlertLooks({ clock, offer: (input) => offered.push(input) })
  const loadsOf = (input: Input | undefined) =>
    input?.command.name === 'look_at_alerts' ? Object.fromEntries(input.command.loads) : null
  return { clock, offered, looks, loadsOf }
}

it('[AL9] one look a second sees the newest of each master, and none is taken while nothing happens', () => {
  const { clock, offered, looks, loadsOf } = rig()
  clock.pass(60_000)
  expect(offered).toEqual([])
  looks.measured('m1', { cpu: 0.1, memory: 0.2, disk: 0.3 })
  looks.measured('m1', { cpu: 0.9, memory: 0.2, disk: 0.3 })
  looks.changed()
  clock.pass(limits.alertLookMs)
  expect(offered.map(loadsOf)).toEqual([{ m1: { cpu: 0.9, memory: 0.2, disk: 0.3 } }])
  clock.pass(60_000)
  expect(offered).toHaveLength(1)
  looks.changed()
  clock.pass(limits.alertLookMs)
  expect(offered.map(loadsOf).at(-1)).toEqual({})
})

it('[AL9] after its end nobody looks', () => {
  const { clock, offered, looks } = rig()
  looks.changed()
  looks.stop()
  looks.changed()
  clock.pass(60_000)
  expect(offered).toEqual([])
})
