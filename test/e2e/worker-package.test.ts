import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createInterface } from 'node:readline'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import type { LinePage } from '../../src/contract/line.js'
import type { Receipt, Task } from '../../src/contract/task.js'
import type { Worker } from '../../src/contract/worker.js'
import { Mailbox } from '../../src/testing/mailbox.js'
import { Fleet } from './fleet.js'
import { poll } from './poll.js'

let fleet: Fleet
beforeAll(async () => {
  fleet = await Fleet.start(['--masters', '1'])
})
afterAll(async () => {
  await fleet.stop()
})

const running = new Set<ChildProcess>()
afterEach(async () => {
  for (const child of running) {
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
})

type Said = Readonly<Record<string, unknown>>

/** A program of somebody else: its lines of JSON, and words for its standard input. */
function program(source: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', source, ...args], {
    env: { PATH: process.env.PATH, AGENTFLOW_DATA: fleet.folder, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  running.add(child)
  child.once('exit', () => running.delete(child))
  const said = new Mailbox<Said>('line of the program')
  createInterface({ input: child.stdout }).on('line', (line) => said.push(JSON.parse(line) as Said))
  const hears = (key: string): Promise<Said> => said.next((line) => key in line, 20_000)
  const tell = (word: string): void => void child.stdin.write(`${word}\n`)
  return { child, hears, tell }
}

/** `work` says when it is called and when it is to stop, and returns when it is told `finish`. */
const workSource = `
import { createWorker } from 'agentflow/worker'
import { createInterface } from 'node:readline'

const say = (line) => console.log(JSON.stringify(line))
const waiting = []
const worker = createWorker({
  name: process.argv[1],
  concurrency: 2,
  handlers: {
    work: async ({ task, signal, progress, log }) => {
      progress(0.25, 'a quarter')
      log('hello from ' + task.name)
      const told = new Promise((resolve, reject) => {
        waiting.push(resolve)
        signal.addEventListener('abort', () => {
          say({ aborted: signal.reason.reason })
          reject(signal.reason)
        })
      })
      say({ called: task.id, attempt: task.attempt })
      await told
      say({ finished: task.id })
      return { by: process.argv[1], payload: task.payload }
    },
    fails: () => { throw new TypeError('no address') },
  },
})
createInterface({ input: process.stdin }).on('line', () => waiting.shift()())
process.on('SIGTERM', async () => {
  await worker.close({ graceMs: 0 })
  process.exit()
})
await worker.ready
say({ ready: worker.status().name })
`
async function workerOf(name: string) {
  const worker = program(workSource, [name])
  await worker.hears('ready')
  return worker
}

async function submit(body: object): Promise<string> {
  const response = await fleet.post('/api/tasks', { type: 'work', payload: { n: 1 }, ...body })
  expect(response.status).toBe(201)
  return ((await response.json()) as Task).taskId
}

const until = (taskId: string, is: (task: Task) => boolean): Promise<Task> =>
  poll(`task ${taskId}`, async () => {
    const task = await fleet.json<Task>(`/api/tasks/${taskId}`)
    return is(task) ? task : null
  })
const finished = (taskId: string): Promise<Task> => until(taskId, (task) => task.completedAt !== null)

/** A code block of the document, by the word after its language. */
const blockOf = (name: string): string => {
  const document = readFileSync('docs/worker.md', 'utf8')
  return new RegExp(`\`\`\`js ${name}\n([\\s\\S]*?)\`\`\``).exec(document)?.[1] ?? ''
}

it('[FN1] the quick start of docs/worker.md runs as it stands, also when the task comes before its worker', async () => {
  const heard = new Mailbox<string>('letter')
  const relay = createServer((request, response) => {
    request.on('data', (text) => heard.push(String(text)))
    response.end()
  }).listen(0, '127.0.0.1')
  await once(relay, 'listening')
  const address = relay.address()
  const port = typeof address === 'object' ? address?.port : null
  const { api: AGENTFLOW_URL, token: AGENTFLOW_TOKEN } = fleet.ready
  const client = spawn(process.execPath, ['--input-type=module', '-e', blockOf('client')], {
    env: { PATH: process.env.PATH, AGENTFLOW_URL, AGENTFLOW_TOKEN, RELAY_URL: `http://127.0.0.1:${port}/` },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const taskId = String(await once(client.stdout, 'data')).trim()
  expect(await fleet.json<Task>(`/api/tasks/${taskId}`)).toMatchObject({ phase: 'queued', type: 'email' })
  const worker = program(blockOf('worker'))
  expect(await heard.next()).toBe('Hello')
  expect(await finished(taskId)).toMatchObject({
    phase: 'succeeded',
    attempt: 1,
    result: { exitCode: null, value: { sentTo: 'someone@example.org' }, tail: 'sent' },
  })
  relay.close()
  worker.child.kill('SIGTERM')
  expect(await once(worker.child, 'exit')).toEqual([0, null])
})

it('progress and log arrive while it runs, and its result and its throw are stored', async () => {
  const worker = await workerOf('worker-a')
  const taskId = await submit({ name: 'first' })
  await worker.hears('called')
  const now = await until(taskId, ({ progress }) => progress === 0.25)
  expect(now).toMatchObject({ phase: 'running', workerId: 'worker-a', agentId: 'worker-a/f1' })
  await poll('its line', async () => {
    const { lines } = await fleet.json<LinePage>(`/api/tasks/${taskId}/logs`)
    return lines.some((line) => 'text' in line && line.text === 'hello from first') ? true : null
  })
  const { agents } = await fleet.json<Worker>('/api/workers/worker-a')
  expect(agents).toMatchObject([
    { agentId: 'worker-a/f1', kind: 'function', status: 'busy', currentTask: taskId },
    { agentId: 'worker-a/f2', kind: 'function', status: 'idle' },
  ])
  expect((await fleet.cli(['nodes'])).stdout).toMatch(/worker-a +online +1\/2 +work, fails/)
  worker.tell('finish')
  expect(await finished(taskId)).toMatchObject({
    phase: 'succeeded',
    result: { value: { by: 'worker-a', payload: { n: 1 } } },
  })
  const retry = { attemptsMax: 2, on: ['exit'], backoffMs: 10 }
  expect(await finished(await submit({ type: 'fails', retry }))).toMatchObject({
    phase: 'dead_letter',
    attempt: 2,
    error: {
      code: 'dead_letter',
      message: 'Its 2 attempts are used up; the last ended as exit: TypeError: no address.',
    },
  })
})

it('[FN3] a cancel aborts the signal and ends with a receipt; a pause is refused', async () => {
  const worker = await workerOf('worker-a')
  const taskId = await submit({})
  await worker.hears('called')
  await until(taskId, ({ phase }) => phase === 'running')
  const receiptOf = async (action: string): Promise<Receipt> =>
    (await (await fleet.post(`/api/tasks/${taskId}/${action}?wait=10000`)).json()) as Receipt
  const paused = await receiptOf('pause')
  expect(paused.steps.at(-1)).toMatchObject({
    state: 'refused',
    detail: 'A function cannot be paused; cancel it instead.',
  })
  const cancelled = await receiptOf('cancel')
  expect(cancelled.steps.map(({ state }) => state)).toEqual(['sent', 'received', 'acting', 'stopped'])
  expect(await worker.hears('aborted')).toEqual({ aborted: 'cancel' })
  expect(await finished(taskId)).toMatchObject({ phase: 'cancelled' })
})

it('[FN8] workers share the work, and what a killed one had is run by another', async () => {
  const [a, b] = [await workerOf('worker-a'), await workerOf('worker-b')]
  const first = await submit({ name: 'first' })
  const second = await submit({ name: 'second' })
  expect(await a.hears('called')).toMatchObject({ called: first })
  expect(await b.hears('called')).toMatchObject({ called: second })
  await until(second, ({ phase }) => phase === 'running')
  b.child.kill('SIGKILL')
  a.tell('finish')
  await finished(first)
  // As its supervisor would.
  await workerOf('worker-b')
  expect(await a.hears('called')).toEqual({ called: second, attempt: 2 })
  a.tell('finish')
  const task = await finished(second)
  expect(task).toMatchObject({ phase: 'succeeded', attempt: 2, result: { value: { by: 'worker-a' } } })
  expect(task.attempts).toMatchObject([
    { attempt: 1, outcome: 'lost', workerId: 'worker-b' },
    { attempt: 2, outcome: 'succeeded', workerId: 'worker-a' },
  ])
})

it('[FN7] a result that was made while the leader was dead is stored, and nothing runs twice', async () => {
  const worker = await workerOf('worker-a')
  const taskId = await submit({})
  await worker.hears('called')
  await until(taskId, ({ phase }) => phase === 'running')
  const leader = fleet.ready.pids.leader ?? 0
  process.kill(leader, 'SIGKILL')
  worker.tell('finish')
  await worker.hears('finished')
  await fleet.successor('leader', leader)
  const task = await poll('the result', async () => {
    const found = await fleet.json<Task>(`/api/tasks/${taskId}`).catch(() => null)
    return found?.completedAt == null ? null : found
  })
  expect(task).toMatchObject({ phase: 'succeeded', attempt: 1, result: { value: { by: 'worker-a' } } })
  expect(task.attempts).toHaveLength(1)
})

/** `pay` charges by writing a line; the first attempt of `fails` ends badly after it, that of `dies` is killed in it. */
const paySource = `
import { createWorker } from 'agentflow/worker'

const say = (line) => console.log(JSON.stringify(line))
const worker = createWorker({
  name: process.argv[1],
  handlers: {
    fails: async ({ task, effect, isCurrent }) => {
      const receipt = await effect('charge', async () => {
        say({ charged: task.attempt, isCurrent: isCurrent() })
        return { receipt: 'r' + task.attempt }
      })
      if (task.attempt === 1) throw new Error('after the charge')
      return receipt
    },
    dies: async ({ task, effect }) => {
      await effect('charge', () => {
        say({ charging: task.attempt })
        return new Promise(() => {})
      }).catch(async (error) => {
        say({ code: error.code })
        await effect('charge', () => 'looked', { again: true })
      })
    },
  },
})
await worker.ready
say({ ready: worker.status().name })
`

it('[EF8] [EF9] an effect that was done is not done by the next attempt, which gets its outcome', async () => {
  const worker = program(paySource, ['payer'])
  await worker.hears('ready')
  const taskId = await submit({ type: 'fails', retry: { attemptsMax: 2, on: ['exit'], backoffMs: 10 } })
  expect(await worker.hears('charged')).toEqual({ charged: 1, isCurrent: true })
  const done = await finished(taskId)
  expect(done).toMatchObject({ phase: 'succeeded', attempt: 2, result: { value: { receipt: 'r1' } } })
  const { effects } = await fleet.json<{ effects: unknown[] }>(`/api/tasks/${taskId}/effects`)
  expect(effects).toMatchObject([{ key: 'charge', state: 'done', attempt: 1, value: { receipt: 'r1' } }])
})

it('[EF2] [EF4] [EF8] an effect in which a worker was killed is ambiguous for the next attempt', async () => {
  const retry = { attemptsMax: 2, on: ['lost'], backoffMs: 10 }
  const worker = program(paySource, ['dying'])
  await worker.hears('ready')
  const taskId = await submit({ type: 'dies', retry, leaseClass: 'strict' })
  expect(await worker.hears('charging')).toEqual({ charging: 1 })
  worker.child.kill('SIGKILL')
  await once(worker.child, 'exit')
  const next = program(paySource, ['dying'])
  expect(await next.hears('code')).toEqual({ code: 'effect_ambiguous' })
  expect(await finished(taskId)).toMatchObject({ phase: 'succeeded', effects: { done: 1, ambiguous: 0 } })
  const { effects } = await fleet.json<{ effects: unknown[] }>(`/api/tasks/${taskId}/effects`)
  expect(effects).toMatchObject([
    { state: 'ambiguous', attempt: 1 },
    { state: 'done', attempt: 2, value: 'looked' },
  ])
}, 60_000)
