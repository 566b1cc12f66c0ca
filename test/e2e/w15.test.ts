import { existsSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Fleet } from './fleet.js'
import { poll } from './poll.js'
import { WallPeer } from './wall-peer.js'

let fleet: Fleet
beforeAll(async () => {
  fleet = await Fleet.start()
})
afterAll(async () => {
  await fleet.stop()
})

interface RunningTask {
  readonly taskId: string
  readonly phase: string
  readonly workerId: string
  readonly pid: number
}

it('[SL4] [WL9] a stall on master-1 reaches a wall; a cancel from the wall is executed by master-1 and the process is gone', async () => {
  const wall = await WallPeer.open(fleet.ready)
  const stallAfterMs = 2_000
  const taskId = await fleet.submit(['sh', '-c', 'echo working; exec sleep 600'], {
    requirements: { workerId: 'master-1' },
    stallAfterMs,
  })
  const started = await wall.until(
    'the run',
    ({ type, task }) =>
      type === 'TASK_UPDATE' &&
      (task as RunningTask).taskId === taskId &&
      (task as RunningTask).phase === 'running',
  )
  const startedAt = performance.now()
  const { pid, workerId } = started.task as RunningTask
  expect([workerId, existsSync(`/proc/${pid}`)]).toEqual(['master-1', true])

  const alert = await wall.until(
    'the alert',
    (message) => message.type === 'ALERT' && message.taskId === taskId,
  )
  expect(alert).toMatchObject({
    level: 'warning',
    kind: 'stall',
    state: 'raised',
    nodeId: 'master-1',
    message: expect.any(String),
  })
  expect(alert.evidence).toMatchObject({ lines: ['working'], processes: [{ pid }] })
  expect(performance.now() - startedAt).toBeLessThan(stallAfterMs + 1_500)

  wall.send({ type: 'COMMAND', requestId: 'w15', action: 'cancel', taskId })
  const final = await wall.until(
    'the final receipt',
    ({ type, requestId, receipt }) =>
      type === 'RECEIPT' &&
      requestId === 'w15' &&
      ['stopped', 'killed'].includes((receipt as { state: string }).state),
  )
  const { steps } = final.receipt as { steps: { state: string; at: number }[] }
  expect(steps.map(({ state }) => state)).toEqual(['sent', 'received', 'acting', 'stopped'])
  expect(steps.map(({ at }) => at)).toEqual(steps.map(({ at }) => at).sort((a, b) => a - b))
  expect(existsSync(`/proc/${pid}`)).toBe(false)
  await wall.until(
    'the all-clear',
    (message) => message.type === 'ALERT' && message.taskId === taskId && message.state === 'cleared',
  )
  const task = await poll('the end', async () => {
    const found = await fleet.json<RunningTask>(`/api/tasks/${taskId}`)
    return found.phase === 'cancelled' ? found : null
  })
  expect(task.workerId).toBe('master-1')
  wall.close()
})
