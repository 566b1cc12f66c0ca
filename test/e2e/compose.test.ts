import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { localised, type Places, readCompose, readImage, type Service } from './compose-file.js'
import { freePort, temporaryFolder } from './fleet.js'
import { poll } from './poll.js'
import { type Message, WallPeer } from './wall-peer.js'

const program = 'dist/cli/main.js'
const stallAfterMs = 1_000
const run = promisify(execFile)
const compose = readCompose()
const image = readImage()
const serviceNames = Object.keys(compose.services)
const folder = temporaryFolder()
const processes = new Map<string, ChildProcess>()
const logs = new Map<string, string>()
const ports = new Map<string, number>()

const places: Places = {
  addressOf: (service, port) => `127.0.0.1:${ports.get(`${service}:${port}`)}`,
  folderOf: (volume) => join(folder, volume),
}

/** A container has a network of its own: here each service gets ports of its own. */
function environmentOf(name: string, service: Service): NodeJS.ProcessEnv {
  const words = { ...image.environment, ...service.environment }
  const mapped = Object.entries(words).map(([key, value]) => [key, local(name, service, value)])
  const own = service.command[0] === 'master' ? { AGENTFLOW_HTTP: places.addressOf(name, '8101') } : {}
  return { PATH: process.env.PATH, HOME: process.env.HOME, ...Object.fromEntries(mapped), ...own }
}

const local = (name: string, service: Service, text: string): string =>
  localised(name, text, { service, serviceNames, places })

function start(name: string, service: Service): void {
  const args = service.command.map((word) => local(name, service, word))
  // The image's user is not root.
  const root = process.getuid?.() === 0 ? ['--allow-root'] : []
  const child = spawn(process.execPath, [program, ...args, ...root], {
    env: environmentOf(name, service),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => logs.set(name, `${logs.get(name) ?? ''}${chunk}`))
  processes.set(name, child)
}

/** Runs the service's own health check until it passes, as the engine would. */
async function healthy(name: string, service: Service): Promise<void> {
  const [, tool = '', ...args] = service.healthcheck.test.map((word) => local(name, service, word))
  const [file, words] = tool === 'agentflow' ? [process.execPath, [program, ...args]] : [tool, args]
  await poll(`${name} to be healthy`, async () => {
    if (processes.get(name)?.exitCode !== null) throw new Error(`${name} ended: ${logs.get(name)}`)
    return run(file, words, { env: environmentOf(name, service) }).then(
      () => true,
      () => null,
    )
  })
}

beforeAll(async () => {
  for (const volume of Object.keys(compose.volumes)) mkdirSync(join(folder, volume))
  for (const name of serviceNames)
    for (const port of ['8100', '8101', '8150']) ports.set(`${name}:${port}`, await freePort())
  const leader = compose.services.leader
  if (leader === undefined) throw new Error('compose.yaml has no leader')
  start('leader', leader)
  await healthy('leader', leader)
  for (const [name, service] of Object.entries(compose.services)) {
    if (name === 'leader') continue
    expect(Object.keys(service.depends_on)).toEqual(['leader'])
    start(name, service)
    await healthy(name, service)
  }
})

afterAll(async () => {
  const exits = [...processes.values()].map(async (child) => {
    if (child.exitCode !== null) return
    const exit = once(child, 'exit')
    child.kill('SIGTERM')
    await exit
  })
  await Promise.all(exits)
  rmSync(folder, { recursive: true })
})

interface RunningTask {
  readonly taskId: string
  readonly phase: string
  readonly workerId: string
  readonly pid: number
}

const isOnline = (worker: unknown, workerId: string): boolean => {
  const { workerId: id, status } = (worker ?? {}) as { readonly workerId?: string; readonly status?: string }
  return id === workerId && status === 'online'
}

const stateOf = (pid: number): string =>
  readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .slice(0, 1)

it('has a leader and two masters, run by the image as they are here', () => {
  expect(serviceNames).toEqual(['leader', 'master-1', 'master-2'])
  expect(image.entrypoint).toEqual(['agentflow'])
  const used = Object.values(compose.services).flatMap((service) =>
    service.volumes.map((volume) => volume.split(':')[0]),
  )
  expect(new Set(used)).toEqual(new Set(Object.keys(compose.volumes)))
})

it('[WL9] [SL4] a stall on master-1 reaches a wall, and a command from the wall is executed by master-1', async () => {
  const environment = environmentOf('leader', compose.services.leader ?? expect.unreachable())
  const client = JSON.parse(readFileSync(join(environment.AGENTFLOW_DATA ?? '', 'cli.json'), 'utf8')) as {
    url: string
    token: string
    caPem: string
  }
  const ws = `${client.url.replace(/^http/, 'ws')}/ws`
  const wall = await WallPeer.open({ ws, token: client.token, ca: client.caPem })
  for (const workerId of ['master-1', 'master-2'])
    await wall.until(`${workerId} online`, ({ node, items }) =>
      [node, ...((items as unknown[] | undefined) ?? [])].some((worker) => isOnline(worker, workerId)),
    )

  const submit = ['task', 'run', '--json', '--on', 'master-1', '--stall-after', `${stallAfterMs}ms`]
  const submitted = await run(process.execPath, [program, ...submit, '--', 'sleep', '600'], {
    env: environment,
  })
  const { taskId } = JSON.parse(submitted.stdout) as RunningTask
  const isTask = (task: unknown, phase: string): task is RunningTask =>
    (task as RunningTask | undefined)?.taskId === taskId && (task as RunningTask).phase === phase
  const { task } = await wall.until('the run', (message) => isTask(message.task, 'running'))
  const startedAt = performance.now()
  const { workerId, pid } = task as RunningTask
  expect(workerId).toBe('master-1')
  const alert = await wall.until(
    'the stall',
    ({ type, ...about }) => type === 'ALERT' && about.taskId === taskId,
  )
  expect(alert).toMatchObject({ kind: 'stall', state: 'raised', level: 'warning', nodeId: 'master-1' })
  expect(performance.now() - startedAt).toBeLessThan(stallAfterMs + 2_000)

  const receiptIs = (message: Message, state: string): boolean =>
    (message.receipt as { readonly state: string } | undefined)?.state === state
  wall.send({ type: 'COMMAND', requestId: 'r1', action: 'pause', taskId })
  await wall.until('the pause', (message) => message.requestId === 'r1' && receiptIs(message, 'done'))
  expect(stateOf(pid)).toBe('T')

  wall.send({ type: 'COMMAND', requestId: 'r2', action: 'cancel', taskId })
  await wall.until('the stop', (message) => message.requestId === 'r2' && receiptIs(message, 'stopped'))
  await wall.until('the end', (message) => isTask(message.task, 'cancelled'))
  await wall.until('the all-clear', ({ state, ...about }) => about.taskId === taskId && state === 'cleared')
  wall.close()
})
