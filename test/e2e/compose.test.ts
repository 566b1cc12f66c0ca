import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { localised, type Places, readCompose, readImage, type Service } from './compose-file.js'
import { poll } from './poll.js'

const program = 'dist/cli/main.js'
const stallAfterMs = 1_000
const run = promisify(execFile)
const compose = readCompose()
const image = readImage()
const serviceNames = Object.keys(compose.services)
const folder = mkdtempSync(join(tmpdir(), 'agentflow-compose-'))
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

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' && address !== null ? address.port : 0
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

interface Message {
  readonly type: string
  readonly kind?: string
  readonly state?: string
  readonly taskId?: string
  readonly requestId?: string
  readonly level?: string
  readonly task?: {
    readonly taskId: string
    readonly phase: string
    readonly workerId: string
    readonly pid: number
  }
  readonly node?: { readonly workerId: string; readonly status: string }
  readonly items?: readonly { readonly workerId?: string; readonly status?: string }[]
  readonly receipt?: { readonly action: string; readonly state: string; readonly taskId: string }
}

/** A wall's socket: keeps what it heard, and waits for what is still to come. */
async function openWall(url: string, options: { ca: string; token: string }) {
  const socket = new WebSocket(url, {
    ca: options.ca,
    origin: url.replace(/^ws(s?):\/\/([^/]+).*/, 'http$1://$2'),
  })
  const heard: Message[] = []
  const waiting = new Set<() => void>()
  socket.on('message', (data) => {
    heard.push(JSON.parse(String(data)) as Message)
    for (const look of waiting) look()
  })
  await once(socket, 'open')
  const send = (message: object) => socket.send(JSON.stringify(message))
  send({ type: 'AUTH', token: options.token })
  const until = (what: string, is: (message: Message) => boolean): Promise<Message> =>
    new Promise((resolve, reject) => {
      const limit = setTimeout(() => reject(new Error(`the wall did not hear ${what}`)), 20_000)
      const look = () => {
        const found = heard.find(is)
        if (found === undefined) return
        clearTimeout(limit)
        waiting.delete(look)
        resolve(found)
      }
      waiting.add(look)
      look()
    })
  return { send, until, close: () => socket.close() }
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
  const wall = await openWall(`${client.url.replace(/^http/, 'ws')}/ws`, {
    ca: client.caPem,
    token: client.token,
  })
  for (const workerId of ['master-1', 'master-2'])
    await wall.until(`${workerId} online`, ({ node, items }) =>
      [node, ...(items ?? [])].some((worker) => worker?.workerId === workerId && worker.status === 'online'),
    )

  const submit = ['task', 'run', '--json', '--on', 'master-1', '--stall-after', `${stallAfterMs}ms`]
  const submitted = await run(process.execPath, [program, ...submit, '--', 'sleep', '600'], {
    env: environment,
  })
  const { taskId } = JSON.parse(submitted.stdout) as { taskId: string }
  const running = await wall.until(
    'the task run',
    ({ task }) => task?.taskId === taskId && task.phase === 'running',
  )
  const startedAt = performance.now()
  expect(running.task?.workerId).toBe('master-1')
  const alert = await wall.until(
    'the stall',
    (message) => message.type === 'ALERT' && message.taskId === taskId,
  )
  expect(alert).toMatchObject({ kind: 'stall', state: 'raised', level: 'warning' })
  expect(performance.now() - startedAt).toBeLessThan(stallAfterMs + 2_000)

  wall.send({ type: 'COMMAND', requestId: 'r1', action: 'pause', taskId })
  const paused = await wall.until(
    'the pause',
    ({ receipt }) => receipt?.action === 'pause' && receipt.state === 'done',
  )
  expect(paused.requestId).toBe('r1')
  expect(stateOf(running.task?.pid ?? 0)).toBe('T')

  wall.send({ type: 'COMMAND', requestId: 'r2', action: 'cancel', taskId })
  await wall.until('the stop', ({ receipt }) => receipt?.action === 'cancel' && receipt.state === 'stopped')
  await wall.until('the end', ({ task }) => task?.taskId === taskId && task.phase === 'cancelled')
  await wall.until('the all-clear', (message) => message.taskId === taskId && message.state === 'cleared')
  wall.close()
})
