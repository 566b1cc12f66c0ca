import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ReplayBook } from '../../web/src/live/replay-book.js'
import { topicKinds, topicOfKind } from '../../web/src/live/replay-views.js'
import type { NextFailure, ReplayEvents, ReplayLine, ReplayRange } from '../contract/replay.js'
import { limits } from '../core/limits.js'
import { BusyLeader } from '../testing/busy-leader.js'
import { admin } from '../testing/leader-fixture.js'
import { Seeded } from '../testing/simulator/seeded.js'
import { idNames, type RecordedTopic, WallRecorder } from '../testing/wall-recorder.js'
import { callTool } from '../tools/registry.js'

const seed = Number(process.env.SEED ?? 1)
const instants = 50
/** Finished tasks beyond which some leave memory. */
const churned = limits.wallSnapshotTasksMax - 500
const manyTasks = limits.tasksFinishedKept + limits.tasksRetireSlack + 500

const busy = new BusyLeader(callTool)
const wall = new WallRecorder()
/** Times of the log, by seq. */
const times = new Map<number, number>()

const submit = async (name: string, more: object = {}): Promise<string> => {
  const task = { type: 'command', name, payload: { command: ['true'] }, ...more }
  return (await busy.tool<{ taskId: string }>('submit_task', task)).taskId
}
const statusOf = async (taskId: string): Promise<string> =>
  (await busy.tool<{ status: string }>('get_task', { taskId })).status
const control = (taskId: string, action: string) => busy.tool('control_task', { taskId, action })

/** Many tasks, which bulk acts cancel, so that the oldest retire; never more at a time than a picture has. */
async function churn(): Promise<void> {
  for (let from = 0; from < manyTasks; from += churned) {
    const items = Array.from({ length: churned }, () => ({
      ...{ type: 'command', name: 'many', tags: ['many'], payload: { command: ['true'] } },
      requirements: { labels: { nobody: 'has it' } },
    }))
    const { batchId } = await busy.tool<{ batchId: string }>('submit_batch', { items })
    await busy.leader.plane.batch(admin, batchId, limits.waitMsMax)
    const filter = { tag: 'many', status: 'pending' }
    const { workId } = await busy.tool<{ workId: string }>('act_on_tasks', { action: 'cancel', filter })
    await busy.leader.plane.work(admin, workId, limits.waitMsMax)
  }
}

/** Work of all kinds: tasks that succeed, fail, are retried, held, stalled and cancelled; limits and plans that come and go. */
async function bustle(random: Seeded, rounds: number): Promise<void> {
  const held: string[] = []
  for (let round = 0; round < rounds; round += 1) {
    await submit(random.pick(['ok', 'ok', 'fail', 'lost']), {
      project: random.pick(['a', 'b']),
      retry: { attemptsMax: 1 },
    })
    if (random.chance(0.4)) held.push(await submit('hold', { concurrencyKey: 'few' }))
    if (random.chance(0.2))
      await submit('ok', { dependsOn: [await submit('fail', { retry: { attemptsMax: 1 } })] })
    if (random.chance(0.3))
      await busy.tool('set_limit', { scope: 'key', value: random.pick(['few', 'two']), runsMax: 3 })
    if (random.chance(0.1)) await busy.tool('delete_limit', { limitId: 'key:two' }).catch(() => undefined)
    if (random.chance(0.1))
      await control(await submit('fail', { retry: { attemptsMax: 1 } }), 'retry').catch(() => undefined)
    const oldest = held[0]
    if (oldest === undefined || !random.chance(0.4) || (await statusOf(oldest)) !== 'running') continue
    const master = [...busy.masters.values()].find((one) => one.runs(oldest))
    if (random.chance(0.5)) master?.stall(oldest)
    await control(oldest, random.pick(['pause', 'cancel']))
    held.shift()
  }
}

/** A schedule, a template and a trigger, of which one goes again. */
async function plan(): Promise<void> {
  const task = { type: 'command', name: 'ok', payload: { command: ['true'] } }
  await busy.tool('create_schedule', { name: 'each-second', cron: '* * * * * *', task })
  await busy.tool('create_template', { name: 'mould', task: { ...task, name: 'ok' } })
  await busy.tool('create_trigger', {
    ...{ name: 'after-failures', on: 'task_finished', condition: 'task.phase == "lost"', task },
  })
  await busy.tool('create_template', { name: 'gone-soon', task })
  await busy.tool('delete_template', { ref: 'gone-soon' })
}

async function readTimes(): Promise<void> {
  const { journal } = busy.store
  let page = await journal.read(0, limits.pageMax)
  while (page.length > 0) {
    for (const { seq, atMs } of page) times.set(seq, atMs)
    page = await journal.read(page.at(-1)?.seq ?? 0, limits.pageMax)
  }
}

beforeAll(async () => {
  const random = new Seeded(seed)
  await busy.start()
  wall.join(busy.leader)
  busy.join('master-1', 4)
  busy.join('master-2', 3)
  await plan()
  await bustle(random, 40)
  await churn()
  await bustle(random, 40)
  await busy.stop()
  await busy.start()
  wall.join(busy.leader)
  await bustle(random, 40)
  busy.masters.get('master-2')?.cut()
  await bustle(random, 20)
  const { seq } = await busy.tool<{ seq: number }>('stats', {})
  await wall.reached(seq)
  await readTimes()
}, 120_000)
afterAll(async () => {
  await busy.stop()
  busy.remove()
})

async function picture(atMs: number): Promise<readonly ReplayLine[]> {
  let text = ''
  for await (const part of await busy.leader.plane.replay(admin, atMs)) text += part
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as ReplayLine)
}

async function bookAt(atMs: number): Promise<ReplayBook> {
  const book = new ReplayBook()
  book.begin(await picture(atMs))
  return book
}

/** Instants of the recorded wall that an address can name: the next event is of a later time. */
function named(): readonly number[] {
  const last = Math.max(...times.keys())
  return wall.instants.filter((seq) => seq < last && (times.get(seq + 1) ?? 0) > (times.get(seq) ?? 0))
}

/** Without samples, and without the reasons of those that wait: both live beside the entities. */
function plain(topic: RecordedTopic, view: object): object {
  if (topic === 'nodes') return { ...view, metrics: null, rttMs: null, lastSeenAt: 0 }
  if (topic === 'tasks') return { ...view, leaseUntil: null, waitReason: null }
  return view
}
const idOf = (view: object): string => {
  const found = Object.entries(view).find(([key]) => idKeys.has(key))
  return String(found?.[1])
}
const idKeys: ReadonlySet<string> = new Set(Object.values(idNames))

/** Says what differs; a comparison of thousands that are equal must not take a test's time. */
function expectEqual(
  topic: RecordedTopic,
  shown: readonly object[],
  recorded: ReadonlyMap<string, object>,
): void {
  for (const view of shown) {
    const [mine, other] = [plain(topic, view), plain(topic, recorded.get(idOf(view)) ?? {})]
    if (!isDeepStrictEqual(mine, other)) expect(mine, `${topic} ${idOf(view)}`).toEqual(other)
  }
}

function expectSame(book: ReplayBook, seq: number): void {
  for (const kind of topicKinds) {
    const topic = topicOfKind[kind]
    const shown = book.items(kind)
    const recorded = wall.at(topic, seq)
    expectEqual(topic, shown, recorded)
    const ids = new Set(shown.map(idOf))
    const missing = [...recorded].filter(([id]) => !ids.has(id))
    if (kind !== 'task' || recorded.size < limits.wallSnapshotTasksMax) {
      expect(missing, `${topic} at ${seq}`).toEqual([])
      continue
    }
    // Of so many tasks it does not show all: what is missing is over, and the newest are there.
    expect(missing.filter(([, view]) => !isOver(view))).toEqual([])
    expect(shown.length).toBeGreaterThanOrEqual(limits.wallSnapshotTasksMax)
  }
}
/** What both show is the same, and what only one shows of tasks is over: pictures of many tasks are cut. */
function expectAlike(one: ReplayBook, other: ReplayBook): void {
  for (const kind of topicKinds) {
    const topic = topicOfKind[kind]
    const views = new Map(one.items(kind).map((view) => [idOf(view), view]))
    const shared = other
      .items(kind)
      .filter((view) => kind !== 'task' || views.has(idOf(view)) || !isOver(view))
    expectEqual(topic, shared, views)
    const open = (items: Iterable<object>): number => [...items].filter((view) => !isOver(view)).length
    expect(open(views.values()), topic).toBe(open(other.items(kind)))
  }
}
const waitsForNothing = (view: object): boolean =>
  'phase' in view && view.phase === 'queued' && 'waitReason' in view && view.waitReason === null
const isOver = (view: object): boolean => 'completedAt' in view && view.completedAt !== null

describe('time travel', () => {
  it(`[TT1] at ${instants} random instants the folded wall is what the live wall held, seed ${seed}`, async () => {
    const random = new Seeded(seed + 1)
    const seqs = named()
    expect(seqs.length).toBeGreaterThan(instants)
    for (let n = 0; n < instants; n += 1) {
      const seq = seqs[random.int(0, seqs.length - 1)] ?? 0
      const book = await bookAt(times.get(seq) ?? 0)
      expectSame(book, seq)
      book.explain()
      expect(book.items('task').filter(waitsForNothing)).toEqual([])
    }
  }, 60_000)

  it('[TT2] events fold on from a picture, forwards and back, to what a new picture shows', async () => {
    const random = new Seeded(seed + 2)
    const last = Math.max(...times.keys())
    const book = new ReplayBook()
    book.begin(await picture(times.get(last - 2_000) ?? 0))
    const goTo = async (atMs: number): Promise<void> => {
      while (book.lacksFor(atMs) === 'later') {
        const json = await busy.leader.plane.replayEvents(admin, book.throughSeq, 100)
        book.append(JSON.parse(json) as ReplayEvents)
      }
      expect(book.lacksFor(atMs)).toBe('nothing')
      book.moveTo(atMs)
      expectAlike(book, await bookAt(atMs))
    }
    for (let n = 0; n < 30; n += 1) await goTo(times.get(last - random.int(0, 1_999)) ?? 0)
  })

  it('[TT3] a picture is cut as a first picture of a live wall is, and says how many tasks there were', async () => {
    const { fromMs, toMs, nowMs, logId } = JSON.parse(
      await busy.leader.plane.replayRange(admin),
    ) as ReplayRange
    expect([fromMs, logId]).toEqual([times.get(1), busy.leader.logId])
    expect(nowMs).toBeGreaterThanOrEqual(toMs)
    const lines = await picture(toMs)
    const [first] = lines
    if (first === undefined || !('head' in first)) throw new Error('no head')
    const tasks = lines
      .flatMap((line) => ('entities' in line ? line.entities : []))
      .filter(({ kind }) => kind === 'task')
    expect(first.head.tasks).toBeGreaterThan(limits.tasksFinishedKept)
    expect(tasks.length).toBeGreaterThanOrEqual(limits.wallSnapshotTasksMax)
    expect(tasks.length).toBeLessThan(limits.wallSnapshotTasksMax + limits.replayBehindEvents)
    expect(JSON.stringify(lines)).not.toContain('credential')
    expect(lines.at(-1)).toEqual({ end: true })
  })

  it('[TT4] an instant before the log, or in the future, is refused with the nearest one', async () => {
    const [firstMs, futureMs] = [times.get(1) ?? 0, Date.now() + 60_000]
    const nearest = async (atMs: number): Promise<number> => {
      const refused = await busy.leader.plane.replay(admin, atMs).catch((thrown: unknown) => thrown)
      expect(refused).toMatchObject({ code: 'not_retained' })
      return (refused as { details: { nearestMs: number } }).details.nearestMs
    }
    expect(await nearest(firstMs - 1)).toBe(firstMs)
    const nowMs = await nearest(futureMs)
    expect(nowMs).toBeLessThan(futureMs)
    expect((await picture(nowMs)).length).toBeGreaterThan(1)
    expect((await picture(firstMs)).length).toBeGreaterThan(1)
  })

  it('[TT5] finds the next failure, and none after the last', async () => {
    const { failure } = JSON.parse(
      await busy.leader.plane.nextFailure(admin, (times.get(1) ?? 0) - 1),
    ) as NextFailure
    if (failure === null) throw new Error('none is found')
    expect(failure.kind).toBe('task')
    expect(times.get(failure.seq)).toBe(failure.atMs)
    expect((await busy.tool<{ status: string }>('get_task', { taskId: failure.id })).status).toMatch(
      /failed|pending|running|completed/,
    )
    expect(JSON.parse(await busy.leader.plane.nextFailure(admin, Date.now()))).toEqual({ failure: null })
  })
})
