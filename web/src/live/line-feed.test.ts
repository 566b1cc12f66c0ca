import { beforeEach, expect, it } from 'vitest'
import { limits } from '../../../src/core/limits.js'
import { aLine } from './fixture.js'
import { LineFeed } from './line-feed.js'
import { everyLine, type Line } from './protocol.js'

const any = everyLine
let asked: string[]
let kept: readonly Line[]
let cursor: string | null
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
  cursor = null
  feed = new LineFeed(
    async (path) => {
      asked.push(path)
      return { lines: kept, next: 0, nextCursor: cursor }
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

it('asks anew when the filter of a followed stream changes', async () => {
  feed.watch('log', any)
  feed.restart(null, [])
  await settle()
  asked = []
  const filter = { nodeId: 'master-1', level: 'warning', text: 'a b', sinceMs: 5, untilMs: 9 } as const
  feed.watch('log', { ...any, ...filter })
  expect(asked).toEqual([
    `/api/logs?limit=${limits.linesPageMax}&nodeId=master-1&levelFrom=warning&text=a+b&since=5&until=9`,
  ])
})

it('pages back over all tasks by the leader’s cursor until nothing older is left', async () => {
  feed.watch('log', any)
  kept = [aLine('t1', 7), aLine('t2', 1)]
  cursor = '40'
  feed.restart(null, [])
  await settle()
  expect(feed.take()?.log?.complete).toBe(false)
  kept = [aLine('t1', 5), aLine('t1', 6)]
  cursor = null
  feed.askOlder('log')
  await settle()
  expect(asked.at(-1)).toBe(`/api/logs?limit=${limits.linesPageMax}&cursor=40`)
  const delta = feed.take()?.log
  expect([delta?.older.map((line) => line.n), delta?.complete]).toEqual([[5, 6], true])
  feed.askOlder('log')
  expect(asked).toHaveLength(2)
})

it('shows lines of its time only', () => {
  feed.watch('log', { ...any, sinceMs: aLine('t1', 2).at, untilMs: aLine('t1', 3).at })
  feed.restart(null, [aLine('t1', 1), aLine('t1', 2), aLine('t1', 3)])
  expect(shown('log')).toEqual([2])
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
