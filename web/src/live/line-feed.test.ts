import { beforeEach, expect, it } from 'vitest'
import { limits } from '../../../src/core/limits.js'
import { aLine } from './fixture.js'
import { LineFeed } from './line-feed.js'
import type { Line, LineQuery } from './protocol.js'

const any: LineQuery = { nodeId: null, taskId: null, level: null, text: '' }
let asked: string[]
let kept: readonly Line[]
let feed: LineFeed
/** Answers are promises; this lets them come. */
const settle = async () => {
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve()
}
const shown = (key: string) => {
  const delta = feed.take()?.[key]
  return delta === undefined ? null : [...delta.older, ...delta.newer].map((line) => line.n)
}

beforeEach(() => {
  asked = []
  kept = []
  feed = new LineFeed(
    async (path) => {
      asked.push(path)
      return { lines: kept, next: 0 }
    },
    () => {},
  )
})

it('starts with the snapshot and takes what was before it from the leader', async () => {
  feed.watch('log', any)
  expect(asked).toEqual([])
  kept = [aLine('t1', 1), aLine('t1', 2)]
  feed.restart(null, [aLine('t1', 2)])
  expect(shown('log')).toEqual([2])
  await settle()
  expect(asked).toEqual([`/api/logs?limit=${limits.linesPageMax}`])
  expect(shown('log')).toEqual([1])
})

it('asks anew when the filter of a followed stream changes, one level at a time', async () => {
  feed.watch('log', any)
  feed.restart(null, [])
  await settle()
  asked = []
  feed.watch('log', { ...any, nodeId: 'master-1', level: 'warning', text: 'a b' })
  const search = `limit=${limits.linesPageMax}&nodeId=master-1&text=a+b`
  expect(asked).toEqual([`/api/logs?${search}&level=warning`, `/api/logs?${search}&level=error`])
})

it('pages back in one task until its first line', async () => {
  const query = { ...any, taskId: 't1' }
  feed.watch('task', query)
  kept = [aLine('t1', 700)]
  feed.restart('t1', [aLine('t1', 700)])
  await settle()
  feed.take()
  asked = []
  kept = [aLine('t1', 200), aLine('t1', 699)]
  feed.askOlder('task')
  await settle()
  expect(asked).toEqual(['/api/tasks/t1/logs?after=199&limit=500'])
  expect(shown('task')).toEqual([200, 699])
  feed.askOlder('task')
  await settle()
  expect(asked.at(-1)).toBe('/api/tasks/t1/logs?after=0&limit=199')
  expect(feed.take()?.task?.complete).toBe(true)
  feed.askOlder('task')
  expect(asked).toHaveLength(2)
})

it('drops an answer that comes after its stream was asked anew', async () => {
  feed.watch('log', any)
  kept = [aLine('t1', 1)]
  feed.restart(null, [])
  feed.watch('log', { ...any, text: 'other' })
  kept = []
  await settle()
  expect(shown('log')).toEqual([])
})

it('follows a topic for each stream, and none that left', () => {
  feed.watch('log', any)
  feed.watch('task', { ...any, taskId: 't1' })
  expect([...feed.topics()]).toEqual(['logs', 'logs:t1'])
  feed.unwatch('log')
  expect([...feed.topics()]).toEqual(['logs:t1'])
})
