import { beforeEach, describe, expect, it } from 'vitest'
import { limits } from '../../../src/core/limits.js'
import { bounds } from './bounds.js'
import { FakeWorld } from './fixture.js'
import type { Connection } from './protocol.js'
import { Session } from './session.js'

let world: FakeWorld
let session: Session
let phases: Connection[]
let received: string[]
let forgotten: number

beforeEach(() => {
  world = new FakeWorld()
  phases = []
  received = []
  forgotten = 0
  session = new Session(world, {
    changed: (connection) => phases.push(connection),
    received: (message) => received.push(message.type),
    forget: () => {
      forgotten += 1
    },
  })
  session.setTopics(new Set(['tasks', 'nodes']))
  session.start('ws://leader/ws', 'token')
})

const last = () => phases.at(-1)
const sentTypes = () => world.socket.sent.map((message) => message.type)

describe('a first connection', () => {
  it('authenticates with frames, then subscribes what is on screen', () => {
    expect(last()).toMatchObject({ phase: 'connecting' })
    world.accept()
    expect(world.socket.sent).toEqual([
      { type: 'AUTH', token: 'token', frames: true },
      { type: 'SUBSCRIBE', topics: ['tasks', 'nodes'] },
    ])
    expect(last()).toEqual({ phase: 'live', user: 'admin', role: 'admin', term: 1 })
  })

  it('[OW3] is local, not live, when the master that answers has lost its leader, and forgets when it is back', () => {
    world.accept()
    const local = { workerId: 'm1', since: 500 }
    world.socket.events.closed(1012, 'the leader is gone')
    world.pass(limits.backoffMsMax)
    world.socket.events.opened()
    const hello = { type: 'AUTH_OK', term: 1, seq: 9, user: 'eve', role: 'viewer' } as const
    world.say({ ...hello, logId: 'local.m1', local })
    expect(last()).toEqual({
      phase: 'local',
      user: 'eve',
      role: 'viewer',
      term: 1,
      workerId: 'm1',
      sinceMs: 500,
    })
    world.socket.events.closed(1012, 'the leader is back')
    world.pass(limits.backoffMsMax)
    world.accept()
    expect(last()).toMatchObject({ phase: 'live' })
    expect(forgotten).toBe(2)
  })

  it('unpacks frames in order and acks each', () => {
    world.accept()
    world.say({
      type: 'FRAME',
      from: 5,
      to: 9,
      messages: [
        { type: 'LOG', lines: [] },
        { type: 'METRICS', nodes: [] },
      ],
    })
    expect(received).toEqual(['LOG', 'METRICS'])
    expect(world.socket.sent.at(-1)).toEqual({ type: 'ACK', seq: 9 })
  })

  it('sends only what changed of its topics', () => {
    world.accept()
    session.setTopics(new Set(['tasks', 'logs']))
    expect(world.socket.sent.slice(2)).toEqual([
      { type: 'UNSUBSCRIBE', topics: ['nodes'] },
      { type: 'SUBSCRIBE', topics: ['logs'] },
    ])
  })

  it('gives up a socket that does not open', () => {
    world.pass(bounds.connectMs)
    expect(world.sockets[0]?.closed).toBe(true)
    expect(last()).toMatchObject({ phase: 'offline', reason: 'no answer' })
  })

  it('says refused, and does not try again, when the token is not taken', () => {
    world.socket.events.opened()
    world.socket.events.closed(4401, '')
    expect(last()).toEqual({ phase: 'refused', reason: 'not_authenticated' })
    world.pass(60_000)
    expect(world.sockets).toHaveLength(1)
  })
})

describe('after a cut', () => {
  it('resumes from the last frame once every topic has had its picture', () => {
    world.accept(5)
    world.picture('tasks')
    world.picture('nodes')
    world.say({ type: 'FRAME', from: 5, to: 12, messages: [] })
    world.socket.events.closed(1006, '')
    expect(last()).toMatchObject({ phase: 'offline' })
    world.pass(bounds.connectMs)
    world.socket.events.opened()
    expect(world.socket.sent[0]).toMatchObject({ resume: { logId: 'log', seq: 12 } })
  })

  it('asks for whole pictures when the first ones had not come', () => {
    world.accept(5)
    world.picture('tasks')
    world.socket.events.closed(1006, '')
    world.pass(5_000)
    world.socket.events.opened()
    expect(world.socket.sent[0]).not.toHaveProperty('resume')
  })

  it('forgets everything when the leader has another log', () => {
    world.accept()
    world.socket.events.closed(1006, '')
    world.pass(5_000)
    world.accept(1, 'another log')
    expect(forgotten).toBe(1)
  })

  it('waits longer each time, with full jitter, and never gives up', () => {
    const waits: number[] = []
    for (let attempt = 0; attempt < 9; attempt += 1) {
      world.socket.events.closed(1006, '')
      const state = last()
      if (state?.phase !== 'offline') throw new Error('not offline')
      const waitMs = state.retryAtMs - world.nowMs()
      waits.push(waitMs)
      world.pass(waitMs)
    }
    expect(waits).toEqual([50, 100, 200, 400, 800, 1_600, 2_500, 2_500, 2_500])
    expect(world.sockets).toHaveLength(10)
  })

  it('keeps the time of the first loss through failed tries', () => {
    world.accept()
    world.socket.events.closed(1006, '')
    const lostAt = world.nowMs()
    world.pass(5_000)
    world.socket.events.closed(1006, '')
    expect(last()).toMatchObject({ phase: 'offline', sinceMs: lostAt })
  })

  it('tries at once when asked', () => {
    world.socket.events.closed(1006, '')
    session.retryNow()
    expect(world.sockets).toHaveLength(2)
  })

  it('buffers nothing: what is said meanwhile is not sent, not even later', () => {
    world.accept()
    world.socket.events.closed(1006, '')
    expect(session.send({ type: 'COMMAND', requestId: 'r', action: 'cancel', taskId: 't1' })).toBe(false)
    world.pass(5_000)
    world.accept()
    expect(sentTypes()).toEqual(['AUTH', 'SUBSCRIBE'])
  })

  it('ignores what an abandoned socket still says', () => {
    world.accept()
    const old = world.socket
    old.events.closed(1006, '')
    world.pass(5_000)
    world.accept()
    old.events.closed(4401, '')
    expect(last()).toMatchObject({ phase: 'live' })
  })
})

describe('a silent leader', () => {
  beforeEach(() => world.accept())

  it('is asked for an empty picture; an answer keeps the wall live', () => {
    world.pass(bounds.quietMs)
    expect(world.socket.sent.at(-1)).toEqual({ type: 'SUBSCRIBE', topics: ['logs:wall-probe'] })
    world.picture('logs:wall-probe')
    world.pass(bounds.staleMs)
    expect(last()).toMatchObject({ phase: 'live' })
  })

  it('is shown as stale, then given up', () => {
    world.pass(bounds.quietMs + bounds.staleMs)
    expect(last()).toMatchObject({ phase: 'stale', sinceMs: 10_000 })
    world.pass(bounds.deadMs - bounds.staleMs)
    expect(last()).toMatchObject({ phase: 'offline' })
  })

  it('is live again with its first word', () => {
    world.pass(bounds.quietMs + bounds.staleMs)
    world.say({ type: 'METRICS', nodes: [] })
    expect(last()).toMatchObject({ phase: 'live', user: 'admin' })
  })
})

it('leaves a leader that does not speak JSON', () => {
  world.accept()
  world.socket.events.received('{')
  expect(last()).toMatchObject({ phase: 'offline', reason: 'malformed message' })
})

it('stops for good', () => {
  world.accept()
  session.stop()
  expect(world.socket.closed).toBe(true)
  world.pass(60_000)
  expect(world.sockets).toHaveLength(1)
})
