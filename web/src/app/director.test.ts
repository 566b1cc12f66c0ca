import { describe, expect, it } from 'vitest'
import { anAlert } from '../live/fixture.js'
import { alarmMs, Director, sceneOf, scenesIn } from './director.js'

const scenes = { names: ['overview', 'topology', 'queue'], everyMs: 30_000 } as const
const start = 1_000_000
const stall = (alertId: string, raisedAt = start + 1) => anAlert(alertId, { raisedAt })

describe('[WV8] scenes in the address', () => {
  const of = (search: string) => scenesIn(new URLSearchParams(search))
  it('name screens in their order, each once, and how long each stays', () => {
    expect(of('scenes=overview,queue,overview&every=20')).toEqual({
      names: ['overview', 'queue'],
      everyMs: 20_000,
    })
    expect(of('scenes=topology')).toEqual({ names: ['topology'], everyMs: 30_000 })
  })
  it('that are no screens, or a time out of bounds, are no scenes', () => {
    expect(of('')).toBeNull()
    expect(of('scenes=nothing,,')).toBeNull()
    expect(of('scenes=overview&every=0.1')?.everyMs).toBe(5_000)
    expect(of('scenes=overview&every=x')?.everyMs).toBe(30_000)
  })
})

describe('[WV8] the director', () => {
  it('gives each scene its turn, beginning with the one that is open', () => {
    const director = new Director(scenes, 'topology', start)
    expect(director.screen).toBe('topology')
    director.look([], start + 29_999)
    expect(director.screen).toBe('topology')
    director.look([], start + 30_000)
    expect(director.screen).toBe('queue')
    director.look([], start + 60_000)
    expect(director.screen).toBe('overview')
  })

  it('lets a new alarm go first, until it is acknowledged, then brings back what it interrupted', () => {
    const director = new Director(scenes, 'queue', start)
    director.look([stall('a')], start + 10_000)
    expect(director.screen).toBe('alerts')
    director.look([stall('a')], start + 40_000)
    expect(director.screen).toBe('alerts')
    director.look([], start + 41_000)
    expect(director.screen).toBe('queue')
    expect(director.direction).toMatchObject({ phase: 'turn', untilMs: start + 71_000 })
  })

  it('holds an alarm that nobody acknowledges for a minute, once', () => {
    const director = new Director(scenes, 'queue', start)
    director.look([stall('a')], start)
    director.look([stall('a')], start + alarmMs - 1)
    expect(director.screen).toBe('alerts')
    director.look([stall('a')], start + alarmMs)
    director.look([stall('a')], start + alarmMs + 1)
    expect(director.screen).toBe('queue')
  })

  it('shows the newest of several alarms, each in the scene that shows it', () => {
    const director = new Director(scenes, 'overview', start)
    const lost = anAlert('b', { kind: 'offline', taskId: null, raisedAt: start + 9 })
    director.look([stall('a'), lost], start + 10)
    expect(director.screen).toBe('topology')
    expect(sceneOf(stall('a'))).toBe('alerts')
  })

  it('makes nothing of alarms from before it began', () => {
    const director = new Director(scenes, 'overview', start)
    director.look([stall('old', start - 60_000)], start)
    expect(director.screen).toBe('overview')
  })

  it('takes nothing from somebody who uses the wall', () => {
    const director = new Director(scenes, 'overview', start)
    director.touched(start + 1)
    director.look([stall('a')], start + 30_001)
    expect(director.screen).toBeNull()
    director.look([stall('a')], start + 60_001)
    expect(director.screen).toBe('alerts')
  })
})
