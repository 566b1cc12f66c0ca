import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { createClient } from '../../src/client/index.js'
import { receiptSchema, type Task } from '../../src/contract/task.js'
import { wardenPid } from '../chaos/warden-pid.js'
import { Fleet, JsonProcess, temporaryFolder } from './fleet.js'
import { faultDelay, poll } from './poll.js'

const fleets: Fleet[] = []
const processes: JsonProcess[] = []
afterEach(async () => {
  for (const process of processes.splice(0)) await process.stop('SIGTERM')
  for (const fleet of fleets.splice(0)) await fleet.stop()
})

async function start(...args: string[]): Promise<Fleet> {
  const fleet = await Fleet.start(['--masters', '1', ...args])
  fleets.push(fleet)
  return fleet
}

interface Page {
  readonly lines: readonly { readonly text?: string; readonly gap?: unknown }[]
  readonly next: number | null
}

/** Every line of a task as the leader has it; a gap is `null`. */
async function linesOf(fleet: Fleet, taskId: string): Promise<(string | null)[]> {
  const { lines } = await fleet.json<Page>(`/api/tasks/${taskId}/logs?limit=500`)
  return lines.map(({ text }) => text ?? null)
}

const task = (fleet: Fleet, taskId: string): Promise<Task> => fleet.json<Task>(`/api/tasks/${taskId}`)

const inPhase = (fleet: Fleet, taskId: string, ...phases: string[]): Promise<Task> =>
  poll(
    `${taskId} to be ${phases.join(' or ')}`,
    async () => {
      const now = await task(fleet, taskId)
      return phases.includes(now.phase) ? now : null
    },
    { everyMs: 20 },
  )

/** State letter of a process; null when it is gone. */
function stateOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const state = stat.charAt(stat.lastIndexOf(')') + 2)
    return state === 'Z' || state === 'X' ? null : state
  } catch {
    return null
  }
}

function wardenOf(fleet: Fleet, master = 'master-1'): number {
  const folder = join(fleet.folder, 'masters', master)
  const pid = wardenPid(folder)
  if (pid === null) throw new Error(`no warden for ${folder}`)
  return pid
}

const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => String(from + index))

const fileLines = (path: string): string[] =>
  existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : []

/** Counts to `last`, into its output and into a file, and leaves a result. */
const counter = (file: string, last: number): string =>
  `n=0; while [ $n -lt ${last} ]; do n=$((n+1)); echo $n; echo $n >> '${file}'; sleep 0.05; done; echo '{"counted":${last}}' > $AGENTFLOW_RESULT_FILE`

/** What the log has about a task, in order. */
async function eventsOf(fleet: Fleet, taskId: string): Promise<string[]> {
  const client = createClient({ url: fleet.ready.api, token: fleet.ready.token })
  const { seq } = await client.stats()
  const types: string[] = []
  for await (const event of client.events({ afterSeq: 0, signal: AbortSignal.timeout(10_000) })) {
    if (event.entity.kind === 'task' && event.entity.id === taskId) types.push(event.type)
    if (event.seq >= seq) break
  }
  return types
}

describe('a master that dies', () => {
  it('[WD1] [ST12] restarts no task: the same processes go on, output has no hole and no repeat, one end is reported', async () => {
    const fleet = await start()
    const file = join(fleet.folder, 'counted')
    const ids = [
      await fleet.submit(counter(file, 100)),
      await fleet.submit(counter(`${file}-2`, 100)),
      await fleet.submit('trap "" TERM; echo asleep; sleep 300 & wait; wait', { stallAfterMs: 0 }),
    ] as const
    const before = await Promise.all(ids.map((id) => inPhase(fleet, id, 'running')))
    await fleet.post(`/api/tasks/${ids[2]}/pause?wait=5000`)
    await poll('some lines', () => (fileLines(file).length >= 20 ? true : null), { everyMs: 10 })
    const warden = wardenOf(fleet)
    const killed = Number(fleet.ready.pids['master-1'])
    process.kill(killed, 'SIGKILL')
    await fleet.successor('master-1', killed)
    const startedMs = performance.now()
    await poll('the tasks to be known again', async () => {
      const { status } = await fleet.json<{ status: string }>('/api/workers/master-1')
      return status === 'online' ? true : null
    })
    const after = await Promise.all(ids.map((id) => inPhase(fleet, id, 'running', 'paused')))
    expect(performance.now() - startedMs).toBeLessThan(2_000)
    expect(wardenOf(fleet)).toBe(warden)
    expect(after.map(({ pid, fence, attempt, phase }) => [pid, fence, attempt, phase])).toEqual(
      before.map(({ pid, fence, attempt, phase }, index) => [
        pid,
        fence,
        attempt,
        index === 2 ? 'paused' : phase,
      ]),
    )
    const paused = Number(before[2]?.pid)
    expect(stateOf(paused)).toBe('T')
    await fleet.post(`/api/tasks/${ids[2]}/resume?wait=5000`)
    expect(stateOf(paused)).not.toBe('T')

    for (const [index, id] of ids.slice(0, 2).entries()) {
      const done = await inPhase(fleet, id, 'succeeded', 'exit', 'lost')
      expect(done).toMatchObject({
        phase: 'succeeded',
        attempt: 1,
        fence: before[index]?.fence,
        result: { value: { counted: 100 } },
      })
      await poll('its lines', async () => ((await linesOf(fleet, id)).length >= 100 ? true : null))
      expect(await linesOf(fleet, id)).toEqual(numbers(1, 100))
    }
    expect(fileLines(file)).toEqual(numbers(1, 100))
    const events = await eventsOf(fleet, ids[0])
    expect(events.filter((type) => ['TaskAssigned', 'RunEnded', 'RunSuperseded'].includes(type))).toEqual([
      'TaskAssigned',
      'RunEnded',
    ])
    const cancelled = await fleet.post(`/api/tasks/${ids[2]}/cancel?wait=10000`)
    expect(await cancelled.json()).toMatchObject({ state: 'killed' })
    expect(stateOf(paused)).toBeNull()
  })
  it('[ST12] reports what ended while it was away, with all of its output, when it is back', async () => {
    const folder = temporaryFolder()
    const root = process.getuid?.() === 0 ? ['--allow-root'] : []
    const ports = ['--http', '127.0.0.1:0', '--data', folder, ...root]
    const leader = new JsonProcess(['leader', '--json', '--grpc', '127.0.0.1:0', ...ports])
    const ready = await leader.line('READY', () => true)
    const master = async (): Promise<JsonProcess> => {
      const one = new JsonProcess(['master', '--json', '--id', 'm1', ...ports])
      await one.line('READY', () => true)
      return one
    }
    const first = await master()
    processes.push(leader)
    const client = createClient({ url: String(ready.api), token: String(ready.token) })
    const file = join(folder, 'counted')
    const { task } = await client.submit({ type: 'command', payload: { command: counter(file, 60) } })
    await poll('some lines', () => (fileLines(file).length >= 5 ? true : null), { everyMs: 10 })
    await first.stop('SIGKILL')
    await poll('the end of the count', () => (fileLines(file).length === 60 ? true : null))
    await faultDelay(500)
    processes.unshift(await master())
    const done = await poll('the end to be reported', async () => {
      const now = await client.task(task.taskId)
      return now.completedAt === null ? null : now
    })
    expect(done).toMatchObject({
      phase: 'succeeded',
      attempt: 1,
      result: { exitCode: 0, value: { counted: 60 } },
    })
    const lines = await poll('its lines', async () => {
      const page = await client.taskLines(task.taskId, { limit: 100 })
      return page.lines.length >= 60 ? page.lines : null
    })
    expect(lines.map((line) => ('text' in line ? line.text : null))).toEqual(numbers(1, 60))
    await processes.shift()?.stop()
    await processes.shift()?.stop()
    expect(readdirSync(join(folder, 'masters', 'm1', 'runs'))).toEqual([])
    rmSync(folder, { recursive: true })
  })
})

describe('a restart by the API', () => {
  it('[RC10] restarts the master and no task, and its return is the last step of the receipt', async () => {
    const fleet = await start()
    const file = join(fleet.folder, 'counted')
    const taskId = await fleet.submit(counter(file, 80))
    const before = await inPhase(fleet, taskId, 'running')
    const master = Number(fleet.ready.pids['master-1'])
    const asked = await fleet.post('/api/workers/master-1/restart?wait=10000')
    expect(asked.status).toBe(202)
    const receipt = receiptSchema.parse(await asked.json())
    expect(receipt).toMatchObject({ taskId: null, action: 'restart', state: 'done' })
    expect(receipt.steps.map(({ state }) => state)).toEqual(['sent', 'received', 'acting', 'done'])
    const successor = await fleet.successor('master-1', master)
    expect(stateOf(master)).toBeNull()
    expect(stateOf(successor)).not.toBeNull()
    const after = await inPhase(fleet, taskId, 'running')
    expect([after.pid, after.fence, after.attempt]).toEqual([before.pid, before.fence, 1])
    expect(await inPhase(fleet, taskId, 'succeeded', 'exit', 'lost')).toMatchObject({ phase: 'succeeded' })
    await poll('its lines', async () => ((await linesOf(fleet, taskId)).length >= 80 ? true : null))
    expect(await linesOf(fleet, taskId)).toEqual(numbers(1, 80))
    expect(fileLines(file)).toEqual(numbers(1, 80))

    const again = await fleet.cli(['nodes', 'restart', 'master-1', '--wait', '--json'])
    expect([again.code, JSON.parse(again.stdout)]).toMatchObject([0, { action: 'restart', state: 'done' }])
    const missing = await fleet.post('/api/workers/nobody/restart')
    expect([missing.status, await missing.json()]).toMatchObject([
      404,
      { error: { code: 'worker_not_found' } },
    ])
    expect((await fleet.post('/api/workers/master-1/restart', { now: true })).status).toBe(400)
  })
})

describe('a warden that dies', () => {
  it('[WD2] leaves nothing running: its runs are lost, and the master goes on with another', async () => {
    const fleet = await start()
    const hiding = 'setsid sh -c "trap : TERM; echo $$; while :; do sleep 1; done" & echo $$; wait'
    const taskId = await fleet.submit(hiding, { retry: { attemptsMax: 1 } })
    const pids = await poll('the tree', async () => {
      const lines = await linesOf(fleet, taskId)
      return lines.length === 2 ? lines.map(Number) : null
    })
    const warden = wardenOf(fleet)
    process.kill(warden, 'SIGKILL')
    expect(await inPhase(fleet, taskId, 'lost')).toMatchObject({
      error: { message: expect.stringContaining('warden') },
    })
    expect(pids.map(stateOf)).toEqual([null, null])
    expect(wardenOf(fleet)).not.toBe(warden)
    await inPhase(fleet, await fleet.submit(['true']), 'succeeded')
    expect(stateOf(Number(fleet.ready.pids['master-1']))).not.toBeNull()
  })
})

describe('leases', () => {
  it('[WD5] class strict: the processes of a stopped master are dead by its kill deadline', async () => {
    const fleet = await start()
    const taskId = await fleet.submit('trap "" TERM; echo up; while :; do sleep 1; done', {
      leaseClass: 'strict',
      retry: { attemptsMax: 1 },
    })
    const kept = await fleet.submit(['sleep', '300'], { leaseClass: 'strict', onDisconnect: 'keep' })
    const { pid } = await inPhase(fleet, taskId, 'running')
    const { pid: keptPid } = await inPhase(fleet, kept, 'running')
    // Longer than a lease: it is renewed.
    await faultDelay(6_000)
    expect(stateOf(Number(pid))).not.toBeNull()
    const master = Number(fleet.ready.pids['master-1'])
    process.kill(master, 'SIGSTOP')
    const stoppedMs = performance.now()
    await poll('its end', () => (stateOf(Number(pid)) === null ? true : null), { everyMs: 10 })
    expect(performance.now() - stoppedMs).toBeLessThan(6_500)
    expect(performance.now() - stoppedMs).toBeGreaterThan(2_000)
    expect(stateOf(Number(keptPid))).not.toBeNull()
    process.kill(master, 'SIGCONT')
    expect(await inPhase(fleet, taskId, 'lost')).toMatchObject({
      error: { message: expect.stringContaining('lease') },
    })
    expect(await task(fleet, kept)).toMatchObject({ phase: 'running', pid: keptPid, attempt: 1 })
  })

  it('[WD5] class steady: a stop of 10 s restarts nothing', async () => {
    const fleet = await start()
    const taskId = await fleet.submit(['sleep', '300'])
    const { pid, fence } = await inPhase(fleet, taskId, 'running')
    const master = Number(fleet.ready.pids['master-1'])
    process.kill(master, 'SIGSTOP')
    await faultDelay(10_000)
    process.kill(master, 'SIGCONT')
    const after = await fleet.submit(['true'])
    await inPhase(fleet, after, 'succeeded')
    expect(await task(fleet, taskId)).toMatchObject({ phase: 'running', pid, fence, attempt: 1 })
    expect(stateOf(Number(pid))).not.toBeNull()
  })
})
