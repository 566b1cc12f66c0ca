import { describe, expect, it } from 'vitest'
import { ResumePoint } from './resume-point.js'

function pointAt(seqs: Readonly<Record<string, number>>): ResumePoint {
  const point = new ResumePoint()
  point.of('log')
  point.expect(Object.keys(seqs))
  for (const [topic, seq] of Object.entries(seqs)) point.pictured(topic, seq)
  return point
}

describe('ResumePoint', () => {
  it('is the lowest picture once every topic has had its own', () => {
    const point = new ResumePoint()
    point.of('log')
    point.expect(['tasks', 'nodes'])
    point.pictured('tasks', 7)
    expect(point.value).toBeNull()
    point.pictured('nodes', 5)
    expect(point.value).toEqual({ logId: 'log', seq: 5 })
  })

  it('waits for all four pictures when no topic was named', () => {
    const point = new ResumePoint()
    point.of('log')
    point.expect([])
    for (const topic of ['nodes', 'tasks', 'alerts', 'limits']) point.pictured(topic, 3)
    expect(point.value).toBeNull()
    point.pictured('logs', 4)
    expect(point.value?.seq).toBe(3)
  })

  it('goes on with frames, never back', () => {
    const point = pointAt({ tasks: 5 })
    point.reached(9)
    point.reached(8)
    expect(point.value?.seq).toBe(9)
  })

  it('stays where it was while a further topic owes its picture', () => {
    const point = pointAt({ tasks: 5 })
    point.expect(['alerts'])
    point.reached(9)
    expect(point.value).toBeNull()
    point.pictured('alerts', 8)
    expect(point.value?.seq).toBe(5)
  })

  it('forgets what a topic owed that is not followed any more', () => {
    const point = new ResumePoint()
    point.of('log')
    point.expect(['tasks', 'nodes'])
    point.pictured('tasks', 7)
    point.forget(['nodes'])
    expect(point.value?.seq).toBe(7)
  })

  it('means nothing in another log', () => {
    const point = pointAt({ tasks: 5 })
    point.of('restored')
    expect(point.value).toBeNull()
  })
})
