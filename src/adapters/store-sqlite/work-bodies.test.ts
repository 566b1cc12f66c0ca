import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { callHere } from '../../testing/call-here.js'
import { type WorkBodiesHarness, workBodiesContract } from '../../testing/work-bodies-contract.js'
import { openStreamsThread, type StreamsCalls } from './streams-thread.js'
import { SqliteWorkBodies } from './work-bodies.js'

let root: string
let opened = 0
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'agentflow-bodies-'))
})
afterAll(() => {
  rmSync(root, { recursive: true, force: true })
})

async function harnessAt(path: string): Promise<WorkBodiesHarness> {
  const thread = callHere<StreamsCalls>(await openStreamsThread(path))
  const bodies = new SqliteWorkBodies(thread, { free: () => undefined })
  const close = async (): Promise<void> => {
    bodies.close()
    await thread.close()
  }
  return {
    bodies,
    close,
    reopen: async () => {
      await close()
      return harnessAt(path)
    },
  }
}

workBodiesContract('sqlite', () => {
  opened += 1
  return harnessAt(join(root, `streams-${opened}.db`))
})
