import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { receiptSchema, type Task } from '../../src/contract/task.js'
import { type Worker, workerSchema } from '../../src/contract/worker.js'
import { Fleet, JsonProcess } from './fleet.js'
import { poll } from './poll.js'
import { WallPeer } from './wall-peer.js'

let fleet: Fleet
beforeAll(async () => {
  fleet = await Fleet.start(['--masters', '2'])
})
afterAll(async () => {
  await fleet.stop()
})

const task = (taskId: string) => fleet.json<Task>(`/api/tasks/${taskId}`)
const worker = async (id: string) => workerSchema.parse(await fleet.json(`/api/workers/${id}`))
const until = (taskId: string, is: (shown: Task) => boolean) =>
  poll('the task', async () => {
    const shown = await task(taskId)
    return is(shown) ? shown : null
  })
const on = (workerId: string) => ({ requirements: { workerId } })
/** Runs until the file is there. */
const untilThere = (file: string) => `until [ -e '${file}' ]; do sleep 0.05; done`

it('[ND1] a cordoned master gets no new work; its own goes on; uncordon gives it work again', async () => {
  const stop = join(fleet.folder, 'stop-1')
  const running = await fleet.submit(untilThere(stop), on('master-1'))
  await until(running, ({ phase }) => phase === 'running')
  const cordoned = await fleet.post('/api/workers/master-1/cordon')
  expect(cordoned.status).toBe(200)
  expect(workerSchema.parse(await cordoned.json())).toMatchObject({
    status: 'online',
    schedulable: false,
    hold: { kind: 'cordoned', by: 'admin', deadline: null },
  })
  const ids = await Promise.all([1, 2, 3].map(() => fleet.submit(['true'])))
  const done = await Promise.all(ids.map((id) => until(id, ({ status }) => status === 'completed')))
  expect(done.map(({ workerId }) => workerId)).toEqual(['master-2', 'master-2', 'master-2'])
  expect((await task(running)).phase).toBe('running')
  writeFileSync(stop, '')
  await until(running, ({ status }) => status === 'completed')

  const waiting = await fleet.submit(['true'], on('master-1'))
  expect((await task(waiting)).phase).toBe('queued')
  const { code, stdout } = await fleet.cli(['uncordon', 'master-1', '--json'])
  expect([code, (JSON.parse(stdout) as Worker).schedulable]).toEqual([0, true])
  await until(waiting, ({ status }) => status === 'completed')
})

it('[ND2] drain --wait tells what is left, ends when nothing runs, and loses nothing; walls are told', async () => {
  const stop = join(fleet.folder, 'stop-2')
  const ids = await Promise.all([1, 2].map(() => fleet.submit(untilThere(stop), on('master-1'))))
  await Promise.all(ids.map((id) => until(id, ({ phase }) => phase === 'running')))
  const wall = await WallPeer.open(fleet.ready, ['nodes'])
  const drain = new JsonProcess(['drain', 'master-1', '--wait', '--json'], { AGENTFLOW_DATA: fleet.folder })
  const seen = (is: (node: Worker) => boolean) =>
    wall.until('the node', (message) => message.type === 'NODE_STATUS' && is(message.node as Worker))
  await seen(
    ({ workerId, status, schedulable }) => workerId === 'master-1' && status === 'draining' && !schedulable,
  )
  await poll('how much is left', () => (drain.stderr.includes('2 tasks run on master-1') ? true : null))
  const elsewhere = await fleet.submit(['true'])
  expect((await until(elsewhere, ({ status }) => status === 'completed')).workerId).toBe('master-2')
  expect(drain.child.exitCode).toBeNull()

  // It stays so when the leader and the master start again.
  process.kill(fleet.ready.pids.leader ?? 0, 'SIGKILL')
  await fleet.successor('leader', fleet.ready.pids.leader ?? 0)
  process.kill(fleet.ready.pids['master-1'] ?? 0, 'SIGKILL')
  await fleet.successor('master-1', fleet.ready.pids['master-1'] ?? 0)
  await poll('the master to be back', async () => {
    const { status } = await worker('master-1').catch(() => ({ status: '' }))
    return status === 'draining' ? true : null
  })
  expect((await worker('master-1')).hold?.kind).toBe('draining')

  writeFileSync(stop, '')
  expect(await drain.exited).toBe(0)
  const receipt = receiptSchema.parse(drain.lines[0])
  expect(receipt).toMatchObject({ taskId: null, action: 'drain', state: 'done' })
  expect((await Promise.all(ids.map(task))).map(({ phase, attempt }) => [phase, attempt])).toEqual([
    ['succeeded', 1],
    ['succeeded', 1],
  ])
  expect(await worker('master-1')).toMatchObject({
    status: 'draining',
    schedulable: false,
    busyAgents: 0,
    hold: { kind: 'drained' },
  })
  expect((await fleet.cli(['nodes'])).stdout).toMatch(/master-1 +drained/)
  wall.close()
  expect((await fleet.cli(['uncordon', 'master-1'])).stdout).toBe('Master master-1 gets work again.\n')
}, 60_000)

it('[ND3] a deadline stops what still runs and starts it again elsewhere, at no cost of an attempt', async () => {
  const [stop, first] = [join(fleet.folder, 'stop-3'), join(fleet.folder, 'first')]
  const script = `[ "$AGENTFLOW_ATTEMPT" = 2 ] || { echo $$ > '${first}'; exec sleep 100; }; ${untilThere(stop)}`
  await fleet.post('/api/workers/master-2/cordon')
  const taskId = await fleet.submit(script, { retry: { attemptsMax: 1 } })
  const before = await until(taskId, () => existsSync(first))
  expect(before.workerId).toBe('master-1')
  await fleet.post('/api/workers/master-2/uncordon')

  const { code, stdout } = await fleet.cli(['drain', 'master-1', '--wait', '--deadline', '500ms'])
  expect([code, stdout]).toEqual([0, expect.stringContaining('Master master-1 is drained')])
  const second = await until(taskId, ({ phase, attempt }) => attempt === 2 && phase === 'running')
  expect(second.workerId).toBe('master-2')
  expect(second.attempts).toMatchObject([{ attempt: 1, workerId: 'master-1', outcome: 'cancelled' }])
  writeFileSync(stop, '')
  expect(await until(taskId, ({ status }) => status === 'completed')).toMatchObject({ phase: 'succeeded' })
  await fleet.post('/api/workers/master-1/uncordon')
}, 30_000)

it('[ND4] acts on masters say what is wrong with them', async () => {
  const missing = await fleet.post('/api/workers/nobody/drain')
  expect([missing.status, await missing.json()]).toMatchObject([404, { error: { code: 'worker_not_found' } }])
  expect((await fleet.post('/api/workers/master-1/cordon', { deadlineMs: 5 })).status).toBe(400)
  expect((await fleet.post('/api/workers/master-1/drain', { deadlineMs: -1 })).status).toBe(400)
  expect((await fleet.cli(['drain', 'nobody', '--json'])).code).toBe(5)
})
