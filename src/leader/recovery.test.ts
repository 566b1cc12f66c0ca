import { expect, it } from 'vitest'
import { utf8Text } from '../adapters/text/utf8-text.js'
import { asTaskId, seqOf } from '../core/ids.js'
import { limits } from '../core/limits.js'
import { endOf, Rules } from '../testing/core-fixture.js'
import { ManualClock } from '../testing/manual-clock.js'
import { JournalDisk, MemoryJournal } from '../testing/memory-journal.js'
import { MemoryViews, ViewsDisk } from '../testing/memory-views.js'
import { silentLog } from '../testing/silent-log.js'
import { recover } from './recovery.js'

/** A log of `count` events whose views hold as many finished tasks, none of them retired. */
async function setUp(count: number) {
  const rules = new Rules()
  rules.join('master-1')
  const taskId = rules.submit()
  rules.ended(taskId, endOf('succeeded'))
  const { cluster } = rules.state
  if (cluster === null) throw new Error('no term was started')
  const disk = new JournalDisk({ clusterId: 'c', logId: 'l' })
  const events = Array.from({ length: count }, (_, n) => ({ seq: n + 1, atMs: 1, json: '{}' }))
  await new MemoryJournal(disk).takeOver({ term: 1, firstSeq: 1, events }, 0)
  const views = new MemoryViews(new ViewsDisk())
  const tasks = events.map(({ seq }) => ({
    ...rules.task(taskId),
    taskId: asTaskId(`t${seq.toString(32)}`),
    seq: seqOf(seq),
  }))
  await views.project({ fromSeq: 0, toSeq: count, entities: [cluster, ...tasks] })
  const options = { views, clock: new ManualClock(), text: utf8Text, log: silentLog, leaderId: 'leader-1' }
  return { disk, options }
}

it('[TU9] loads every finished task that has not retired', async () => {
  const count = limits.tasksFinishedKept + limits.tasksRetireSlack + 500
  const { disk, options } = await setUp(count)
  const { state } = await recover({ journal: new MemoryJournal(disk), ...options })
  expect(state.index.counts.completed).toBe(count)
  expect(state.index.finishedTasks.size).toBe(count)
})

it('says in one sentence that the views are behind what the journal still has', async () => {
  const { disk, options } = await setUp(10)
  disk.firstSeq = 12
  disk.events.length = 0
  await expect(recover({ journal: new MemoryJournal(disk), ...options })).rejects.toMatchObject({
    code: 'unprocessable',
    message: expect.stringContaining('restore views.db'),
  })
})
