import { request } from 'node:http'
import { PassThrough, Readable } from 'node:stream'
import { afterEach, describe, expect, it } from 'vitest'
import type { BatchLine } from '../contract/work.js'
import { ControlError } from '../core/errors.js'
import { asTaskId } from '../core/ids.js'
import type { Answer } from '../core/input.js'
import { limits } from '../core/limits.js'
import type { Caller, ControlPlane } from '../ports/control-plane.js'
import { ScriptedPlane } from '../testing/scripted-plane.js'
import { silentLog } from '../testing/silent-log.js'
import type { HttpServer } from './listen.js'
import { NdjsonBatch } from './ndjson-batch.js'
import { createHttpServer } from './server.js'

const caller: Caller = { principal: { kind: 'user', id: 'ann', role: 'admin' }, via: 'rest', traceId: 't' }
const line = (name: string): string => `${JSON.stringify({ type: 'f', name, payload: {} })}\n`
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Answers each submit with a task of the item's name, at once or when it is told to. */
function scripted(isAtOnce = true) {
  const waiting: (() => void)[] = []
  let submits = 0
  const plane: Pick<ControlPlane, 'execute'> = {
    execute: (_, { command }) => {
      submits += 1
      const name = command.name === 'submit_task' ? command.spec.name : ''
      const answer: Answer = { kind: 'task', taskId: asTaskId(name), created: true }
      if (name === 'full') return Promise.reject(new ControlError('resource_exhausted', 'full'))
      if (isAtOnce) return Promise.resolve(answer)
      return new Promise((resolve) => waiting.push(() => resolve(answer)))
    },
  }
  return { plane, waiting, submits: () => submits }
}

async function resultsOf(body: Readable, plane = scripted().plane): Promise<BatchLine[]> {
  let text = ''
  for await (const chunk of new NdjsonBatch({ plane, caller, body })) text += String(chunk)
  return text
    .split('\n')
    .filter((one) => one !== '')
    .map((one) => JSON.parse(one) as BatchLine)
}

describe('items as lines', () => {
  it('[WI11] gives a result line per item, also of a last line without an end', async () => {
    const body = Readable.from([
      Buffer.from(`${line('a')}\n${line('b').slice(0, 9)}`),
      Buffer.from(line('b').slice(9).trim()),
    ])
    expect(await resultsOf(body)).toEqual([
      { index: 0, taskId: 'a', created: true },
      { index: 1, taskId: 'b', created: true },
    ])
  })

  it('[WI11] a line that is wrong or refused is an error line of its own, and the rest goes on', async () => {
    const long = `"${'x'.repeat(limits.requestBytesMax + 70_000)}"\n`
    const text = `${line('a')}{oops\n{"type":"f"}\n${long}${line('full')}${line('b')}`
    const pieces = Array.from({ length: Math.ceil(text.length / 60_000) }, (_, place) =>
      Buffer.from(text.slice(place * 60_000, (place + 1) * 60_000)),
    )
    const results = await resultsOf(Readable.from(pieces))
    const told = results
      .sort((one, other) => one.index - other.index)
      .map((result) => ('error' in result ? result.error.code : result.taskId))
    expect(told).toEqual(['a', 'invalid_request', 'invalid_request', 'too_large', 'resource_exhausted', 'b'])
  })

  it('[WI12] while nothing is read, takes limits.batchLinesOpen lines and not one more', async () => {
    const { plane, submits } = scripted()
    let sent = 0
    const body = new Readable({
      highWaterMark: 16 * 1024,
      read() {
        sent += 1
        this.push(Buffer.from(line(`item ${sent}`)))
      },
    })
    const results = new NdjsonBatch({ plane, caller, body })
    while (submits() < limits.batchLinesOpen) await turn()
    const sentBefore = sent
    for (let round = 0; round < 100; round += 1) await turn()
    expect(submits()).toBe(limits.batchLinesOpen)
    expect(sent).toBe(sentBefore)
    // What is read makes room for as much.
    const read = String(results.read())
    expect(read.split('\n').length - 1).toBeGreaterThan(0)
    while (submits() === limits.batchLinesOpen) await turn()
    results.destroy()
  })

  it('[WI12] lines that are being decided count as well', async () => {
    const { plane, waiting, submits } = scripted(false)
    const body = new PassThrough()
    for (let place = 0; place < limits.batchLinesOpen + 10; place += 1) body.write(line(`item ${place}`))
    const results = new NdjsonBatch({ plane, caller, body })
    results.resume()
    while (submits() < limits.batchLinesOpen) await turn()
    for (let round = 0; round < 20; round += 1) await turn()
    expect(submits()).toBe(limits.batchLinesOpen)
    waiting[0]?.()
    while (submits() === limits.batchLinesOpen) await turn()
    results.destroy()
  })

  it('[WI13] takes nothing more when its reader is gone', async () => {
    const { plane, submits, waiting } = scripted(false)
    const body = new PassThrough()
    const results = new NdjsonBatch({ plane, caller, body })
    results.resume()
    body.write(line('a'))
    while (submits() < 1) await turn()
    results.destroy()
    body.write(line('b'))
    waiting[0]?.()
    for (let round = 0; round < 20; round += 1) await turn()
    expect(submits()).toBe(1)
    expect(body.destroyed).toBe(true)
  })
})

describe('over HTTP', () => {
  let server: HttpServer
  afterEach(() => server.close())

  async function connect() {
    const { plane } = scripted()
    server = createHttpServer({
      plane: new ScriptedPlane(plane).plane,
      log: silentLog,
      wallDir: null,
      allowedHosts: [],
      corsOrigins: [],
      tls: null,
    })
    const port = await server.listen('127.0.0.1', 0)
    const outgoing = request({
      port,
      host: '127.0.0.1',
      method: 'POST',
      path: '/api/batches',
      headers: { authorization: 'Bearer afp_admin', 'content-type': 'application/x-ndjson' },
    })
    outgoing.flushHeaders()
    const incoming = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
      outgoing.once('response', resolve)
      outgoing.once('error', reject)
    })
    const lines = incoming[Symbol.asyncIterator]()
    const next = async () => String((await lines.next()).value)
    return { outgoing, incoming, next }
  }

  it('[WI11] answers before the first line, and each line before the next is sent', async () => {
    const { outgoing, incoming, next } = await connect()
    expect([incoming.statusCode, incoming.headers['content-type']]).toEqual([200, 'application/x-ndjson'])
    outgoing.write(line('a'))
    expect(JSON.parse(await next())).toEqual({ index: 0, taskId: 'a', created: true })
    outgoing.write(line('b'))
    expect(JSON.parse(await next())).toEqual({ index: 1, taskId: 'b', created: true })
    outgoing.end()
    expect(await next()).toBe('undefined')
  })
})
