import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { limits } from '../../core/limits.js'
import type { StoredLine } from '../../ports/streams.js'
import { callHere } from '../../testing/call-here.js'
import { type StreamsHarness, streamsContract } from '../../testing/streams-contract.js'
import { SqliteStreams } from './streams.js'
import { openStreamsThread, type StreamsCalls } from './streams-thread.js'

let root: string
let opened = 0
const noBallast = { free: () => undefined }
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'agentflow-streams-'))
})
afterAll(() => {
  rmSync(root, { recursive: true, force: true })
})

const newPath = (): string => {
  opened += 1
  return join(root, `streams-${opened}.db`)
}

async function harnessAt(path: string): Promise<StreamsHarness> {
  const streams = new SqliteStreams(callHere<StreamsCalls>(await openStreamsThread(path)), noBallast)
  return {
    streams,
    close: () => streams.close(),
    reopen: async () => {
      await streams.close()
      return harnessAt(path)
    },
  }
}

streamsContract('sqlite', () => harnessAt(newPath()))

it('[ST5] cuts a single task at its limit', async () => {
  const { streams, close } = await harnessAt(newPath())
  const batchOf = (from: number, count: number): StoredLine[] =>
    Array.from({ length: count }, (_, i) => ({
      taskId: 't1',
      attempt: 1,
      fence: 10,
      n: from + i,
      atMs: 1,
      nodeId: 'm1',
      stream: 'out',
      level: 'info',
      text: '',
    }))
  const step = 10_000
  for (let from = 1; from <= limits.linesPerTaskMax; from += step) {
    await streams.appendLines({ lines: batchOf(from, step), heads: [] })
  }
  expect((await streams.taskLines('t1', 0, 1))[0]).toMatchObject({ n: 1, text: '' })
  await streams.appendLines({ lines: batchOf(limits.linesPerTaskMax + 1, 1), heads: [] })
  const [gap, first] = await streams.taskLines('t1', 0, 2)
  expect(gap).toMatchObject({ gap: { from: 1, reason: 'trimmed' } })
  expect(first?.n).toBe((gap?.n ?? 0) + 1)
  expect(limits.linesPerTaskMax + 1 - (gap?.n ?? 0)).toBeLessThanOrEqual(limits.linesPerTaskMax)
  while (await streams.trimLines(50));
  expect((await streams.recentLines({}, 100)).lines).toHaveLength(50)
  await close()
}, 60_000)
