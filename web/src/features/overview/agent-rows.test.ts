import { expect, it } from 'vitest'
import type { Agent } from '../../../../src/contract/worker.js'
import { aWorker, running } from '../../live/fixture.js'
import { agentRows } from './agent-rows.js'

const agent = (agentId: string, status: Agent['status'], currentTask: string | null = null): Agent => ({
  agentId,
  workerId: 'm',
  kind: 'process',
  windowId: null,
  accountIdx: null,
  status,
  currentTask,
  createdAt: 0,
})

it('[WV7] the strip shows who needs a human first, then what is not known, failed, busy, idle; the rest is counted', () => {
  const stall = { kind: 'silent' as const, since: 5, lines: [] }
  const tasks = {
    t1: running('t1', { startedAt: 9 }),
    t2: running('t2', { stall }),
    t3: running('t3', { phase: 'unknown' }),
    t4: running('t4', { startedAt: 3 }),
  }
  const worker = aWorker('m', {
    agents: [
      agent('idle', 'idle'),
      agent('busy', 'busy', 't1'),
      agent('broken', 'error'),
      agent('stalled', 'busy', 't2'),
      agent('lost', 'busy', 't3'),
      agent('longer', 'busy', 't4'),
      agent('gone', 'offline'),
    ],
  })
  const ids = (max: number) => agentRows([worker], tasks, max).shown.map((row) => row.agent.agentId)
  expect(ids(9)).toEqual(['stalled', 'lost', 'broken', 'longer', 'busy', 'idle', 'gone'])
  const cut = agentRows([worker], tasks, 3)
  expect(cut.shown.map(({ state }) => state)).toEqual(['waiting', 'nodata', 'failed'])
  expect(cut.hidden).toEqual({ busy: 2, idle: 1, other: 1 })
})
