import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EncodedEvent, Group, Journal } from '../ports/store.js'

/** One journal and what a test does to the disk under it. */
export interface JournalHarness {
  readonly journal: Journal
  /** Closes it and opens it again. */
  reopen(): Promise<JournalHarness>
  /** The process dies here, as far as the disk can tell; opens what is left. */
  crash(): Promise<JournalHarness>
  close(): Promise<void>
}

/** `count` events from `firstSeq`, one a second unless `atMs` says otherwise. */
export function groupOf(
  term: number,
  firstSeq: number,
  count: number,
  text = 'x',
  atMs = (seq: number) => seq * 1_000,
): Group {
  const events: EncodedEvent[] = []
  for (let seq = firstSeq; seq < firstSeq + count; seq += 1) {
    events.push({ seq, atMs: atMs(seq), json: `${term}/${seq}/${text}` })
  }
  return { term, firstSeq, events }
}

/** What every Journal keeps. */
export function journalContract(name: string, open: () => Promise<JournalHarness>): void {
  describe(`Journal contract: ${name}`, () => {
    async function within(test: (harness: JournalHarness) => Promise<JournalHarness | undefined>) {
      let harness = await open()
      try {
        harness = (await test(harness)) ?? harness
      } finally {
        await harness.close()
      }
    }

    it('starts empty, with ids that survive', () =>
      within(async (first) => {
        const head = await first.journal.head()
        expect(head).toMatchObject({ term: 0, lastSeq: 0 })
        expect(head.logId).not.toBe('')
        expect(head.clusterId).not.toBe('')
        expect(await first.journal.firstSeq()).toBe(1)
        expect(await first.journal.read(0, 10)).toEqual([])
        const second = await first.reopen()
        expect(await second.journal.head()).toEqual(head)
        return second
      }))

    it('[JN3] raises the term and appends in one take-over', () =>
      within(async ({ journal }) => {
        expect(await journal.takeOver(groupOf(1, 1, 1), 0)).toEqual({ kind: 'committed', seq: 1 })
        expect(await journal.head()).toMatchObject({ term: 1, lastSeq: 1 })
        expect(await journal.takeOver(groupOf(5, 2, 2), 1)).toEqual({ kind: 'committed', seq: 3 })
        expect(await journal.head()).toMatchObject({ term: 5, lastSeq: 3 })
        return undefined
      }))

    it('[JN2] refuses a stale term, a stale head and a take-over from a stale term, writing nothing', () =>
      within(async ({ journal }) => {
        await journal.takeOver(groupOf(1, 1, 2), 0)
        await journal.takeOver(groupOf(2, 3, 1), 1)
        expect(await journal.append(groupOf(1, 4, 1))).toEqual({ kind: 'deposed' })
        expect(await journal.append(groupOf(2, 3, 1))).toEqual({ kind: 'deposed' })
        expect(await journal.append(groupOf(2, 5, 1))).toEqual({ kind: 'deposed' })
        expect(await journal.takeOver(groupOf(3, 4, 1), 1)).toEqual({ kind: 'deposed' })
        expect(await journal.head()).toMatchObject({ term: 2, lastSeq: 3 })
        expect((await journal.read(0, 10)).map((event) => event.seq)).toEqual([1, 2, 3])
        return undefined
      }))

    it('reads events after a seq in order, at most the limit, bytes untouched', () =>
      within(async ({ journal }) => {
        const group = groupOf(1, 1, 1_200, 'ü')
        await journal.takeOver(group, 0)
        const page = await journal.read(100, 1_000)
        expect(page).toHaveLength(1_000)
        expect(page[0]?.seq).toBe(101)
        expect(page.at(-1)?.seq).toBe(1_100)
        const last = (await journal.read(1_199, 1_000)).at(-1)
        expect(last?.atMs).toBe(1_200_000)
        expect(last?.json).toBe('1/1200/ü')
        return undefined
      }))

    it('[JN4] keeps what was committed through a crash', () =>
      within(async (first) => {
        await first.journal.takeOver(groupOf(1, 1, 3), 0)
        await first.journal.append(groupOf(1, 4, 2))
        const second = await first.crash()
        expect(await second.journal.head()).toMatchObject({ term: 1, lastSeq: 5 })
        expect(await second.journal.read(0, 10)).toHaveLength(5)
        return second
      }))

    it('[JN7] deletes the oldest events over age, a step at a time, and none at or above beforeSeq', () =>
      within(async ({ journal }) => {
        await journal.takeOver(groupOf(1, 1, 2_500), 0)
        const options = { beforeSeq: 2_401, olderThanMs: 2_300_000, bytesMax: 1024 ** 3 }
        expect(await journal.retain(options)).toBe(true)
        expect(await journal.firstSeq()).toBe(1_001)
        while (await journal.retain(options));
        expect(await journal.firstSeq()).toBe(2_300)
        while (await journal.retain({ ...options, olderThanMs: 9_000_000 }));
        expect(await journal.firstSeq()).toBe(2_401)
        expect((await journal.read(0, 1))[0]?.seq).toBe(2_401)
        expect(await journal.append(groupOf(1, 2_501, 1))).toEqual({ kind: 'committed', seq: 2_501 })
        return undefined
      }))

    it('[JN7] deletes the oldest events when the log is over its size', () =>
      within(async ({ journal }) => {
        await journal.takeOver(groupOf(1, 1, 3_000, 'x'.repeat(1_000)), 0)
        const options = { beforeSeq: 3_001, olderThanMs: 0, bytesMax: 2 * 1024 * 1024 }
        while (await journal.retain(options));
        const firstSeq = await journal.firstSeq()
        expect(firstSeq).toBeGreaterThan(700)
        expect(firstSeq).toBeLessThan(2_500)
        return undefined
      }))

    it('goes on counting when retention has emptied it', () =>
      within(async (first) => {
        await first.journal.takeOver(groupOf(1, 1, 5), 0)
        while (await first.journal.retain({ beforeSeq: 6, olderThanMs: 9_000_000, bytesMax: 0 }));
        const second = await first.reopen()
        expect(await second.journal.firstSeq()).toBe(6)
        expect(await second.journal.append(groupOf(1, 6, 1))).toEqual({ kind: 'committed', seq: 6 })
        return second
      }))

    it('[JN1] [JN2] holds exactly what was committed over any mix of appends, take-overs and crashes', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) =>
          within((harness) => follow(harness, steps)),
        ),
        { numRuns: 25 },
      )
    }, 30_000)
  })
}

type Step =
  | { readonly kind: 'append'; readonly count: number }
  | { readonly kind: 'takeOver'; readonly count: number }
  | { readonly kind: 'stale'; readonly by: number }
  | { readonly kind: 'crash' }
  | { readonly kind: 'reopen' }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('append' as const), count: fc.integer({ min: 1, max: 40 }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('takeOver' as const), count: fc.constant(1) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('stale' as const), by: fc.integer({ min: -2, max: 2 }) }),
  },
  { weight: 1, arbitrary: fc.constantFrom({ kind: 'crash' as const }, { kind: 'reopen' as const }) },
)

/** Some events of a group share their time, as those of a turn do, and some do not. */
const inPairs = (seq: number): number => seq - (seq % 2)

/** Does the steps on the journal and on a plain list, and compares. */
async function follow(first: JournalHarness, steps: readonly Step[]): Promise<JournalHarness> {
  let harness = first
  let term = 0
  const committed: EncodedEvent[] = []
  for (const next of steps) {
    const firstSeq = committed.length + 1
    if (next.kind === 'crash') harness = await harness.crash()
    else if (next.kind === 'reopen') harness = await harness.reopen()
    else if (next.kind === 'stale') {
      const group = groupOf(next.by === 0 ? term + 1 : term, firstSeq + next.by, 1)
      expect(await harness.journal.append(group)).toEqual({ kind: 'deposed' })
    } else {
      const group = groupOf(next.kind === 'append' ? term : term + 1, firstSeq, next.count, 'x', inPairs)
      const outcome = await (next.kind === 'append'
        ? harness.journal.append(group)
        : harness.journal.takeOver(group, term))
      expect(outcome).toEqual({ kind: 'committed', seq: firstSeq + next.count - 1 })
      term = group.term
      committed.push(...group.events)
    }
    expect(await harness.journal.head()).toMatchObject({ term, lastSeq: committed.length })
  }
  const read = await harness.journal.read(0, committed.length + 1)
  expect(read).toEqual(committed)
  const middle = Math.floor(committed.length / 2)
  expect(await harness.journal.read(middle, 3)).toEqual(committed.slice(middle, middle + 3))
  return harness
}
