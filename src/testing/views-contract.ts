import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ConfigEvent } from '../core/config/config-event.js'
import { limits } from '../core/limits.js'
import { entityId } from '../core/state.js'
import type { ConfigFilter, Entity, TaskFilter, Views } from '../ports/store.js'
import {
  sampleAlert,
  sampleCluster,
  sampleCredential,
  sampleNode,
  sampleReceipt,
  sampleTask,
  sampleUplink,
} from './entity-samples.js'
import { sampleSchedule, sampleTemplate, sampleTrigger } from './plan-samples.js'

export interface ViewsHarness {
  readonly views: Views
  reopen(): Promise<ViewsHarness>
  close(): Promise<void>
}

const all = Number.POSITIVE_INFINITY
const newest = { throughSeq: Number.MAX_SAFE_INTEGER, beforeSeq: all, afterSeq: 0, limit: 100 }
const names = (entities: readonly Entity[]): string[] =>
  entities.map((entity) => `${entity.kind} ${entityId(entity)} ${entity.seq}`).sort()

/** What every Views keeps. */
export function viewsContract(name: string, open: () => Promise<ViewsHarness>): void {
  async function within(test: (harness: ViewsHarness) => Promise<ViewsHarness | undefined>) {
    let harness = await open()
    try {
      harness = (await test(harness)) ?? harness
    } finally {
      await harness.close()
    }
  }
  describe(`Views contract: ${name}`, () => {
    projectionContract(within)
    loadContract(within)
    listContract(within)
    keyContract(within)
    configContract(within)
  })
}

type Within = (test: (harness: ViewsHarness) => Promise<ViewsHarness | undefined>) => Promise<void>

function projectionContract(within: Within): void {
  it('[JN6] moves projectedSeq by compare-and-set, all or nothing', () =>
    within(async ({ views }) => {
      expect(await views.projectedSeq()).toBe(0)
      await views.project({ fromSeq: 0, toSeq: 5, entities: [sampleTask(1, 5)] })
      expect(await views.projectedSeq()).toBe(5)
      await expect(
        views.project({ fromSeq: 0, toSeq: 9, entities: [sampleTask(1, 9, { name: 'late' })] }),
      ).rejects.toThrow('not projected through 0')
      expect(await views.projectedSeq()).toBe(5)
      expect((await views.task('t1'))?.spec.name).toBe('task 1')
      return undefined
    }))

  it('keeps the newest version of an entity, whole', () =>
    within(async ({ views }) => {
      const task = sampleTask(1, 9, { name: 'größer', outcome: 'exit', idempotencyKey: 'k' })
      await views.project({ fromSeq: 0, toSeq: 5, entities: [sampleTask(1, 5)] })
      await views.project({ fromSeq: 5, toSeq: 9, entities: [task] })
      expect(await views.task('t1')).toEqual(task)
      expect(await views.task('t2')).toBeNull()
      return undefined
    }))

  it('survives a restart', () =>
    within(async (first) => {
      await first.views.project({ fromSeq: 0, toSeq: 5, entities: [sampleTask(1, 5)] })
      const second = await first.reopen()
      expect(await second.views.projectedSeq()).toBe(5)
      expect(await second.views.task('t1')).toEqual(sampleTask(1, 5))
      return second
    }))

  it('makes a keyframe only at the projected seq', () =>
    within(async ({ views }) => {
      expect(await views.newestKeyframeSeq()).toBe(0)
      await views.project({ fromSeq: 0, toSeq: 5, entities: [sampleTask(1, 5)] })
      await expect(views.keyframe(4, 1_000)).rejects.toThrow('not at the projected seq')
      await views.keyframe(5, 1_000)
      expect(await views.newestKeyframeSeq()).toBe(5)
      return undefined
    }))

  it('takes samples', () =>
    within(async ({ views }) => {
      const row = { nodeId: 'm1', cpu: 0.5, memory: 0.5, disk: 0.5, rxBytesPerS: 1, txBytesPerS: 1 }
      await views.writeSamples([])
      await expect(views.writeSamples([{ ...row, atMs: 20_000 }])).resolves.toBeUndefined()
      return undefined
    }))

  it('gives the load of one node, or of all together, in steps; one without samples is left out', () =>
    within(async ({ views }) => {
      const row = (nodeId: string, atMs: number, cpu: number) => ({
        nodeId,
        atMs,
        cpu,
        memory: cpu / 2,
        disk: 0.25,
        rxBytesPerS: 100 * cpu,
        txBytesPerS: 4,
      })
      await views.writeSamples([row('m1', 12_000, 0.5), row('m2', 15_000, 1), row('m1', 21_000, 0.25)])
      await views.writeSamples([row('m1', 58_000, 1), row('m1', 70_000, 0.125)])
      const span = { fromMs: 10_000, toMs: 70_000, stepMs: 20_000 }
      const all = await views.loadHistory({ ...span, nodeId: null })
      expect(all.map(({ atMs, nodes, cpuMax, memoryMax }) => [atMs, nodes, cpuMax, memoryMax])).toEqual([
        [10_000, 2, 1, 0.5],
        [50_000, 1, 1, 0.5],
      ])
      expect(all[0]?.cpu).toBeCloseTo(1.75 / 3)
      expect(all[0]?.rxBytesPerS).toBeCloseTo((175 / 3) * 2)
      expect(all[0]?.txBytesPerS).toBe(8)
      const one = await views.loadHistory({ ...span, nodeId: 'm1' })
      expect(one.map(({ atMs, nodes, cpu }) => [atMs, nodes, cpu])).toEqual([
        [10_000, 1, 0.375],
        [50_000, 1, 1],
      ])
      expect(await views.loadHistory({ ...span, nodeId: 'm3' })).toEqual([])
      return undefined
    }))
}

function configContract(within: Within): void {
  const limitSet = (seq: number, runsMax: number | null): ConfigEvent => ({
    seq,
    atMs: seq * 1_000,
    kind: 'limit',
    id: 'key:deploy',
    act: runsMax === null ? 'removed' : 'changed',
    by: 'admin',
    via: 'cli',
    projectId: null,
    patch: runsMax === null ? null : { runsMax },
  })
  const placed: ConfigEvent = { ...limitSet(4, null), kind: 'placement', id: 'placement', patch: { x: 1 } }
  const page = { beforeSeq: all, limit: 10 }
  const seqs = async (views: Views, filter: ConfigFilter, from = page): Promise<readonly number[]> =>
    (await views.configChanges(filter, from)).map(({ seq }) => seq)

  it('[CH1] [CH2] keeps changes of configuration with what was before, also over a restart', () =>
    within(async (first) => {
      const configEvents = [limitSet(1, 1), limitSet(2, 2)]
      await first.views.project({ fromSeq: 0, toSeq: 2, entities: [], configEvents })
      const second = await first.reopen()
      await second.views.project({ fromSeq: 2, toSeq: 3, entities: [], configEvents: [limitSet(3, null)] })
      const changes = await second.views.configChanges({}, page)
      expect(changes.map(({ seq, fields }) => [seq, fields])).toEqual([
        [3, [{ path: 'runsMax', before: 2, after: null }]],
        [2, [{ path: 'runsMax', before: 1, after: 2 }]],
        [1, [{ path: 'runsMax', before: null, after: 1 }]],
      ])
      expect(changes[2]).toMatchObject({
        kind: 'limit',
        id: 'key:deploy',
        by: 'admin',
        via: 'cli',
        atMs: 1_000,
      })
      return second
    }))

  it('[CH2] lists them by kind and time, newest first, in pages', () =>
    within(async ({ views }) => {
      const configEvents = [limitSet(1, 1), limitSet(2, 2), limitSet(3, 3), placed]
      await views.project({ fromSeq: 0, toSeq: 4, entities: [], configEvents })
      expect(await seqs(views, {})).toEqual([4, 3, 2, 1])
      expect(await seqs(views, { kind: 'limit' })).toEqual([3, 2, 1])
      expect(await seqs(views, { fromMs: 2_000, toMs: 4_000 })).toEqual([3, 2])
      expect(await seqs(views, {}, { beforeSeq: 3, limit: 1 })).toEqual([2])
      return undefined
    }))

  it('[CH2] writes none when the batch is refused', () =>
    within(async ({ views }) => {
      const batch = { fromSeq: 7, toSeq: 8, entities: [], configEvents: [limitSet(8, 1)] }
      await expect(views.project(batch)).rejects.toThrow('not projected through 7')
      expect(await seqs(views, {})).toEqual([])
      return undefined
    }))
}

function loadContract(within: Within): void {
  it('[TU9] loads what is open, the newest of what is over, and no task that is retired', () =>
    within(async ({ views }) => {
      const kept: Entity[] = [
        sampleCluster(40, 12),
        sampleNode('m1', 2),
        sampleUplink('m1', 31),
        sampleTask(3, 3),
        sampleTask(4, 13, { outcome: 'succeeded' }),
        sampleTask(6, 14, { outcome: 'cancelled' }),
        sampleAlert(20, 20, 'raised'),
        sampleAlert(21, 25, 'cleared'),
        sampleReceipt(22, 22, 'sent'),
        sampleReceipt(23, 26, 'done'),
        sampleCredential(24, 24, false),
        sampleSchedule(29, 30),
        sampleTemplate(31, 32),
        sampleTrigger(33, 34),
      ]
      const deletedPlans = [sampleSchedule(35, 36), sampleTemplate(35, 37), sampleTrigger(35, 38)].map(
        (plan) => ({
          ...plan,
          deleted: true,
        }),
      )
      const dropped = [
        sampleTask(5, 12, { outcome: 'exit' }),
        sampleCredential(27, 28, true),
        ...deletedPlans,
      ]
      await views.project({ fromSeq: 0, toSeq: 40, entities: [...kept, ...dropped] })
      expect(names(await views.load({ finishedMax: 10 }))).toEqual(names(kept))
      const two = await views.load({ finishedMax: 1 })
      expect(names(two.filter((entity) => entity.kind === 'task'))).toEqual(['task t3 3', 'task t6 14'])
      return undefined
    }))

  it('loads more than a page', () =>
    within(async ({ views }) => {
      const tasks = Array.from({ length: 1_234 }, (_, i) => sampleTask(i + 1, i + 1))
      await views.project({ fromSeq: 0, toSeq: 2_000, entities: tasks })
      expect(names(await views.load({ finishedMax: 10 }))).toEqual(names(tasks))
      return undefined
    }))

  it('forgets receipts and alerts that are over beyond the kept count', () =>
    within(async ({ views }) => {
      const count = limits.alertsClearedKept + 5
      const alerts = Array.from({ length: count }, (_, i) => sampleAlert(i + 1, i + 1, 'cleared'))
      await views.project({ fromSeq: 0, toSeq: count, entities: alerts })
      await views.keyframe(count, 1_000)
      expect(names(await views.load({ finishedMax: 1 }))).toEqual(names(alerts.slice(5)))
      return undefined
    }))
}

function listContract(within: Within): void {
  const finished = [
    sampleTask(1, 11, { outcome: 'succeeded', name: 'Build web', project: 'p1', nodeId: 'm1' }),
    sampleTask(2, 12, {
      outcome: 'exit',
      name: 'test core',
      project: 'p1',
      nodeId: 'm2',
      tags: ['slow', 'nightly'],
    }),
    sampleTask(3, 13, { outcome: 'cancelled', name: 'BUILD docs', project: 'p2', nodeId: 'm1' }),
    sampleTask(200_004, 200_014, {
      outcome: 'succeeded',
      name: '100% _done_',
      project: 'p2',
      nodeId: 'm2',
      tags: ['nightly'],
    }),
  ]
  const open = sampleTask(5, 15, { name: 'build later', tags: ['nightly'] })

  const cases: readonly [TaskFilter, readonly string[]][] = [
    [{}, ['t63a4', 't3', 't2', 't1']],
    [{ status: 'completed' }, ['t63a4', 't1']],
    [{ status: 'failed' }, ['t2']],
    [{ status: 'cancelled' }, ['t3']],
    [{ status: 'pending' }, []],
    [{ status: 'running' }, []],
    [{ workerId: 'm1' }, ['t3', 't1']],
    [{ project: 'p1' }, ['t2', 't1']],
    [{ phase: 'exit' }, ['t2']],
    [{ phase: 'queued' }, []],
    [{ tag: 'nightly' }, ['t63a4', 't2']],
    [{ tag: 'night' }, []],
    [{ tag: 'nightly', phase: 'succeeded', project: 'p2' }, ['t63a4']],
    [{ text: 'build' }, ['t3', 't1']],
    [{ text: 'T63A' }, ['t63a4']],
    [{ text: '%' }, ['t63a4']],
    [{ text: 'webt1' }, []],
    [{ fromMs: 2_000, toMs: 3_000 }, ['t2']],
    [{ workerId: 'm1', status: 'completed', text: 'web' }, ['t1']],
  ]
  it.each(cases)('lists and counts finished tasks, newest first: %j', (filter, expected) =>
    within(async ({ views }) => {
      await views.project({ fromSeq: 0, toSeq: 200_014, entities: [...finished, open] })
      const found = await views.listTasks(filter, newest)
      expect(found.map((task) => task.taskId)).toEqual(expected)
      expect(await views.countTasks(filter, newest.throughSeq)).toBe(expected.length)
      return undefined
    }),
  )

  it('[LT2] leaves out what changed later, what was born outside, and tasks that are opened again', () =>
    within(async ({ views }) => {
      const listed = async (page: Partial<typeof newest>): Promise<string[]> =>
        (await views.listTasks({}, { ...newest, ...page })).map((task) => task.taskId)
      await views.project({ fromSeq: 0, toSeq: 200_014, entities: finished })
      expect(await listed({ throughSeq: 12 })).toEqual(['t2', 't1'])
      expect(await views.countTasks({}, 12)).toBe(2)
      expect(await views.countTasks({ project: 'p1' }, 11)).toBe(1)
      expect(await views.countTasks({}, 0)).toBe(0)
      expect(await listed({ afterSeq: 1, beforeSeq: 200_004 })).toEqual(['t3', 't2'])
      expect(await listed({ afterSeq: 3, beforeSeq: 4 })).toEqual([])
      await views.project({ fromSeq: 200_014, toSeq: 200_020, entities: [sampleTask(2, 200_020)] })
      expect((await views.listTasks({}, newest)).map((task) => task.taskId)).toEqual(['t63a4', 't3', 't1'])
      return undefined
    }))

  it('pages by birth without a hole or a repeat', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 20 }),
        (births, limit) =>
          within(async ({ views }) => {
            const tasks = births.map((born) => sampleTask(born, born + 1, { outcome: 'succeeded' }))
            await views.project({ fromSeq: 0, toSeq: 2_000_000, entities: tasks })
            const seen: string[] = []
            let beforeSeq = Number.POSITIVE_INFINITY
            for (;;) {
              const page = await views.listTasks({}, { ...newest, beforeSeq, limit })
              seen.push(...page.map((task) => task.taskId))
              const last = page.at(-1)
              if (last === undefined || page.length < limit) break
              beforeSeq = Number.parseInt(last.taskId.slice(1), 32)
            }
            const expected = births.sort((a, b) => b - a).map((born) => `t${born.toString(32)}`)
            expect(seen).toEqual(expected)
            return undefined
          }),
      ),
      { numRuns: 10 },
    )
  })
}

function keyContract(within: Within): void {
  it('[ID2] finds retired tasks by client and key', () =>
    within(async ({ views }) => {
      const tasks = [
        sampleTask(1, 11, { outcome: 'succeeded', idempotencyKey: 'k', clientId: 'ann', completedAtMs: 500 }),
        sampleTask(2, 12, { outcome: 'succeeded', idempotencyKey: 'k', clientId: 'bob', completedAtMs: 900 }),
        sampleTask(3, 13, { outcome: 'succeeded', completedAtMs: 900 }),
        sampleTask(4, 30, { outcome: 'exit', idempotencyKey: 'late', completedAtMs: 900 }),
        sampleTask(5, 31, { idempotencyKey: 'open' }),
      ]
      await views.project({ fromSeq: 0, toSeq: 40, entities: tasks })
      expect((await views.taskByKey('ann', 'k'))?.taskId).toBe('t1')
      expect((await views.taskByKey('bob', 'k'))?.taskId).toBe('t2')
      expect(await views.taskByKey('eve', 'k')).toBeNull()
      const keysOf = async (sinceMs: number, throughSeq: number) => {
        const keys: { clientId: string; key: string }[] = []
        for await (const page of views.retiredKeys({ sinceMs, throughSeq })) keys.push(...page)
        return keys.map(({ clientId, key }) => `${clientId} ${key}`).sort()
      }
      expect(await keysOf(0, 20)).toEqual(['ann k', 'bob k'])
      expect(await keysOf(600, 20)).toEqual(['bob k'])
      // What retired is told by the caller: its log may be ahead of these rows.
      expect(await keysOf(0, 30)).toEqual(['ann k', 'ann late', 'bob k'])
      return undefined
    }))
}
