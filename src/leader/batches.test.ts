import { describe, expect, it } from 'vitest'
import { toBatchItem } from '../contract/batch-items.js'
import type { Batch, Work } from '../contract/work.js'
import { fromUnknown } from '../core/errors.js'
import { limits } from '../core/limits.js'
import type { BatchItemRequest } from '../ports/control-plane.js'
import { admin, LeaderFixture } from '../testing/leader-fixture.js'

const named = (name: string, more: object = {}): BatchItemRequest =>
  toBatchItem({ type: 'command', name, payload: { command: ['true'] }, ...more })
const many = (count: number): BatchItemRequest[] =>
  Array.from({ length: count }, (_, place) => named(`item ${place}`))

class Fixture extends LeaderFixture {
  async batch(
    items: readonly BatchItemRequest[],
    options: { readonly atomic?: boolean; readonly merge?: boolean; readonly key?: string } = {},
  ) {
    const intake = this.leader.plane.batchIntake(admin)
    await intake.add(items)
    const { atomic = false, merge = false, key = null } = options
    const answer = intake.submit({ atomic, merge, bytes: 1, idempotencyKey: key })
    // A rejection is the caller's to see.
    answer.catch(() => undefined)
    return answer
  }

  async stand(batchId: string): Promise<Batch> {
    return JSON.parse(await this.leader.plane.batch(admin, batchId, 0)) as Batch
  }

  async names(): Promise<string[]> {
    const names: string[] = []
    let cursor: string | null = null
    do {
      const json: string = await this.leader.plane.tasks(admin, {}, { limit: limits.pageMax, cursor })
      const page = JSON.parse(json) as { tasks: { name: string }[]; nextCursor: string | null }
      names.push(...page.tasks.map((task) => task.name))
      cursor = page.nextCursor
    } while (cursor !== null)
    return names.reverse()
  }
}

const started = async (): Promise<Fixture> => {
  const fixture = new Fixture()
  await fixture.start()
  return fixture
}

describe('batches on the leader', () => {
  it('[WI2] an atomic one is answered with every task that it made', async () => {
    const fixture = await started()
    const { batchId, isNew } = await fixture.settled(() => fixture.batch(many(3), { atomic: true }))
    expect(isNew).toBe(true)
    const batch = await fixture.stand(batchId)
    expect(batch).toMatchObject({ state: 'done', created: 3, failed: [] })
    expect(batch.items?.map(({ index }) => index)).toEqual([0, 1, 2])
    expect(await fixture.names()).toEqual(['item 0', 'item 1', 'item 2'])
  })

  it('[WI15] an atomic one makes one task of equal items, and each of those that have a key of their own', async () => {
    const fixture = await started()
    const own = named('same', { idempotencyKey: 'mine' })
    const items = [named('same'), named('other'), named('same'), own, named('same', { priority: 9 })]
    const { batchId } = await fixture.settled(() => fixture.batch(items, { atomic: true, merge: true }))
    const batch = await fixture.stand(batchId)
    const [first, , third] = batch.items ?? []
    expect(batch).toMatchObject({ created: 4, existing: 1 })
    expect(third).toEqual({ index: 2, taskId: first?.taskId, created: false })
    expect(await fixture.names()).toEqual(['same', 'other', 'same', 'same'])
  })

  it('[WI15] merges equal items of a stored one over all its steps, and with no other batch', async () => {
    const fixture = await started()
    const items = [...many(300), ...many(300)]
    for (const round of [1, 2]) {
      const { batchId } = await fixture.settled(() => fixture.batch(items, { merge: true }))
      await fixture.rest()
      expect(await fixture.stand(batchId)).toMatchObject({ state: 'done', created: 300, existing: 300 })
      expect(await fixture.names()).toHaveLength(300 * round)
    }
  })

  it('[WI4] makes each item that can be, and counts the others', async () => {
    const fixture = await started()
    const items = [
      ...many(250),
      toBatchItem({ type: 'command' }),
      named('pinned', { requirements: { workerId: 'none' } }),
    ]
    const { batchId } = await fixture.settled(() => fixture.batch(items))
    await fixture.rest()
    expect(await fixture.stand(batchId)).toMatchObject({
      state: 'done',
      total: 252,
      seen: 252,
      created: 250,
      failedCount: 2,
      failed: [
        { index: 250, error: { code: 'invalid_request' } },
        { index: 251, error: { code: 'unprocessable' } },
      ],
    })
    expect(await fixture.names()).toEqual(Array.from({ length: 250 }, (_, place) => `item ${place}`))
    expect(fixture.disk.workBodies.bodies.size).toBe(0)
  })

  it('[WI3] goes on at its cursor under the next leader, without loss or repeat', async () => {
    const fixture = await started()
    fixture.delays.commitMs = 10
    const total = 5 * limits.workStepItems
    const answer = fixture.batch(many(total))
    await fixture.rest()
    for (let step = 0; step < 3; step += 1) await fixture.pass(10)
    const { batchId } = await answer
    const reading = fixture.stand(batchId)
    await fixture.pass(10)
    expect((await reading).state).toBe('running')
    let isUp = false
    void fixture.start().then(() => {
      isUp = true
    })
    while (!isUp) await fixture.pass(10)
    for (let step = 0; step < 12; step += 1) await fixture.pass(10)
    expect(await fixture.stand(batchId)).toMatchObject({ state: 'done', created: total, seen: total })
    expect(await fixture.names()).toEqual(Array.from({ length: total }, (_, place) => `item ${place}`))
    expect(fixture.disk.workBodies.bodies.size).toBe(0)
  })

  it('[WI10] others are answered while it goes on', async () => {
    const fixture = await started()
    fixture.delays.commitMs = 10
    const answer = fixture.batch(many(10 * limits.workStepItems))
    await fixture.rest()
    await fixture.pass(10)
    const { batchId } = await answer
    const submitting = fixture.submit({ name: 'in between' })
    await fixture.pass(10)
    await fixture.pass(10)
    await submitting
    const reading = fixture.stand(batchId)
    await fixture.pass(10)
    expect((await reading).state).toBe('running')
  })

  it('[WI5] the same key and items are the same batch; its items are not kept twice', async () => {
    const fixture = await started()
    const first = await fixture.settled(() => fixture.batch(many(2), { key: 'k' }))
    const again = await fixture.settled(() => fixture.batch(many(2), { key: 'k' }))
    expect(again).toEqual({ batchId: first.batchId, isNew: false })
    const other = await fixture.settled(() => fixture.batch(many(3), { key: 'k' }).catch(fromUnknown))
    expect(other).toMatchObject({ code: 'idempotency_conflict' })
    expect(await fixture.names()).toHaveLength(2)
    expect(fixture.disk.workBodies.bodies.size).toBe(0)
  })

  it('[WI1] drops items that belong to nothing when it starts', async () => {
    const fixture = await started()
    fixture.disk.workBodies.bodies.set('orphan', new Map([[0, '{}']]))
    await fixture.settled(() => fixture.start())
    expect(fixture.disk.workBodies.bodies.size).toBe(0)
  })

  it('[WI1] fails with a sentence when its items are lost', async () => {
    const fixture = await started()
    fixture.delays.commitMs = 10
    const answer = fixture.batch(many(10))
    await fixture.rest()
    fixture.disk.workBodies.bodies.clear()
    await fixture.pass(10)
    const { batchId } = await answer
    await fixture.pass(10)
    const batch = await fixture.stand(batchId)
    expect(batch.state).toBe('failed')
    expect(batch.detail).toContain('not in the store any more')
  })

  it('[WI8] of limits.batchIntakesMax the next has to wait, and one that is given up makes room', async () => {
    const fixture = await started()
    const intakes = Array.from({ length: limits.batchIntakesMax }, () =>
      fixture.leader.plane.batchIntake(admin),
    )
    expect(() => fixture.leader.plane.batchIntake(admin)).toThrow('are coming in')
    intakes[0]?.abandon()
    intakes[0]?.abandon()
    fixture.leader.plane.batchIntake(admin)
    expect(() => fixture.leader.plane.batchIntake(admin)).toThrow('are coming in')
  })

  it('[WI8] takes limits.batchItemsMax items and not one more, and keeps nothing of what it refused', async () => {
    const fixture = await started()
    const intake = fixture.leader.plane.batchIntake(admin)
    const piece = many(500)
    for (let taken = 0; taken < limits.batchItemsMax; taken += piece.length) await intake.add(piece)
    await expect(intake.add([named('one more')])).rejects.toThrow('at most')
    expect(fixture.disk.workBodies.bodies.size).toBe(1)
    intake.abandon()
    await fixture.rest()
    expect(fixture.disk.workBodies.bodies.size).toBe(0)
  })
})

describe('acts by filter on the leader', () => {
  const cancelAll = { name: 'start_acts', action: 'cancel', dryRun: false, idempotencyKey: null } as const

  it('[WI7] cancels what matches, and answers a wait when it is over', async () => {
    const fixture = await started()
    await fixture.settled(() => fixture.batch(many(300), { atomic: true }))
    const command = { ...cancelAll, filter: { text: 'item 1' } }
    const answer = await fixture.settled(() =>
      fixture.leader.plane.execute(admin, { command, projectId: 'default' }),
    )
    const workId = answer.kind === 'work' ? answer.workId : ''
    const json = await fixture.settled(() => fixture.leader.plane.work(admin, workId, 5_000))
    const work = JSON.parse(json) as Work
    expect(work).toMatchObject({
      state: 'done',
      kind: 'acts',
      matched: 111,
      done: 111,
      refused: 0,
      seen: 300,
    })
  })

  it('[WI6] stops where it is cancelled, and says how far it came', async () => {
    const fixture = await started()
    await fixture.settled(() => fixture.batch(many(500), { atomic: true }))
    fixture.delays.commitMs = 10
    const command = { ...cancelAll, filter: { status: 'pending' as const } }
    const asked = fixture.leader.plane.execute(admin, { command, projectId: 'default' })
    await fixture.rest()
    await fixture.pass(10)
    const answer = await asked
    const workId = answer.kind === 'work' ? answer.workId : ('' as never)
    const stopping = fixture.leader.plane.execute(admin, {
      command: { name: 'cancel_work', workId },
      projectId: 'default',
    })
    for (let step = 0; step < 5; step += 1) await fixture.pass(10)
    await stopping
    const work = JSON.parse(await fixture.leader.plane.work(admin, workId, 0)) as Work
    expect(work.state).toBe('cancelled')
    expect(work.done).toBeGreaterThan(0)
    expect(work.done).toBeLessThan(500)
  })
})
