import { expect, it } from 'vitest'
import { limits } from '../core/limits.js'
import type { SubmitOutcome } from '../ports/control-plane.js'
import { SubmitBacklog, type Waiting } from './submit-backlog.js'
import type { Submit } from './submit-codec.js'

const settled: string[] = []
const waiting = (key: string, taskJson = '{}'): Waiting => ({
  taskJson,
  idempotencyKey: key,
  dueMs: 0,
  settle: () => settled.push(key),
  isOver: false,
})
const done: SubmitOutcome = { ok: true, taskId: 't1', created: true }

/** What the next message holds; its bytes are as many as its items ask for. */
function next(backlog: SubmitBacklog, bytesEach = 10): readonly Submit[] | null {
  let sent: readonly Submit[] | null = null
  backlog.next((submits) => {
    sent = submits
    return new Uint8Array(submits.length * bytesEach)
  })
  return sent
}

it('[SB5] holds limits.submitterTasksMax tasks and refuses the one after', () => {
  const backlog = new SubmitBacklog()
  for (let n = 0; n < limits.submitterTasksMax; n += 1) expect(backlog.push(waiting('k'))).toBeNull()
  expect(backlog.push(waiting('k'))?.code).toBe('resource_exhausted')
})

it('[SB5] holds limits.submitterBytesMax bytes, and has room again when a result came', () => {
  const backlog = new SubmitBacklog()
  const large = 'x'.repeat(limits.requestBytesMax)
  let held = 0
  while (backlog.push(waiting('k', large)) === null) held += 1
  expect(held).toBe(Math.floor(limits.submitterBytesMax / (32 + 3 * (large.length + 1))))
  backlog.opened({ items: 1, bytes: limits.submitWindowBytes })
  expect(next(backlog)).toHaveLength(1)
  backlog.answered({ number: 1, outcome: done })
  expect(backlog.push(waiting('k', large))).toBeNull()
})

it('sends nothing without a window, and never more than it', () => {
  const backlog = new SubmitBacklog()
  for (let n = 1; n <= 5; n += 1) backlog.push(waiting(`k${n}`))
  expect(next(backlog)).toBeNull()
  backlog.opened({ items: 3, bytes: 1_000 })
  expect(next(backlog)?.map(({ number }) => number)).toEqual([1, 2, 3])
  expect(next(backlog)).toBeNull()
  expect(backlog.answered({ number: 2, outcome: done })).toBe(true)
  expect(backlog.answered({ number: 2, outcome: done })).toBe(false)
  expect(next(backlog)?.map(({ idempotencyKey }) => idempotencyKey)).toEqual(['k4'])
})

it('a message takes its room until the last of its results', () => {
  const backlog = new SubmitBacklog()
  for (let n = 1; n <= 4; n += 1) backlog.push(waiting(`k${n}`))
  backlog.opened({ items: 10, bytes: 90 })
  expect(next(backlog, 30)).toHaveLength(2)
  backlog.answered({ number: 1, outcome: done })
  expect(next(backlog, 20)).toBeNull()
  backlog.answered({ number: 2, outcome: done })
  expect(next(backlog, 20)).toHaveLength(2)
})

it('a message has at most limits.submitBatchItemsMax items', () => {
  const backlog = new SubmitBacklog()
  for (let n = 0; n <= limits.submitBatchItemsMax; n += 1) backlog.push(waiting('k'))
  backlog.opened({ items: limits.submitWindowItems, bytes: limits.submitWindowBytes })
  expect(next(backlog)).toHaveLength(limits.submitBatchItemsMax)
  expect(next(backlog)).toHaveLength(1)
})

it('[SB4] a cut puts what has no result back in front, but for what nobody waits for', () => {
  const backlog = new SubmitBacklog()
  const given = waiting('k2')
  for (const one of [waiting('k1'), given, waiting('k3'), waiting('k4')]) backlog.push(one)
  backlog.opened({ items: 3, bytes: 1_000 })
  next(backlog)
  given.isOver = true
  backlog.cut()
  expect(next(backlog)).toBeNull()
  backlog.opened({ items: 10, bytes: 1_000 })
  expect(next(backlog)?.map(({ idempotencyKey }) => idempotencyKey)).toEqual(['k1', 'k3', 'k4'])
})
