import { expect, it } from 'vitest'
import { groupOf, type JournalHarness, journalContract } from './journal-contract.js'
import { JournalDisk, MemoryJournal } from './memory-journal.js'
import { SimClock } from './simulator/sim-clock.js'

const newDisk = () => new JournalDisk({ clusterId: 'c', logId: 'l' })

function harnessOn(disk: JournalDisk): JournalHarness {
  const journal = new MemoryJournal(disk)
  return {
    journal,
    close: () => journal.close(),
    reopen: async () => {
      await journal.close()
      return harnessOn(disk)
    },
    crash: async () => {
      journal.kill()
      disk.crash(0)
      return harnessOn(disk)
    },
  }
}

journalContract('memory', async () => harnessOn(newDisk()))

const slow = { writeMs: 1, syncMs: 5, replyMs: 1, outcome: 'ok' } as const

it('loses what is written and not synced, and has acked none of it', async () => {
  const disk = newDisk()
  const clock = new SimClock(0)
  const journal = new MemoryJournal(disk, { clock, fate: () => slow })
  const outcomes: unknown[] = []
  void journal.takeOver(groupOf(1, 1, 2), 0).then((outcome) => outcomes.push(outcome))
  await clock.advance(3)
  expect(disk.lastSeq).toBe(2)
  journal.kill()
  disk.crash(0)
  await clock.advance(100)
  expect(outcomes).toEqual([])
  expect(await new MemoryJournal(disk).head()).toMatchObject({ term: 0, lastSeq: 0 })
})

it('keeps what is synced though nobody was told', async () => {
  const disk = newDisk()
  const clock = new SimClock(0)
  const journal = new MemoryJournal(disk, { clock, fate: () => ({ ...slow, outcome: 'unknown' }) })
  const told = journal.takeOver(groupOf(1, 1, 2), 0).catch((error: Error) => error.message)
  await clock.advance(7)
  expect(await told).toBe('the disk failed')
  disk.crash(0)
  expect(await new MemoryJournal(disk).head()).toMatchObject({ term: 1, lastSeq: 2 })
})

it('writes nothing on a full disk or a failed write', async () => {
  const disk = newDisk()
  const clock = new SimClock(0)
  const fates = [
    { ...slow, outcome: 'full' },
    { ...slow, outcome: 'failed' },
  ] as const
  let call = 0
  const journal = new MemoryJournal(disk, {
    clock,
    fate: () => {
      call += 1
      return fates[call - 1] ?? slow
    },
  })
  const full = journal.takeOver(groupOf(1, 1, 2), 0)
  await clock.advance(7)
  expect(await full).toEqual({ kind: 'full' })
  expect(journal.spaceLow).toBe(true)
  const failed = journal.takeOver(groupOf(1, 1, 2), 0).catch((error: Error) => error.message)
  await clock.advance(7)
  expect(await failed).toBe('the disk failed')
  expect(disk.lastSeq).toBe(0)
})
