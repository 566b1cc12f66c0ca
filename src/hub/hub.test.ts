import { beforeEach, describe, expect, it } from 'vitest'
import { utf8Text } from '../adapters/text/utf8-text.js'
import type { Line } from '../contract/line.js'
import { limits } from '../core/limits.js'
import type { WallSink } from '../ports/control-plane.js'
import { ManualClock } from '../testing/manual-clock.js'
import { Hub } from './hub.js'
import { everything, type HubMessage } from './message.js'

/** A wall's socket that keeps what it got; `stuck` = it takes bytes but sends none. */
class Socket implements WallSink {
  readonly got: Record<string, unknown>[] = []
  readonly buffers: Uint8Array[] = []
  closedWith: number | null = null
  stuck = false
  #buffered = 0

  send(bytes: Uint8Array): void {
    this.buffers.push(bytes)
    this.got.push(JSON.parse(utf8Text.decode(bytes)) as Record<string, unknown>)
    if (this.stuck) this.#buffered += bytes.length
  }
  bufferedBytes(): number {
    return this.#buffered
  }
  close(code: number): void {
    this.closedWith = code
  }
  drain(): void {
    this.stuck = false
    this.#buffered = 0
  }
}

const task = (id: string, seq: number, padding = 0): HubMessage => ({
  topics: ['tasks', `tasks:${id}`],
  key: `task:${id}`,
  json: JSON.stringify({ type: 'TASK_UPDATE', task: { taskId: id, pad: 'x'.repeat(padding) }, seq }),
})
const line = (n: number): Line => ({
  taskId: 't1',
  attempt: 1,
  fence: 2,
  n,
  at: 0,
  nodeId: 'm',
  stream: 'out',
  level: 'info',
  text: `line ${n}`,
})
const log = (n: number): HubMessage => ({
  topics: ['logs'],
  key: null,
  json: JSON.stringify({ type: 'LOG', lines: [line(n)] }),
  lines: { first: line(n), last: line(n) },
})

describe('hub', () => {
  let clock: ManualClock
  let hub: Hub
  beforeEach(() => {
    clock = new ManualClock()
    hub = new Hub({ clock, text: utf8Text })
  })
  const join = (topics: string[], frames = true) => {
    const socket = new Socket()
    const seat = hub.seat(socket, { frames })
    seat.setTopics(new Set(topics))
    return { socket, seat }
  }

  it('[WL3] frames of one subscription leave no hole between what they cover', () => {
    const { socket } = join(['tasks'])
    for (let seq = 1; seq <= 50; seq += 1) {
      hub.publish([task(`t${seq}`, seq)], seq)
      clock.pass(seq % 7)
    }
    clock.pass(1_000)
    const frames = socket.got as { type: string; from: number; to: number; messages: unknown[] }[]
    expect(frames.every((frame) => frame.type === 'FRAME')).toBe(true)
    expect(frames[0]?.from).toBe(0)
    for (const [at, frame] of frames.entries()) expect(frame.from).toBe(at === 0 ? 0 : frames[at - 1]?.to)
    expect(frames.at(-1)?.to).toBe(50)
    expect(frames.flatMap((frame) => frame.messages)).toHaveLength(50)
  })

  it('sends the first message after a pause at once and gathers the ones that follow', () => {
    const { socket } = join(['tasks'])
    hub.publish([task('t1', 1)], 1)
    clock.pass(0)
    expect(socket.got).toHaveLength(1)
    hub.publish([task('t2', 2)], 2)
    hub.publish([task('t3', 3)], 3)
    clock.pass(0)
    expect(socket.got).toHaveLength(1)
    clock.pass(limits.wallFrameMsMin)
    expect(socket.got).toHaveLength(2)
  })

  it('[WL4] encodes a message once, however many walls receive it', () => {
    const walls = Array.from({ length: 20 }, () => join(['tasks']).socket)
    hub.publish([task('t1', 1)], 1)
    clock.pass(0)
    const [first] = walls[0]?.buffers ?? []
    expect(first).toBeDefined()
    for (const wall of walls) expect(wall.buffers[0]).toBe(first)
  })

  it('tells each wall what it follows, everything when it follows all, and one message a text without frames', () => {
    const narrow = join(['tasks:t2']).socket
    const all = join([everything]).socket
    const plain = join(['tasks'], false).socket
    hub.publish([task('t1', 1), task('t2', 2)], 2)
    clock.pass(0)
    expect(narrow.got).toMatchObject([{ messages: [{ task: { taskId: 't2' } }] }])
    expect(all.got).toMatchObject([{ messages: [{ task: { taskId: 't1' } }, { task: { taskId: 't2' } }] }])
    expect(plain.got.map((message) => message.type)).toEqual(['TASK_UPDATE', 'TASK_UPDATE'])
  })

  it('[WL2] within a frame the newest version of an entity wins', () => {
    const { socket } = join(['tasks'])
    hub.publish([task('t1', 1), task('t2', 2), task('t1', 3)], 3)
    clock.pass(0)
    expect(socket.got).toMatchObject([{ messages: [{ seq: 2 }, { seq: 3 }] }])
  })

  it('[WL5] a slow wall gets newest versions and gaps when it drains; the others get everything meanwhile', () => {
    const slow = join(['tasks', 'logs'])
    const fast = join(['tasks', 'logs'])
    slow.socket.stuck = true
    hub.publish([task('t0', 1, limits.wallQueueBytesMax / 4)], 1)
    clock.pass(0)
    for (let seq = 2; seq <= 20; seq += 1) {
      hub.publish([task('t1', seq), log(seq)], seq)
      clock.pass(100)
    }
    expect(fast.socket.got).toHaveLength(20)
    expect(slow.socket.got).toHaveLength(1)
    slow.socket.drain()
    hub.drained(slow.seat.flow)
    const last = slow.socket.got.at(-1) as { from: number; to: number; messages: Record<string, unknown>[] }
    expect([last.from, last.to]).toEqual([1, 20])
    expect(last.messages).toMatchObject([
      { type: 'TASK_UPDATE', seq: 20 },
      { type: 'LOG', lines: [{ n: 20, gap: { from: 2, to: 21 } }] },
    ])
  })

  it('[WL3] a frame that catches up claims only what its wall was offered', () => {
    const { socket, seat } = join(['tasks'])
    socket.stuck = true
    hub.publish([task('t1', 1, limits.wallQueueBytesMax / 4)], 1)
    clock.pass(0)
    hub.publish([task('t1', 2)], 2)
    clock.pass(100)
    hub.publish([task('t2', 3)], 3)
    clock.pass(0)
    hub.publish([task('t3', 4)], 4)
    socket.drain()
    hub.drained(seat.flow)
    expect(socket.got.at(-1)).toMatchObject({ from: 1, to: 3, messages: [{ seq: 2 }, { seq: 3 }] })
    clock.pass(100)
    expect(socket.got.at(-1)).toMatchObject({ from: 3, to: 4, messages: [{ seq: 4 }] })
  })

  it('[WL5] closes a wall with 4408 that asks for pictures and does not read them', () => {
    const { socket, seat } = join(['tasks'])
    socket.stuck = true
    const picture = JSON.stringify({ pad: 'x'.repeat(limits.wallPictureBytesMax / 8) })
    for (let n = 0; n < 20; n += 1) seat.flow.direct(picture)
    expect(socket.closedWith).toBe(4408)
    expect(socket.bufferedBytes()).toBeLessThan(1.2 * limits.wallPictureBytesMax)
  })

  it('[WL5] closes a wall with 4408 over its queue, and one that takes nothing for too long', () => {
    const full = join(['tasks']).socket
    full.stuck = true
    hub.publish([task('t0', 1, limits.wallQueueBytesMax / 2)], 1)
    clock.pass(0)
    for (let n = 0; n < 3; n += 1)
      hub.publish([task(`t${n + 1}`, n + 2, limits.wallQueueBytesMax / 2)], n + 2)
    clock.pass(1_000)
    expect(full.closedWith).toBe(4408)
    const silent = join(['tasks']).socket
    silent.stuck = true
    hub.publish([task('t8', 9, limits.wallQueueBytesMax / 2)], 9)
    clock.pass(1_000)
    hub.publish([task('t9', 10)], 10)
    clock.pass(limits.wallUnwritableMs + 1_000)
    hub.publish([task('t9', 11)], 11)
    clock.pass(1_000)
    expect(silent.closedWith).toBe(4408)
  })

  it('counts what a wall that acks has not acked as room taken', () => {
    const { socket, seat } = join(['tasks'])
    seat.flow.acked(0)
    for (let seq = 1; seq <= 13; seq += 1) {
      hub.publish([task(`t${seq}`, seq, limits.wallQueueBytesMax / 8)], seq)
      clock.pass(1_000)
    }
    const before = socket.got.length
    expect(before).toBeLessThan(13)
    seat.flow.acked(13)
    hub.drained(seat.flow)
    expect(socket.got.length).toBeGreaterThan(before)
  })

  it('moves a wall between topics without losing what had gathered, and lets it leave', () => {
    const { socket, seat } = join(['tasks'])
    hub.publish([task('t1', 1)], 1)
    seat.setTopics(new Set(['logs']))
    hub.publish([task('t2', 2), log(1)], 2)
    clock.pass(100)
    expect(
      socket.got.flatMap((frame) => (frame as { messages: { type: string }[] }).messages.map((m) => m.type)),
    ).toEqual(['TASK_UPDATE', 'LOG'])
    seat.leave()
    expect(hub.seats).toBe(0)
    expect(hub.hasListeners('logs')).toBe(false)
  })
})
