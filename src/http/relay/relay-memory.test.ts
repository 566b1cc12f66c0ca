import { beforeEach, describe, expect, it } from 'vitest'
import type { ServerMessage } from '../../contract/socket.js'
import { limits } from '../../core/limits.js'
import { aLine, aTask, aWorker } from '../../testing/wall-samples.js'
import { RelayMemory } from './relay-memory.js'

let memory: RelayMemory
beforeEach(() => {
  memory = new RelayMemory()
  memory.take({ type: 'AUTH_OK', logId: 'log', term: 3, seq: 4, user: 'a', role: 'viewer' })
})

const picture = (topic: string, items: readonly object[], seq: number, more: object = {}): ServerMessage =>
  ({ type: 'SNAPSHOT', topic, logId: 'log', term: 3, seq, items, ...more }) as ServerMessage
const names = () => memory.tasks.values().map(({ taskId, name }) => [taskId, name])

describe('what a master remembers of what its walls were told', () => {
  it('[OW7] is the newest version of each, from pictures and frames in any order', () => {
    memory.take(picture('tasks', [aTask('t1', { name: 'a' }), aTask('t2', { name: 'b' })], 5))
    memory.take({
      type: 'FRAME',
      from: 5,
      to: 9,
      messages: [{ type: 'TASK_UPDATE', task: aTask('t1', { name: 'newer' }), seq: 8 }],
    })
    memory.take({ type: 'TASK_UPDATE', task: aTask('t1', { name: 'late' }), seq: 7 })
    expect(names()).toEqual([
      ['t1', 'newer'],
      ['t2', 'b'],
    ])
    expect([memory.seq, memory.term]).toEqual([9, 3])
    expect(memory.covers({ logId: 'log', seq: 9 })).toBe(true)
    expect(memory.covers({ logId: 'log', seq: 10 })).toBe(false)
    expect(memory.covers({ logId: 'other', seq: 1 })).toBe(false)
  })

  it('[OW7] what a whole picture lacks is gone, a resumed one and that of one task say nothing of the rest', () => {
    memory.take(picture('tasks', [aTask('t1'), aTask('t2')], 5))
    memory.take(picture('tasks', [aTask('t3')], 6, { resumed: true }))
    memory.take(picture('tasks:t4', [aTask('t4')], 7))
    expect(names().map(([taskId]) => taskId)).toEqual(['t1', 't2', 't3', 't4'])
    memory.take(picture('tasks', [aTask('t2')], 8))
    expect(names().map(([taskId]) => taskId)).toEqual(['t2'])
  })

  it('[OW7] another log clears it', () => {
    memory.take(picture('tasks', [aTask('t1')], 5))
    memory.take({ type: 'LOG', lines: [aLine('t1', 1)] })
    memory.take({ type: 'AUTH_OK', logId: 'other', term: 4, seq: 1, user: 'a', role: 'viewer' })
    expect([names(), memory.lines, memory.seq]).toEqual([[], [], 1])
  })

  it('takes samples into the master they are of', () => {
    memory.take(picture('nodes', [aWorker('m1')], 5))
    const metrics = { cpu: 0.5, memory: 0.1, disk: 0.2, networkRxBytesPerS: 1, networkTxBytesPerS: 2, at: 77 }
    memory.take({ type: 'METRICS', nodes: [{ workerId: 'm1', rttMs: 3, ...metrics }] })
    expect(memory.workers.get('m1')).toMatchObject({ rttMs: 3, metrics, lastSeenAt: 77 })
  })

  it('[OW8] forgets finished tasks before others, and the oldest lines, beyond its limits', () => {
    const done = aTask('done', { status: 'completed', phase: 'succeeded' })
    const open = Array.from({ length: limits.relayTasksMax }, (_, index) => aTask(`t${index}`))
    memory.take(picture('tasks', [open[0] ?? done, done, ...open.slice(1)], 5))
    expect(memory.tasks.values()).toHaveLength(limits.relayTasksMax)
    expect(memory.tasks.get('done')).toBeUndefined()
    memory.take({ type: 'TASK_UPDATE', task: aTask('more'), seq: 6 })
    expect(memory.tasks.get('t0')).toBeUndefined()
    expect(memory.tasks.get('more')).toBeDefined()
    const lines = Array.from({ length: limits.relayLinesMax + 1 }, (_, index) => aLine('t1', index + 1))
    memory.take({ type: 'LOG', lines })
    expect([memory.lines.length, memory.lines[0]?.n]).toEqual([limits.relayLinesMax, 2])
  })
})
