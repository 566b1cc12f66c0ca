import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { NumberedUpdate } from '../../ports/node-link.js'
import { OutboxFile } from './outbox-file.js'

let folder: string
let path: string
let outbox: OutboxFile

const update = (uplinkSeq: number, detail = '', incarnation = 7): NumberedUpdate => ({
  kind: 'durable',
  incarnation,
  uplinkSeq,
  atMs: 1,
  update: { kind: 'receipt', commandId: 'c1', state: 'received', detail },
})

const reopened = async (): Promise<readonly NumberedUpdate[]> => {
  await outbox.close()
  outbox = new OutboxFile({ path })
  return outbox.backlog()
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'agentflow-outbox-'))
  path = join(folder, 'outbox.jsonl')
  outbox = new OutboxFile({ path })
})
afterEach(async () => {
  await outbox.close()
  rmSync(folder, { recursive: true, force: true })
})

it('[ST2] keeps what is un-acked, in order, with its own incarnation', async () => {
  outbox.put(update(1))
  outbox.put(update(2))
  await outbox.flush()
  expect(await reopened()).toEqual([update(1), update(2)])
  outbox.put(update(1, '', 8))
  expect(await reopened()).toEqual([update(1), update(2), update(1, '', 8)])
})

it('is empty on disk once everything is acked', async () => {
  outbox.put(update(1))
  outbox.put(update(2))
  outbox.acked(7, 1)
  expect(statSync(path).size).toBeGreaterThan(0)
  outbox.acked(7, 2)
  expect(statSync(path).size).toBe(0)
  expect(await reopened()).toEqual([])
})

it('takes an ack for its own incarnation only', async () => {
  outbox.put(update(5))
  outbox.acked(8, 9)
  expect(await reopened()).toEqual([update(5)])
})

it('writes anew what is un-acked when most of the file is acked', async () => {
  const text = 'x'.repeat(64 * 1024)
  for (let seq = 1; seq <= 40; seq += 1) outbox.put(update(seq, text))
  outbox.acked(7, 39)
  expect(statSync(path).size).toBeLessThan(70 * 1024)
  outbox.put(update(41))
  expect((await reopened()).map(({ uplinkSeq }) => uplinkSeq)).toEqual([40, 41])
})

it('drops a torn last line, wherever it was torn, and goes on after the whole ones', async () => {
  outbox.put(update(1))
  const whole = statSync(path).size
  outbox.put(update(2))
  const full = readFileSync(path)
  for (let size = whole; size < full.length; size += 1) {
    await outbox.close()
    writeFileSync(path, full)
    truncateSync(path, size)
    outbox = new OutboxFile({ path })
    expect(outbox.backlog()).toEqual([update(1)])
    expect(statSync(path).size).toBe(whole)
  }
  outbox.put(update(3))
  expect(await reopened()).toEqual([update(1), update(3)])
})

it('drops what a power cut made of the end', async () => {
  outbox.put(update(1))
  appendFileSync(path, Buffer.concat([Buffer.alloc(100), Buffer.from('\n')]))
  expect(await reopened()).toEqual([update(1)])
})

it('refuses what is over its limit, and takes again after an ack', async () => {
  const small = new OutboxFile({ path: join(folder, 'small.jsonl'), bytesMax: 300 })
  small.put(update(1))
  small.put(update(2))
  expect(() => small.put(update(3))).toThrow('The outbox holds')
  small.acked(7, 1)
  small.put(update(3))
  await small.close()
})

it('flushes for everyone who asks, also while the disk works', async () => {
  outbox.put(update(1))
  const first = outbox.flush()
  outbox.put(update(2))
  await Promise.all([first, outbox.flush(), outbox.flush()])
  expect(await reopened()).toEqual([update(1), update(2)])
})
