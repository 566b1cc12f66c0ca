import { MemoryWorkBodies, WorkBodiesDisk } from './memory-work-bodies.js'
import { type WorkBodiesHarness, workBodiesContract } from './work-bodies-contract.js'

function harnessOn(disk: WorkBodiesDisk): WorkBodiesHarness {
  const bodies = new MemoryWorkBodies(disk)
  return {
    bodies,
    close: async () => bodies.kill(),
    reopen: async () => {
      bodies.kill()
      return harnessOn(disk)
    },
  }
}

workBodiesContract('memory', async () => harnessOn(new WorkBodiesDisk()))
