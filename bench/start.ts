import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, openSync, rmSync } from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WebSocket } from 'ws'
import { call, type Ready, startCluster } from './cluster.js'
import { alternate, type Bench, percentile, roundsOf, rowOf } from './harness.js'

const startsPerRound = 40

/**
 * From the POST to the first instruction of the program, one in flight, beside a bare spawn of the same program. The
 * first instruction of `sh -c 'echo > pipe'` is a byte in a named pipe that we hold open.
 */
export const bench: Bench = async (options) => {
  const folder = mkdtempSync(join(tmpdir(), 'agentflow-start-'))
  const path = join(folder, 'pipe')
  execFileSync('mkfifo', [path])
  // Read and write, so that the pipe never ends between two writers.
  const pipe = new Socket({ fd: openSync(path, 'r+'), readable: true, writable: false })
  const cluster = await startCluster({ masters: 1 })
  const command = ['/bin/sh', '-c', `echo x > ${path}`]
  const wall = await openTasks(cluster.ready)
  try {
    const bare = () => p50(() => bareSpawn(pipe, command))
    const ours = () => p50(() => submitted(pipe, cluster.ready, wall, command))
    // Both warm.
    await bare()
    await ours()
    const measured = await alternate(roundsOf(options), { ours, reference: bare })
    return [
      rowOf(
        {
          name: 'start.process',
          unit: 'ms p50',
          better: 'lower',
          bar: 5,
          fsync: 'each-commit',
          note: `POST → first instruction ÷ bare spawn, ${startsPerRound} a round, 1 in flight`,
        },
        measured,
      ),
    ]
  } finally {
    wall.socket.close()
    await cluster.stop()
    pipe.destroy()
    rmSync(folder, { recursive: true })
  }
}

async function p50(start: () => Promise<number>): Promise<number> {
  const taken: number[] = []
  for (let n = 0; n < startsPerRound; n += 1) taken.push(await start())
  return percentile(taken, 0.5)
}

async function bareSpawn(pipe: Socket, [program = '', ...args]: readonly string[]): Promise<number> {
  const startedAt = performance.now()
  const first = once(pipe, 'data')
  const child = spawn(program, args, { stdio: 'ignore', detached: true })
  const exit = once(child, 'exit')
  await first
  const ms = performance.now() - startedAt
  await exit
  return ms
}

async function submitted(
  pipe: Socket,
  ready: Ready,
  wall: TaskWatch,
  command: readonly string[],
): Promise<number> {
  const startedAt = performance.now()
  const first = once(pipe, 'data')
  const posted = call(ready, '/api/tasks', { type: 'command', payload: { command } })
  await first
  const ms = performance.now() - startedAt
  const { taskId } = (await posted) as { readonly taskId: string }
  // One in flight: the next POST waits until the leader knows of the end.
  await wall.over(taskId)
  return ms
}

interface TaskWatch {
  readonly socket: WebSocket
  over(taskId: string): Promise<void>
}

interface TaskUpdate {
  readonly type: string
  readonly task?: { readonly taskId: string; readonly completedAt: number | null }
}

/** A wall that follows tasks, to know when one is over without asking again and again. */
async function openTasks(ready: Ready): Promise<TaskWatch> {
  const socket = new WebSocket(ready.ws, { origin: ready.api })
  const finished = new Set<string>()
  const waiting = new Map<string, () => void>()
  socket.on('message', (data) => {
    const message = JSON.parse(String(data)) as TaskUpdate
    const { task } = message
    if (message.type !== 'TASK_UPDATE' || task === undefined || task.completedAt === null) return
    finished.add(task.taskId)
    waiting.get(task.taskId)?.()
  })
  await once(socket, 'open')
  socket.send(JSON.stringify({ type: 'AUTH', token: ready.token }))
  socket.send(JSON.stringify({ type: 'SUBSCRIBE', topics: ['tasks'] }))
  return {
    socket,
    over: (taskId) =>
      new Promise((resolve) => {
        if (finished.has(taskId)) resolve()
        else waiting.set(taskId, resolve)
      }),
  }
}
