import { expect, it } from 'vitest'
import type { NumberedUpdate } from '../../ports/node-link.js'
import { OutboxMemory } from './outbox-memory.js'

const update = (uplinkSeq: number): NumberedUpdate => ({
  kind: 'durable',
  incarnation: 7,
  uplinkSeq,
  atMs: 1,
  update: { kind: 'receipt', commandId: 'c1', state: 'received', detail: '' },
})

it('takes updates up to its limit, and again as many as were acked', () => {
  const outbox = new OutboxMemory(2 * 256)
  outbox.put(update(1))
  outbox.put(update(2))
  expect(() => outbox.put(update(3))).toThrow('The outbox holds 512 un-acked bytes already.')
  outbox.acked(7, 1)
  outbox.put(update(3))
  expect(() => outbox.put(update(4))).toThrow('un-acked')
  outbox.acked(7, 3)
  outbox.put(update(4))
  outbox.put(update(5))
  expect(outbox.backlog()).toEqual([])
})
