import { expect, it } from 'vitest'
import { sampleTask } from './entity-samples.js'
import { MemoryViews, ViewsDisk } from './memory-views.js'
import { type ViewsHarness, viewsContract } from './views-contract.js'

function harnessOn(disk: ViewsDisk): ViewsHarness {
  const views = new MemoryViews(disk)
  return {
    views,
    close: () => views.close(),
    reopen: async () => {
      await views.close()
      return harnessOn(disk)
    },
  }
}

viewsContract('memory', async () => harnessOn(new ViewsDisk()))

it('loses the newest projections in a crash, but none below the newest keyframe', async () => {
  const disk = new ViewsDisk()
  const views = new MemoryViews(disk)
  await views.project({ fromSeq: 0, toSeq: 1, entities: [sampleTask(1, 1)] })
  await views.keyframe(1)
  await views.project({ fromSeq: 1, toSeq: 2, entities: [sampleTask(2, 2)] })
  await views.project({ fromSeq: 2, toSeq: 3, entities: [sampleTask(3, 3)] })
  disk.crash(1)
  expect(await views.projectedSeq()).toBe(2)
  expect(await views.task('t3')).toBeNull()
  disk.crash(0)
  expect(await views.projectedSeq()).toBe(1)
  expect(await views.task('t1')).not.toBeNull()
})
