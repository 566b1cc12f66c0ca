import { describe, expect, it } from 'vitest'
import { anAlert, aWorker } from '../../live/fixture.js'
import { place } from './layout.js'
import { alertedTasks, readMaster, trustOf } from './node-state.js'
import { cardsMax, onScreen } from './on-screen.js'
import { pointAlong } from './particles.js'
import { nodeAt, sceneMasters } from './scene.js'

const nowMs = 1_000_000
const agent = (agentId: string, status: 'idle' | 'busy' | 'error', currentTask: string | null = null) => ({
  ...{ agentId, workerId: 'm1', kind: 'process' as const, windowId: null, accountIdx: null },
  ...{ status, currentTask, createdAt: 1 },
})
const worker = aWorker('m1', {
  lastSeenAt: nowMs,
  agents: [agent('m1/p1', 'idle'), agent('m1/p2', 'busy', 't7'), agent('m1/p3', 'error')],
})
const fresh = { at: nowMs, rttMs: 3 }
const at = { sample: fresh, isLive: true, nowMs, alerted: new Set<string>() }

describe('a master on the map', () => {
  it('[MA3] is read with its link and its agents; an alert about a task is one about its agent', () => {
    expect(readMaster(worker, at)).toEqual({ health: 'ok', state: 'ok', agents: ['ok', 'busy', 'failed'] })
    const alerted = alertedTasks({ a1: anAlert('a1', { taskId: 't7', state: 'raised' }) })
    expect(readMaster(worker, { ...at, alerted }).agents[1]).toBe('waiting')
    expect(readMaster(worker, { ...at, sample: { at: nowMs, rttMs: 900 } }).health).toBe('slow')
  })

  it('[MA3] is never drawn as fine when it is lost, silent for long, or the session is not live', () => {
    expect(readMaster({ ...worker, status: 'offline' }, at)).toMatchObject({
      health: 'down',
      state: 'failed',
    })
    expect(readMaster(worker, { ...at, isLive: false })).toMatchObject({ health: 'stale', state: 'nodata' })
    const old = { at: nowMs - 600_000, rttMs: 3 }
    expect(readMaster(worker, { ...at, sample: old })).toMatchObject({ health: 'stale', state: 'nodata' })
    const gone = { ...worker, status: 'unknown' as const }
    expect(readMaster(gone, { ...at, isLive: false }).health).toBe('down')
  })

  it('values fade while the session is silent and turn hollow when it is lost', () => {
    expect(trustOf({ phase: 'stale', sinceMs: 1 })).toBe('stale')
    expect(trustOf({ phase: 'offline', sinceMs: 1, retryAtMs: 2, reason: '' })).toBe('lost')
    expect(trustOf({ phase: 'connecting', sinceMs: 1 })).toBe('lost')
  })
})

describe('the scene', () => {
  const plan = Array.from({ length: 1_000 }, (_, n) => ({
    id: `m${n}`,
    agents: [`m${n}/p1`, `m${n}/p2`],
    labels: {},
  }))
  const masters = sceneMasters(plan, place(plan), { hidden: new Set(['m3', 'm4/p1']), found: null })
  const screen = { width: 1920, height: 1080 }

  it('[MA1] leaves out what is hidden and moves nobody', () => {
    expect(masters).toHaveLength(999)
    const all = sceneMasters(plan, place(plan), { hidden: new Set(), found: null })
    expect(masters.find(({ id }) => id === 'm5')?.box).toEqual(all.find(({ id }) => id === 'm5')?.box)
    expect(masters.find(({ id }) => id === 'm4')?.agents).toMatchObject([{ id: 'm4/p2', index: 1 }])
  })

  it('finds the node under a point', () => {
    const m5 = masters.find(({ id }) => id === 'm5')
    const p2 = m5?.agents[1]
    if (m5 === undefined || p2 === undefined) throw new Error('not placed')
    expect(nodeAt({ masters }, m5.box.x + 1, m5.box.y + 1)).toBe('m5')
    expect(nodeAt({ masters }, p2.box.x + 10, p2.box.y + 10)).toBe('m5/p2')
    expect(nodeAt({ masters }, 1e6, 1e6)).toBeNull()
  })

  it('[MA2] is cards only where they are near, and never more than there may be', () => {
    const near = onScreen(masters, { x: 960, y: 0, zoom: 1 }, screen)
    expect(near.areCards).toBe(true)
    expect(near.masters.length).toBeLessThan(100)
    expect(onScreen(masters, { x: 960, y: 0, zoom: 0.06 }, screen)).toMatchObject({ areCards: false })
    expect(onScreen(masters, { x: 960, y: 0, zoom: 0.06 }, screen).masters).toHaveLength(cardsMax)
  })
})

describe('a dot', () => {
  const points = [
    { x: 0, y: 0 },
    { x: 0, y: 10 },
    { x: 30, y: 10 },
  ]
  it('[MA6] wanders along its link and begins again at the end', () => {
    expect(pointAlong(points, 5, 0)).toEqual({ x: 0, y: 5 })
    expect(pointAlong(points, 25, 0)).toEqual({ x: 15, y: 10 })
    expect(pointAlong(points, 45, 0)).toEqual({ x: 0, y: 5 })
    expect(pointAlong(points, 0, 0.5)).toEqual({ x: 10, y: 10 })
    expect(pointAlong([], 5, 0)).toEqual({ x: 0, y: 0 })
  })
})
