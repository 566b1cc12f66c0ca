import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ChatRecord, LineFilter, LineHead, LineRecord, StoredLine, Streams } from '../ports/streams.js'

export interface StreamsHarness {
  readonly streams: Streams
  reopen(): Promise<StreamsHarness>
  close(): Promise<void>
}

const line = (taskId: string, n: number, more: Partial<StoredLine> = {}): StoredLine => ({
  taskId,
  attempt: 1,
  fence: 10,
  n,
  atMs: n * 1_000,
  nodeId: 'm1',
  stream: 'out',
  level: 'info',
  text: `line ${n}`,
  ...more,
})
const lines = (taskId: string, from: number, count: number): StoredLine[] =>
  Array.from({ length: count }, (_, i) => line(taskId, from + i))
const head = (fence: number, stream: 'out' | 'err', offset: number, n: number): LineHead => ({
  taskId: 't1',
  fence,
  stream,
  offset,
  n,
})
const texts = (records: readonly LineRecord[]): string[] =>
  records.map((record) => ('gap' in record ? `gap ${record.gap.from}-${record.gap.to}` : record.text))

type Within = (test: (harness: StreamsHarness) => Promise<StreamsHarness | undefined>) => Promise<void>

/** What every Streams keeps. */
export function streamsContract(name: string, open: () => Promise<StreamsHarness>): void {
  async function within(test: (harness: StreamsHarness) => Promise<StreamsHarness | undefined>) {
    let harness = await open()
    try {
      harness = (await test(harness)) ?? harness
    } finally {
      await harness.close()
    }
  }
  describe(`Streams contract: ${name}`, () => {
    lineContract(within)
    recentContract(within)
    trimContract(within)
    chatContract(within)
  })
}

function lineContract(within: Within): void {
  it('[ST5] keeps lines, explicit gaps and the offsets they reach, through a restart', () =>
    within(async (first) => {
      const gap = { ...line('t1', 3), gap: { from: 20, to: 50, reason: 'spool over its limit' } }
      const { level: _level, text: _text, ...hole } = gap
      const batch = { lines: [line('t1', 1), line('t1', 2), hole], heads: [head(10, 'out', 50, 3)] }
      await first.streams.appendLines(batch)
      await first.streams.appendLines({ lines: [line('t1', 4)], heads: [head(10, 'out', 57, 4)] })
      const second = await first.reopen()
      const { streams } = second
      expect(await streams.taskLines('t1', 0, 100)).toEqual([...batch.lines, line('t1', 4)])
      expect(await streams.lastLineNumber('t1')).toBe(4)
      expect(await streams.lineHeads([10, 11])).toEqual([head(10, 'out', 57, 4)])
      expect(await streams.lineHeads([])).toEqual([])
      return second
    }))

  it('[ST5] stores a repeated batch once, and never moves an offset back', () =>
    within(async ({ streams }) => {
      const batch = { lines: lines('t1', 1, 3), heads: [head(10, 'out', 30, 3), head(10, 'err', 5, 3)] }
      await streams.appendLines(batch)
      await streams.appendLines({ lines: [line('t1', 4)], heads: [head(10, 'out', 40, 4)] })
      await streams.appendLines(batch)
      expect(texts(await streams.taskLines('t1', 0, 100))).toEqual(['line 1', 'line 2', 'line 3', 'line 4'])
      expect(await streams.lastLineNumber('t1')).toBe(4)
      expect(await streams.lineHeads([10])).toEqual([head(10, 'err', 5, 3), head(10, 'out', 40, 4)])
      return undefined
    }))

  it('moves an offset without a line', () =>
    within(async ({ streams }) => {
      await streams.appendLines({ lines: [], heads: [head(12, 'out', 3, 0)] })
      expect(await streams.lineHeads([12])).toEqual([head(12, 'out', 3, 0)])
      expect(await streams.lastLineNumber('t1')).toBe(0)
      return undefined
    }))

  it('pages the lines of one task', () =>
    within(async ({ streams }) => {
      await streams.appendLines({ lines: lines('t1', 1, 700), heads: [] })
      await streams.appendLines({ lines: lines('t2', 1, 5), heads: [] })
      const page = await streams.taskLines('t1', 100, 50)
      expect(page.map((record) => record.n)).toEqual(Array.from({ length: 50 }, (_, i) => 101 + i))
      expect(await streams.taskLines('t2', 5, 50)).toEqual([])
      expect(await streams.taskLines('t3', 0, 50)).toEqual([])
      return undefined
    }))
}

function recentContract(within: Within): void {
  const stored: LineRecord[] = [
    line('t1', 1, { nodeId: 'm1', level: 'info', text: 'Started', atMs: 1_000 }),
    line('t2', 1, { nodeId: 'm2', level: 'error', text: 'boom 100%', atMs: 2_000 }),
    line('t1', 2, { nodeId: 'm1', level: 'error', text: 'Boom again', atMs: 3_000 }),
    {
      taskId: 't2',
      attempt: 1,
      fence: 11,
      n: 2,
      atMs: 4_000,
      nodeId: 'm2',
      stream: 'err',
      gap: { from: 1, to: 2, reason: 'lost' },
    },
    line('t1', 3, { nodeId: 'm1', level: 'debug', text: 'done', atMs: 5_000 }),
  ]
  const cases: readonly [LineFilter, readonly string[]][] = [
    [{}, ['Started', 'boom 100%', 'Boom again', 'gap 1-2', 'done']],
    [{ nodeId: 'm2' }, ['boom 100%', 'gap 1-2']],
    [{ taskId: 't1' }, ['Started', 'Boom again', 'done']],
    [{ level: 'error' }, ['boom 100%', 'Boom again']],
    [{ text: 'BOOM' }, ['boom 100%', 'Boom again']],
    [{ text: '%' }, ['boom 100%']],
    [{ sinceMs: 3_000 }, ['Boom again', 'gap 1-2', 'done']],
    [{ sinceMs: 3_000, nodeId: 'm1', level: 'debug' }, ['done']],
    [{ levelFrom: 'warning' }, ['boom 100%', 'Boom again']],
    [{ levelFrom: 'debug' }, ['Started', 'boom 100%', 'Boom again', 'done']],
    [{ untilMs: 3_000 }, ['Started', 'boom 100%']],
    [{ sinceMs: 2_000, untilMs: 4_000 }, ['boom 100%', 'Boom again']],
    [{ text: 'nowhere' }, []],
  ]
  it.each(cases)('finds the newest lines over all tasks: %j', (filter, expected) =>
    within(async ({ streams }) => {
      await streams.appendLines({ lines: stored, heads: [] })
      const all = await streams.recentLines(filter, 100)
      expect(texts(all.lines)).toEqual(expected)
      expect(all.before).toBeNull()
      expect(texts((await streams.recentLines(filter, 1)).lines)).toEqual(expected.slice(-1))
      return undefined
    }),
  )

  it('pages to older lines, each once, over any number of pages', () =>
    within(async ({ streams }) => {
      await streams.appendLines({ lines: [...lines('t1', 1, 30), ...lines('t2', 1, 20)], heads: [] })
      const found: LineRecord[] = []
      let before: number | null | undefined
      for (let page = 0; page < 10 && before !== null; page += 1) {
        const read = await streams.recentLines({ taskId: 't1' }, 7, before)
        found.unshift(...read.lines)
        before = read.before
      }
      expect(before).toBeNull()
      expect(found.map((line) => line.n)).toEqual(Array.from({ length: 30 }, (_, index) => index + 1))
      return undefined
    }))

  it('finds one old line under many newer ones', () =>
    within(async ({ streams }) => {
      await streams.appendLines({ lines: [line('t1', 1, { text: 'needle' })], heads: [] })
      for (let from = 1; from < 40_000; from += 10_000) {
        await streams.appendLines({ lines: lines('t2', from, 10_000), heads: [] })
      }
      expect(texts((await streams.recentLines({ text: 'needle' }, 10)).lines)).toEqual(['needle'])
      expect((await streams.recentLines({ taskId: 't2' }, 1_200)).lines).toHaveLength(1_200)
      return undefined
    }))
}

function trimContract(within: Within): void {
  it('[ST5] drops the oldest lines over the total and leaves a gap in their place', () =>
    within(async (first) => {
      const { streams } = first
      await streams.appendLines({ lines: lines('t1', 1, 1_500), heads: [] })
      await streams.appendLines({ lines: lines('t2', 1, 1_000), heads: [] })
      expect(await streams.trimLines(2_500)).toBe(false)
      expect(await streams.trimLines(1_200)).toBe(true)
      while (await streams.trimLines(1_200));
      const page = await streams.taskLines('t1', 0, 3)
      expect(texts(page)).toEqual(['gap 1-1301', 'line 1301', 'line 1302'])
      expect(page[0]).toMatchObject({ n: 1_300, gap: { reason: 'trimmed' } })
      expect(texts(await streams.taskLines('t1', 1_000, 2))).toEqual(['gap 1001-1301', 'line 1301'])
      expect(texts(await streams.taskLines('t1', 1_300, 1))).toEqual(['line 1301'])
      expect(await streams.taskLines('t2', 0, 500)).toHaveLength(500)
      const second = await first.reopen()
      while (await second.streams.trimLines(0));
      expect(texts(await second.streams.taskLines('t1', 0, 3))).toEqual(['gap 1-1501'])
      expect(await second.streams.lastLineNumber('t1')).toBe(1_500)
      await second.streams.appendLines({ lines: [line('t1', 1_501)], heads: [] })
      expect(texts(await second.streams.taskLines('t1', 0, 3))).toEqual(['gap 1-1501', 'line 1501'])
      return second
    }))

  it('[ST5] reads each line once or as a gap, whatever was trimmed between the pages', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 0, max: 60 }),
        fc.integer({ min: 1, max: 40 }),
        (batches, kept, limit) =>
          within(async ({ streams }) => {
            let last = 0
            for (const count of batches) {
              await streams.appendLines({ lines: lines('t1', last + 1, count), heads: [] })
              last += count
            }
            const covered: number[] = []
            let after = 0
            for (let page = await streams.taskLines('t1', 0, limit); page.length > 0; ) {
              for (const record of page) covered.push(...coveredBy(record))
              after = page.at(-1)?.n ?? after
              while (await streams.trimLines(kept));
              page = await streams.taskLines('t1', after, limit)
            }
            expect(covered).toEqual(Array.from({ length: last }, (_, i) => i + 1))
            return undefined
          }),
      ),
      { numRuns: 15 },
    )
  }, 30_000)
}

function coveredBy(record: LineRecord): number[] {
  if (!('gap' in record)) return [record.n]
  const { from, to } = record.gap
  return Array.from({ length: to - from }, (_, i) => from + i)
}

function chatContract(within: Within): void {
  const turn = (messageId: string, role: ChatRecord['role'], context = 'p1:m1'): ChatRecord => ({
    context,
    conversationId: 'conv',
    messageId,
    requestId: role === 'user' ? null : 'r1',
    author: role === 'user' ? 'ann' : 'operator',
    atMs: 1_000,
    text: `${role} ${messageId} äöü`,
    role,
  })

  it('keeps the turns of a context in order, once each, for ever', () =>
    within(async (first) => {
      for (const id of ['a', 'b', 'c']) {
        await first.streams.appendChat(turn(id, 'user'))
        await first.streams.appendChat(turn(id, 'assistant'))
      }
      await first.streams.appendChat(turn('a', 'user'))
      await first.streams.appendChat(turn('a', 'user', 'p2:m1'))
      const second = await first.reopen()
      expect(await second.streams.chat('p1:m1', 3)).toEqual([
        turn('b', 'assistant'),
        turn('c', 'user'),
        turn('c', 'assistant'),
      ])
      expect(await second.streams.chat('p1:m1', 100)).toHaveLength(6)
      expect(await second.streams.chat('p2:m1', 100)).toEqual([turn('a', 'user', 'p2:m1')])
      return second
    }))
}
