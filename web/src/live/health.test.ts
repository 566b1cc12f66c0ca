import { describe, expect, it } from 'vitest'
import { aTask, aWorker, running } from './fixture.js'
import { actsOn, agentState, linkHealth, slowRttMs, staleSampleMs, taskState, workerState } from './health.js'
import type { Worker } from './protocol.js'

describe('states', () => {
  it('of a task: what is not known, or waits for a person, never looks OK or busy', () => {
    const stall = { kind: 'silent' as const, since: 0, lines: [] }
    expect(taskState(aTask('t'))).toBe('ok')
    expect(taskState(running('t'))).toBe('busy')
    expect(taskState(running('t', { stall }))).toBe('waiting')
    expect(taskState(running('t', { phase: 'paused' }))).toBe('waiting')
    expect(taskState(running('t', { phase: 'unknown', stall }))).toBe('nodata')
    expect(taskState(aTask('t', { status: 'failed', phase: 'lost' }))).toBe('failed')
  })

  it('of a master and of its agents', () => {
    const states = (['online', 'draining', 'unknown', 'deaf', 'offline'] as const).map((status) =>
      workerState(aWorker('m', { status })),
    )
    expect(states).toEqual(['ok', 'waiting', 'nodata', 'failed', 'failed'])
    const agent = {
      agentId: 'm/p1',
      workerId: 'm',
      kind: 'process',
      windowId: null,
      accountIdx: null,
    } as const
    const of = (status: 'idle' | 'busy' | 'error' | 'offline') =>
      agentState({ ...agent, status, currentTask: null, createdAt: 0 }, false)
    expect([of('idle'), of('busy'), of('error'), of('offline')]).toEqual(['ok', 'busy', 'failed', 'nodata'])
    expect(agentState({ ...agent, status: 'busy', currentTask: 't', createdAt: 0 }, true)).toBe('waiting')
  })
})

describe('link health', () => {
  const now = 1_000_000
  const health = (
    worker: Partial<Worker>,
    sample: { at: number; rttMs: number } | undefined,
    trusted = true,
  ) => linkHealth(aWorker('m', worker), sample, trusted, now)

  it('is ok with fresh samples and a short round trip', () => {
    expect(health({}, { at: now, rttMs: 1 })).toBe('ok')
    expect(health({}, { at: now, rttMs: slowRttMs + 1 })).toBe('slow')
  })

  it('is stale without fresh samples, for a deaf master, and while this wall is not live', () => {
    expect(health({}, { at: now - staleSampleMs - 1, rttMs: 1 })).toBe('stale')
    expect(health({ status: 'deaf' }, { at: now, rttMs: 1 })).toBe('stale')
    expect(health({}, { at: now, rttMs: 1 }, false)).toBe('stale')
  })

  it('is down for a master that is silent or offline, whatever else', () => {
    expect(health({ status: 'unknown' }, { at: now, rttMs: 1 })).toBe('down')
    expect(health({ status: 'offline' }, undefined, false)).toBe('down')
  })
})

it('offers only acts that can be done in the task’s phase', () => {
  expect(actsOn(aTask('t'))).toEqual(['cancel'])
  expect(actsOn(running('t'))).toEqual(['pause', 'cancel'])
  expect(actsOn(running('t', { phase: 'paused' }))).toEqual(['resume', 'cancel'])
  expect(actsOn(running('t', { phase: 'stopping' }))).toEqual(['cancel'])
  expect(actsOn(aTask('t', { status: 'failed', phase: 'exit' }))).toEqual(['retry'])
  expect(actsOn(aTask('t', { status: 'completed', phase: 'succeeded' }))).toEqual([])
})
