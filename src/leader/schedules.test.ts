import { beforeEach, describe, expect, it } from 'vitest'
import { parseOrRefuse } from '../contract/catalogue.js'
import {
  type Schedule,
  type ScheduleBody,
  scheduleBodySchema,
  toScheduleDefinition,
} from '../contract/schedule.js'
import type { Task } from '../contract/task.js'
import { limits } from '../core/limits.js'
import { admin, LeaderFixture } from '../testing/leader-fixture.js'

const everyMinute = '* * * * *'
const minute = 60_000
/** 00:16:40, as a fixture's clock starts. */
const startMs = 1_000_000
/** The first minute after it. */
const firstSlotMs = 17 * minute

describe('schedules', () => {
  let fixture: LeaderFixture
  beforeEach(async () => {
    fixture = new LeaderFixture()
    await fixture.start()
  })

  const definitionOf = (body: Partial<ScheduleBody>) =>
    toScheduleDefinition(
      parseOrRefuse(
        scheduleBodySchema,
        {
          name: 'nightly',
          cron: everyMinute,
          task: { type: 'command', payload: { command: ['true'] } },
          ...body,
        },
        'schedule',
      ),
    )
  const execute = (command: Parameters<typeof fixture.leader.plane.execute>[1]['command']) =>
    fixture.settled(() => fixture.leader.plane.execute(admin, { command, projectId: 'default' }))
  const create = async (body: Partial<ScheduleBody> = {}) => {
    const answer = await execute({ name: 'create_schedule', definition: definitionOf(body) })
    return answer.kind === 'plan' ? answer.id : ''
  }
  const read = async (ref = 'nightly') =>
    JSON.parse(
      await fixture.settled(() => fixture.leader.plane.plan(admin, 'schedule', ref, 'default')),
    ) as Schedule
  /** Tasks, oldest first. */
  const tasks = async () => {
    const page = await fixture.settled(() =>
      fixture.leader.plane.tasks(admin, {}, { limit: 500, cursor: null }),
    )
    return (JSON.parse(page) as { tasks: Task[] }).tasks.reverse()
  }
  const firedSlots = async () => (await tasks()).map((task) => task.origin?.schedule?.slotMs)

  it('[SC1] fires each slot once, as a task that says where it comes from', async () => {
    const scheduleId = await create()
    expect(await read()).toMatchObject({ scheduleId, nextAtMs: firstSlotMs, paused: false })
    await fixture.pass(firstSlotMs - startMs - 1)
    expect(await tasks()).toEqual([])
    await fixture.pass(1)
    const [task] = await tasks()
    expect(task).toMatchObject({
      idempotencyKey: `slot:${firstSlotMs}`,
      origin: { schedule: { scheduleId, name: 'nightly', slotMs: firstSlotMs } },
    })
    for (let passed = 0; passed < 5; passed += 1) await fixture.pass(minute)
    expect(await firedSlots()).toEqual([0, 1, 2, 3, 4, 5].map((n) => firstSlotMs + n * minute))
    expect(await read()).toMatchObject({ lastTaskId: (await tasks()).at(-1)?.taskId })
  })

  it('[SC1] is taken up by the next leader, which fires no slot again', async () => {
    await create()
    await fixture.pass(firstSlotMs - startMs)
    await fixture.pass(minute)
    await fixture.start()
    await fixture.pass(minute)
    expect(await firedSlots()).toEqual([firstSlotMs, firstSlotMs + minute, firstSlotMs + 2 * minute])
  })

  it('[SC1] fires no slot again when the wall clock steps back over it, and is resumed there', async () => {
    await create()
    await fixture.pass(firstSlotMs - startMs)
    fixture.clock.stepWall(-10 * minute)
    await execute({ name: 'pause_schedule', ref: 'nightly' })
    await execute({ name: 'resume_schedule', ref: 'nightly' })
    expect((await read()).nextAtMs).toBe(firstSlotMs + minute)
    await fixture.pass(10 * minute)
    expect(await firedSlots()).toEqual([firstSlotMs])
    await fixture.pass(minute)
    expect(await firedSlots()).toEqual([firstSlotMs, firstSlotMs + minute])
  })

  it('fires soon after a forward step of the wall clock, which no timer notices', async () => {
    await create()
    fixture.clock.stepWall(firstSlotMs - startMs)
    await fixture.pass(limits.scheduleLookMs)
    expect(await firedSlots()).toEqual([firstSlotMs])
  })

  describe('[SC4] slots that passed without a leader', () => {
    /** Ten minutes down, back 30 s after a slot. */
    const away = async (catchUp: 'none' | 'one' | 'all', awayMs = 10 * minute + 10_000) => {
      await create({ catchUp })
      await fixture.leader.stop()
      fixture.clock.stepWall(awayMs)
      await fixture.start()
      await fixture.rest()
    }

    it('pass with none, also the newest, and the schedule says so', async () => {
      await away('none')
      expect(await tasks()).toEqual([])
      expect(await read()).toMatchObject({
        nextAtMs: startMs + 10 * minute + 30_000 - 10_000,
        lastSkip: { reason: expect.stringContaining('missed') },
      })
    })

    it('but one that is hardly late was not missed', async () => {
      await away('none', firstSlotMs - startMs + limits.scheduleLateMsMax)
      expect(await firedSlots()).toEqual([firstSlotMs])
    })

    it('are one with one, the newest', async () => {
      await away('one')
      expect(await firedSlots()).toEqual([firstSlotMs + 9 * minute])
    })

    it('are all with all, oldest first', async () => {
      await away('all')
      expect(await firedSlots()).toEqual(Array.from({ length: 10 }, (_, n) => firstSlotMs + n * minute))
    })

    it('are at most limits.scheduleCatchUpMax with all, the newest', async () => {
      const due = limits.scheduleCatchUpMax + 1
      await away('all', firstSlotMs - startMs + (due - 1) * minute)
      const slots = await firedSlots()
      expect(slots).toHaveLength(limits.scheduleCatchUpMax)
      expect([slots[0], slots.at(-1)]).toEqual([firstSlotMs + minute, firstSlotMs + (due - 1) * minute])
      await fixture.pass(minute)
      expect((await firedSlots()).at(-1)).toBe(firstSlotMs + due * minute)
    })
  })

  it('[SC3] refuses at once what can never fire', async () => {
    const refused = (body: Partial<ScheduleBody>, message: string) =>
      expect(create(body)).rejects.toMatchObject({
        code: 'unprocessable',
        message: expect.stringContaining(message),
      })
    await refused({ cron: 'whenever' }, 'such as "0 3 * * *"')
    await refused({ timeZone: 'Mars/Olympus' }, 'there is no time zone')
    await refused({ cron: '0 0 30 2 *' }, 'is never due')
    await refused({ task: { template: 'deploy' } }, 'there is no template "deploy"')
    await expect(create({ task: { type: 'command' } })).rejects.toMatchObject({ code: 'invalid_request' })
    await expect(
      create({ task: { type: 'command', payload: { command: ['true'] }, runAt: 1 } }),
    ).rejects.toMatchObject({ message: expect.stringContaining('task.runAt: may not be given here') })
  })

  it('[SC7] lets slots pass while it is paused', async () => {
    await create()
    await execute({ name: 'pause_schedule', ref: 'nightly' })
    await fixture.pass(3 * minute)
    await execute({ name: 'resume_schedule', ref: 'nightly' })
    await fixture.pass(minute)
    expect(await firedSlots()).toEqual([firstSlotMs + 3 * minute])
  })

  it('runs by hand, and tells its next times', async () => {
    await create()
    const command = { name: 'run_schedule', ref: 'nightly', idempotencyKey: 'k' } as const
    const first = await execute(command)
    expect([first, await execute(command)]).toMatchObject([{ created: true }, { created: false }])
    expect(await firedSlots()).toEqual([null])
    const about = {
      cron: '30 2 * * *',
      timeZone: 'Europe/Berlin',
      afterMs: Date.parse('2026-10-24T12:00Z'),
      count: 2,
    }
    const slots = await fixture.settled(() => fixture.leader.plane.slots(admin, about))
    expect(JSON.parse(slots)).toEqual({
      slots: [Date.parse('2026-10-25T00:30Z'), Date.parse('2026-10-26T01:30Z')],
    })
  })

  it('[SC9] is told to walls: the picture, each change, and its end', async () => {
    await create()
    const wall = await fixture.wall()
    await fixture.rest()
    const picture = wall.of('SNAPSHOT').find(({ topic }) => topic === 'schedules')
    expect(picture).toMatchObject({ items: [{ name: 'nightly' }], total: 1 })
    await fixture.pass(firstSlotMs - startMs)
    await execute({ name: 'delete_schedule', ref: 'nightly' })
    await fixture.pass(limits.wallFrameMsMax)
    expect(wall.of('SCHEDULE_UPDATE')).toMatchObject([
      { schedule: { lastSlotMs: firstSlotMs, nextAtMs: firstSlotMs + minute } },
      { schedule: { deleted: true } },
    ])
  })
})
