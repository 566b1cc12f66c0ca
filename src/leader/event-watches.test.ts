import { expect, it } from 'vitest'
import type { EncodedEvent, Journal } from '../ports/store.js'
import { EventWatches } from './event-watches.js'
import { Gate } from './gate.js'

const event = (seq: number): EncodedEvent => ({ seq, atMs: 0, json: '{}' })

function setUp(readable: { first: number; last: number }) {
  const gate = new Gate()
  const journal: Pick<Journal, 'firstSeq' | 'read'> = {
    firstSeq: async () => readable.first,
    read: async (afterSeq) => {
      const from = Math.max(readable.first, afterSeq + 1)
      return Array.from({ length: Math.max(0, readable.last + 1 - from) }, (_, n) => event(from + n)).slice(
        0,
        2,
      )
    },
  }
  const watches = new EventWatches({ journal: journal as Journal, gate })
  const seqs: number[] = []
  const end = new AbortController()
  const watch = (afterSeq: number, onEvent: (seq: number) => void = () => undefined) =>
    watches.watch(
      afterSeq,
      (seq) => {
        seqs.push(seq)
        onEvent(seq)
      },
      end.signal,
    )
  return { gate, watches, seqs, watch, end }
}

it('tells each event once, also one that the journal gave before the gate did', async () => {
  const { gate, watches, seqs, watch, end } = setUp({ first: 1, last: 4 })
  gate.open(3)
  const watching = watch(0)
  await new Promise((resolve) => setImmediate(resolve))
  expect(seqs).toEqual([1, 2, 3, 4])
  watches.committed([event(4), event(5)])
  expect(seqs).toEqual([1, 2, 3, 4, 5])
  end.abort()
  await watching
})

it('ends a watch that retention overtook, instead of leaving a hole', async () => {
  const readable = { first: 1, last: 8 }
  const { gate, seqs, watch } = setUp(readable)
  gate.open(8)
  const watching = watch(0, (seq) => {
    if (seq === 2) readable.first = 6
  })
  await expect(watching).rejects.toMatchObject({
    code: 'unprocessable',
    details: { firstSeq: 6, lastSeq: 8 },
  })
  expect(seqs).toEqual([1, 2])
})
