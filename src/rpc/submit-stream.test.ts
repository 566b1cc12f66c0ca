import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import { Client, credentials, Metadata, type StatusObject, status } from '@grpc/grpc-js'
import { afterEach, describe, expect, it } from 'vitest'
import { ControlError } from '../core/errors.js'
import { limits } from '../core/limits.js'
import {
  ControlService,
  SubmitTasksRequestSchema,
  type SubmitTasksResponse,
  SubmitTasksResponseSchema,
} from '../gen/agentflow/v1/control_pb.js'
import type { ControlPlane, SubmitOutcome } from '../ports/control-plane.js'
import { FaultProxy } from '../testing/fault-proxy.js'
import { Mailbox } from '../testing/mailbox.js'
import { planeOf } from '../testing/plane-of.js'
import { ScriptedGateway } from '../testing/scripted-gateway.js'
import { silentLog } from '../testing/silent-log.js'
import { createGrpcServer } from './grpc-server.js'
import { rawMethod } from './raw-methods.js'
import { encodeSubmits } from './submit-codec.js'
import { GrpcSubmitter } from './submitter.js'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

interface Asked {
  readonly key: string | null
  readonly name: string
  readonly done: (outcome: SubmitOutcome) => void
}

/** A leader whose submits are answered by the test. `tokens`: those that are good now. */
async function startLeader(port = 0) {
  const asked = new Mailbox<Asked>('submit')
  const tokens = new Set(['good'])
  const plane: Partial<ControlPlane> = {
    authenticate: (token) => (tokens.has(token) ? { kind: 'user', id: 'admin', role: 'admin' } : null),
    submit: (_caller, { spec }, done) => asked.push({ key: spec.idempotencyKey, name: spec.name, done }),
  }
  const server = createGrpcServer({
    gateway: new ScriptedGateway(),
    plane: planeOf(plane),
    authenticateNode: () => false,
    tls: null,
    log: silentLog,
  })
  const bound = await server.listen('127.0.0.1', port)
  cleanups.push(() => server.close(0))
  return { asked, tokens, server, port: bound, address: `127.0.0.1:${bound}` }
}

/** The bare wire, as any program would speak it. */
function openStream(address: string, token = 'good') {
  const client = new Client(address, credentials.createInsecure())
  const metadata = new Metadata()
  metadata.set('authorization', `Bearer ${token}`)
  const { path, requestSerialize, responseDeserialize } = rawMethod(ControlService.method.submitTasks)
  const call = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadata)
  const heard = new Mailbox<SubmitTasksResponse>('response')
  call.on('data', (bytes: Buffer) => heard.push(fromBinary(SubmitTasksResponseSchema, bytes)))
  call.on('error', () => undefined)
  const ended = new Promise<StatusObject>((resolve) => call.on('status', resolve))
  cleanups.push(() => {
    call.cancel()
    client.close()
  })
  return { call, heard, ended }
}

const body = (name: string): string => JSON.stringify({ type: 'email', name, payload: {} })
const items = (...numbers: number[]): Buffer =>
  Buffer.from(
    encodeSubmits(
      numbers.map((number) => ({ number, taskJson: body(`n${number}`), idempotencyKey: `k${number}` })),
    ),
  )
const taken = (taskId: string): SubmitOutcome => ({ ok: true, taskId, created: true })

describe('a submit stream', () => {
  it('[SB1] says its window first, and answers each task by itself when it is committed', async () => {
    const { asked, address } = await startLeader()
    const { call, heard } = openStream(address)
    const { window } = await heard.next()
    expect(window).toMatchObject({
      items: limits.submitWindowItems,
      bytes: BigInt(limits.submitWindowBytes),
    })
    call.write(items(1, 2))
    const [one, two] = await asked.take(2)
    expect([one?.key, two?.name]).toEqual(['k1', 'n2'])
    two?.done(taken('t2'))
    expect((await heard.next()).results).toMatchObject([{ number: 2n, taskId: 't2', created: true }])
    one?.done({ ok: true, taskId: 't1', created: false })
    expect((await heard.next()).results).toMatchObject([{ number: 1n, taskId: 't1', created: false }])
  })

  it('[SB1] answers of one commit go in one message', async () => {
    const { asked, address } = await startLeader()
    const { call, heard } = openStream(address)
    await heard.next()
    call.write(items(1, 2, 3))
    for (const { done } of await asked.take(3)) done(taken('t'))
    expect((await heard.next()).results.map(({ number }) => number)).toEqual([1n, 2n, 3n])
  })

  it('takes a message of fields as well as JSON', async () => {
    const { asked, address } = await startLeader()
    const { call, heard } = openStream(address)
    await heard.next()
    const task = { type: 'email', name: 'typed', payloadJson: '{}', idempotencyKey: 'k' }
    const request = create(SubmitTasksRequestSchema, {
      items: [{ number: 1n, body: { case: 'task', value: task } }],
    })
    call.write(Buffer.from(toBinary(SubmitTasksRequestSchema, request)))
    expect(await asked.next()).toMatchObject({ key: 'k', name: 'typed' })
  })

  it('[SB2] refuses one task with its error and takes the others', async () => {
    const { asked, address } = await startLeader()
    const { call, heard } = openStream(address)
    await heard.next()
    const bad = { number: 1, taskJson: '{"type":"email","wrong":1}', idempotencyKey: '' }
    const good = { number: 2, taskJson: body('good'), idempotencyKey: '' }
    call.write(Buffer.from(encodeSubmits([bad, good, { ...bad, number: 3, taskJson: '{' }])))
    expect(await asked.next()).toMatchObject({ key: null, name: 'good' })
    const { results } = await heard.next()
    expect(results).toMatchObject([
      { number: 1n, taskId: '', error: { code: 'invalid_request' } },
      { number: 3n, error: { code: 'invalid_request', message: 'task_json is not JSON' } },
    ])
    const wrong = JSON.parse(results[0]?.error?.detailsJson ?? '') as { issues: unknown[] }
    expect(wrong.issues.length).toBeGreaterThan(0)
  })

  it('a caller that has sent everything gets every result, then the end', async () => {
    const { asked, address } = await startLeader()
    const { call, heard, ended } = openStream(address)
    await heard.next()
    call.write(items(1))
    call.end()
    const { done } = await asked.next()
    done(taken('t1'))
    expect((await heard.next()).results).toHaveLength(1)
    expect(await ended).toMatchObject({ code: status.OK })
  })

  it.each([
    ['a number that does not rise', items(2, 2), 'item 2 follows 2: numbers rise'],
    ['bytes that are none', Buffer.from([0xff, 0xff]), 'the bytes are not a SubmitTasksRequest'],
    [
      'more items than a message may have',
      items(...Array.from({ length: limits.submitBatchItemsMax + 1 }, (_, index) => index + 1)),
      `items has ${limits.submitBatchItemsMax + 1} entries; at most ${limits.submitBatchItemsMax} are taken`,
    ],
  ])('[SB3] is cut off by %s', async (_what, bytes, details) => {
    const { address } = await startLeader()
    const { call, heard, ended } = openStream(address)
    await heard.next()
    call.write(bytes)
    expect(await ended).toMatchObject({ code: status.INVALID_ARGUMENT, details })
  })

  it('[SB3] takes a whole window, and is cut off by the task behind it', async () => {
    const { asked, address } = await startLeader()
    const { call, heard, ended } = openStream(address)
    await heard.next()
    const size = limits.submitBatchItemsMax
    for (let first = 1; first <= limits.submitWindowItems; first += size)
      call.write(items(...Array.from({ length: size }, (_, index) => first + index)))
    expect(await asked.take(limits.submitWindowItems)).toHaveLength(limits.submitWindowItems)
    call.write(items(limits.submitWindowItems + 1))
    expect(await ended).toMatchObject({ code: status.RESOURCE_EXHAUSTED })
    expect(asked.size).toBe(0)
  })

  it('[SB3] is cut off when its token is withdrawn, with its next message', async () => {
    const { asked, address, tokens } = await startLeader()
    const { call, heard, ended } = openStream(address)
    await heard.next()
    call.write(items(1))
    await asked.next()
    tokens.clear()
    call.write(items(2))
    expect(await ended).toMatchObject({ code: status.UNAUTHENTICATED })
    expect(await openStream(address, 'bad').ended).toMatchObject({ code: status.UNAUTHENTICATED })
    expect(asked.size).toBe(0)
  })

  it('ends when the leader leaves', async () => {
    const { server, address } = await startLeader()
    const { heard, ended } = openStream(address)
    await heard.next()
    void server.close(1_000)
    expect(await ended).toMatchObject({ code: status.UNAVAILABLE })
  })
})

describe('a submitter', () => {
  function submitterTo(...leaders: string[]) {
    const submitter = new GrpcSubmitter({ leaders, token: 'good', caPem: null, log: silentLog })
    cleanups.push(() => submitter.close(0))
    const settled = new Mailbox<{ readonly name: string; readonly outcome: SubmitOutcome }>('outcome')
    const submit = (name: string, timeoutMs = 20_000, idempotencyKey = `key-${name}`) =>
      submitter.submit(body(name), { idempotencyKey, timeoutMs }, (outcome) =>
        settled.push({ name, outcome }),
      )
    return { submitter, submit, settled }
  }

  it('[SB1] settles each task with its own answer', async () => {
    const { asked, address } = await startLeader()
    const { submit, settled } = submitterTo(address)
    submit('one')
    submit('two')
    const [one, two] = await asked.take(2)
    const error = new ControlError('idempotency_conflict', 'no', { details: { taskId: 't9' } })
    two?.done({ ok: false, error })
    expect(await settled.next()).toMatchObject({
      name: 'two',
      outcome: { error: { code: 'idempotency_conflict', message: 'no', details: { taskId: 't9' } } },
    })
    one?.done(taken('t1'))
    expect(await settled.next()).toMatchObject({ name: 'one', outcome: taken('t1') })
  })

  it('[SB4] sends again after a cut what has no answer, in order and under the same keys', async () => {
    const { asked, port } = await startLeader()
    const proxy = await FaultProxy.start(port)
    const second = await startLeader()
    const { submit, settled } = submitterTo(proxy.address, second.address)
    for (const name of ['one', 'two', 'three']) submit(name)
    const first = await asked.take(3)
    first[1]?.done(taken('t2'))
    expect(await settled.next()).toMatchObject({ name: 'two' })
    proxy.close()
    const again = await second.asked.take(2)
    expect(again.map(({ key, name }) => [key, name])).toEqual([
      ['key-one', 'one'],
      ['key-three', 'three'],
    ])
    for (const { done } of again) done(taken('t'))
    expect((await settled.take(2)).map(({ name }) => name)).toEqual(['one', 'three'])
  })

  it('[SB4] asks the next leader when one leaves', async () => {
    const { asked, address, server } = await startLeader()
    const second = await startLeader()
    const { submit, settled } = submitterTo(address, second.address)
    submit('one')
    const { done } = await asked.next()
    done({ ok: false, error: new ControlError('unavailable', 'the leader is stopping') })
    void server.close(1_000)
    const again = await second.asked.next()
    expect(again.key).toBe('key-one')
    again.done(taken('t1'))
    expect(await settled.next()).toMatchObject({ outcome: taken('t1') })
    expect(settled.size).toBe(0)
  })

  it('[SB5] says in time what is not known, and what never left', async () => {
    const { asked, address } = await startLeader()
    const { submit, settled } = submitterTo(address)
    submit('sent', 1)
    await asked.next()
    expect(await settled.next()).toMatchObject({
      outcome: { error: { code: 'outcome_unknown', details: { idempotencyKey: 'key-sent' } } },
    })
    const nowhere = submitterTo('127.0.0.1:1')
    nowhere.submit('unsent', 1)
    expect(await nowhere.settled.next()).toMatchObject({ outcome: { error: { code: 'unavailable' } } })
    expect(nowhere.submitter.status()).toMatchObject({ phase: 'connecting' })
  })

  it('[SB5] refuses a task that is too large for any leader', async () => {
    const { address } = await startLeader()
    const { submit, settled } = submitterTo(address)
    submit('x'.repeat(limits.requestBytesMax))
    expect(await settled.next()).toMatchObject({ outcome: { error: { code: 'too_large' } } })
  })

  it('tells a token that is refused to whoever waits', async () => {
    const { address, tokens } = await startLeader()
    tokens.clear()
    const { submit, settled } = submitterTo(address)
    submit('one')
    expect(await settled.next()).toMatchObject({ outcome: { error: { code: 'not_authenticated' } } })
  })

  it('that closes waits for its answers, and refuses what comes after', async () => {
    const { asked, address } = await startLeader()
    const { submitter, submit, settled } = submitterTo(address)
    submit('one')
    const { done } = await asked.next()
    const closed = submitter.close(20_000)
    submit('late')
    expect(await settled.next()).toMatchObject({ name: 'late', outcome: { error: { code: 'unavailable' } } })
    done(taken('t1'))
    await closed
    expect(await settled.next()).toMatchObject({ name: 'one', outcome: taken('t1') })
    expect(submitter.status()).toMatchObject({ phase: 'closed', waiting: 0 })
  })

  it('forgets a task that is given up', async () => {
    const { asked, address } = await startLeader()
    const { submit, settled } = submitterTo(address)
    submit('gone')()
    submit('kept')
    const { name, done } = await asked.next()
    expect(name).toBe('kept')
    done(taken('t1'))
    expect(await settled.next()).toMatchObject({ name: 'kept' })
  })
})
