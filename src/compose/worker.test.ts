import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { limits } from '../core/limits.js'
import type { DurableUpdate, NodeChannel, NodeUpdate } from '../ports/node-link.js'
import { createGrpcServer } from '../rpc/grpc-server.js'
import { temporaryFolder } from '../testing/host-fixture.js'
import { welcomeSample } from '../testing/link-samples.js'
import { requestOf, signalOf } from '../testing/master-fixture.js'
import { planeOf } from '../testing/plane-of.js'
import { ScriptedGateway, type ScriptedStream } from '../testing/scripted-gateway.js'
import { silentLog } from '../testing/silent-log.js'
import { createWorker, FunctionAbort, type Worker, type WorkerOptions } from './worker.js'

let folder: ReturnType<typeof temporaryFolder>
let gateway: ScriptedGateway
let server: ReturnType<typeof createGrpcServer>
const workers: Worker[] = []

beforeEach(async () => {
  folder = temporaryFolder('worker')
  gateway = new ScriptedGateway()
  server = createGrpcServer({
    gateway,
    plane: planeOf({}),
    authenticateNode: (key) => key === 'afj_test',
    tls: null,
    log: silentLog,
  })
  const leader = `127.0.0.1:${await server.listen('127.0.0.1', 0)}`
  const joins = { clusterId: 'c', leaders: [leader], key: 'afj_test', caPem: null }
  writeFileSync(join(folder.path, 'join.json'), JSON.stringify(joins))
})
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.close({ graceMs: 0 })))
  await server.close(0)
  folder.close()
})

function workerOf(
  handlers: WorkerOptions<Record<string, Readonly<Record<string, unknown>>>>['handlers'],
): Worker {
  const joinFile = join(folder.path, 'join.json')
  const worker = createWorker({ joinFile, name: 'functions-1', log: silentLog, handlers })
  workers.push(worker)
  return worker
}

/** Its call ends when `finish` says with what. */
function workerThatWaits() {
  let end: (value: unknown) => void = () => undefined
  const worker = workerOf({
    email: () =>
      new Promise((resolve) => {
        end = resolve
      }),
  })
  return { worker, finish: (value: unknown) => end(value) }
}

const isUpdate = (update: NodeUpdate, kind: DurableUpdate['kind']): boolean =>
  update.kind === 'durable' && update.update.kind === kind

/** The next durable update of this kind. Leases are renewed on the way, as a leader does. */
async function heard(stream: ScriptedStream, kind: DurableUpdate['kind']): Promise<DurableUpdate> {
  for (;;) {
    const event = await stream.events.next()
    if (event.kind !== 'received') throw new Error(`the stream is ${event.kind}`)
    for (const update of event.updates) {
      if (update.kind === 'lease') {
        stream.channel.send([
          {
            kind: 'lease',
            sentAtMs: update.sentAtMs,
            ttlMs: limits.leaseSteadyKillMs,
            strictTtlMs: limits.leaseStrictKillMs,
          },
        ])
      }
      if (isUpdate(update, kind) && update.kind === 'durable') return update.update
    }
  }
}

function welcome(channel: NodeChannel): void {
  channel.send([welcomeSample, { kind: 'credit', messages: 1_000, bytes: 1_000_000 }])
}

async function joined(): Promise<ScriptedStream> {
  const stream = await gateway.streams.next()
  welcome(stream.channel)
  return stream
}

const email = (seq: number, fence: number) =>
  requestOf(seq, fence, '', { type: 'email', payload: { to: 'a' } })

it('is ready at the first welcome, with one agent for each call at a time', async () => {
  const worker = workerOf({ email: () => 1 })
  expect(worker.status()).toMatchObject({ phase: 'connecting', running: 0 })
  const stream = await gateway.streams.next()
  const first = await stream.events.next()
  expect(first).toMatchObject({
    updates: [{ kind: 'register', capabilities: { projectTypes: ['email'], slots: 10 }, url: null }],
  })
  welcome(stream.channel)
  await worker.ready
  expect(worker.status()).toEqual({ name: 'functions-1', phase: 'ready', running: 0, reason: null })
})

it('runs a task and tells its end', async () => {
  workerOf({ email: async ({ task }) => ({ sent: task.payload.to, id: task.id }) })
  const stream = await joined()
  stream.channel.send([email(1, 7)])
  expect(await heard(stream, 'ended')).toMatchObject({
    fence: 7,
    end: { outcome: 'succeeded', value: { sent: 'a', id: 't7' } },
  })
})

it('aborts the signal of a cancelled task', async () => {
  let reason: unknown = null
  workerOf({
    email: ({ signal }) =>
      new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => {
          reason = signal.reason
          reject(signal.reason)
        }),
      ),
  })
  const stream = await joined()
  stream.channel.send([email(1, 7)])
  await heard(stream, 'run')
  stream.channel.send([signalOf(2, 7, 'cancel')])
  expect(await heard(stream, 'ended')).toMatchObject({ end: { outcome: 'cancelled' } })
  expect(reason).toBeInstanceOf(FunctionAbort)
})

it('[FN7] tells a result again to the next leader when it was not acked', async () => {
  const { worker, finish } = workerThatWaits()
  const stream = await joined()
  stream.channel.send([email(1, 7)])
  await heard(stream, 'run')
  stream.channel.close('the leader goes')
  const again = await gateway.streams.next()
  finish({ sent: true })
  welcome(again.channel)
  expect(await heard(again, 'ended')).toMatchObject({ fence: 7, end: { value: { sent: true } } })
  expect(worker.status().phase).toBe('ready')
})

it('[FN6] closes when its calls have ended and their results are acked', async () => {
  const { worker, finish } = workerThatWaits()
  const stream = await joined()
  stream.channel.send([email(1, 7)])
  await heard(stream, 'run')
  const closed = worker.close()
  expect(await heard(stream, 'agents')).toEqual({ kind: 'agents', agents: [] })
  expect(worker.status()).toMatchObject({ phase: 'closing', running: 1 })
  finish(null)
  await heard(stream, 'ended')
  stream.channel.send([{ kind: 'ack', incarnation: 0, uplinkSeq: 3, lines: [] }])
  await closed
  expect(worker.status().phase).toBe('closed')
  expect(worker.close()).toBe(worker.closed)
})

it('that is closed before it had a leader was never ready', async () => {
  const worker = workerOf({ email: () => 1 })
  await worker.close()
  await expect(worker.ready).rejects.toThrow('The worker was closed before it had a leader.')
})

it('refuses what it cannot use at once', () => {
  expect(() => workerOf({})).toThrow('give at least one function')
  expect(() => workerOf({ command: () => 1 })).toThrow('is the name of a program')
  expect(() => workerOf({ email: 5 as never })).toThrow('createWorker.handlers.email: expected a function.')
})
