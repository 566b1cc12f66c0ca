import { beforeEach, describe, expect, it } from 'vitest'
import { closeCodes } from '../../contract/socket.js'
import { limits } from '../../core/limits.js'
import { ManualClock } from '../../testing/manual-clock.js'
import { LocalWall } from './local-wall.js'

let clock: ManualClock
let sent: (Record<string, unknown> & { readonly type: string })[]
let closes: number[]
let bufferedBytes: number
let wall: LocalWall

beforeEach(() => {
  clock = new ManualClock()
  sent = []
  closes = []
  bufferedBytes = 0
  wall = new LocalWall({
    sink: {
      send: (bytes) => sent.push(JSON.parse(Buffer.from(bytes).toString())),
      bufferedBytes: () => bufferedBytes,
      close: (code) => closes.push(code),
    },
    clock,
    logId: 'local.m1',
    term: 3,
    seq: () => 7,
    items: (topic) => [{ of: topic }],
    onClosed: () => undefined,
  })
})

const greet = () => wall.greet({ user: 'eve', role: 'viewer', expiresAtMs: 99 }, { workerId: 'm1', since: 5 })
const pictures = () => sent.filter(({ type }) => type === 'SNAPSHOT').map(({ topic }) => topic)
const news = (topic: string) => wall.offer([topic], Buffer.from(`{"type":"NEWS","topic":"${topic}"}`))

describe('a wall of a master whose leader is gone', () => {
  it('[OW3] is told who it is, since when there is no leader, and a picture of each topic it subscribes', () => {
    greet()
    wall.subscribe(['nodes', 'tasks:t1'])
    clock.pass(0)
    expect(sent[0]).toEqual({
      type: 'AUTH_OK',
      logId: 'local.m1',
      term: 3,
      seq: 7,
      user: 'eve',
      role: 'viewer',
      expiresAt: 99,
      local: { workerId: 'm1', since: 5 },
    })
    expect(pictures()).toEqual(['nodes', 'tasks:t1'])
    expect(sent[1]).toMatchObject({ logId: 'local.m1', seq: 7, items: [{ of: 'nodes' }], total: 1 })
    news('tasks')
    news('nodes')
    wall.unsubscribe(['nodes'])
    news('nodes')
    expect(sent.filter(({ type }) => type === 'NEWS')).toEqual([{ type: 'NEWS', topic: 'nodes' }])
  })

  it('[WL1] hears everything when it never subscribes', () => {
    greet()
    clock.pass(0)
    expect(pictures()).toContain('logs')
    news('alerts')
    expect(sent.at(-1)).toEqual({ type: 'NEWS', topic: 'alerts' })
  })

  it('[OW4] is refused what it wants done, with the id of its request', () => {
    wall.chat({ requestId: 'c1' })
    wall.command({ requestId: 'r1' })
    expect(sent).toMatchObject([
      { type: 'ERROR', requestId: 'c1', error: { code: 'unavailable' } },
      { type: 'ERROR', requestId: 'r1', error: { code: 'unavailable' } },
    ])
  })

  it('[OW8] is refused more than wallTopicsMax topics, and closed when it does not read', () => {
    wall.subscribe(Array.from({ length: limits.wallTopicsMax + 1 }, (_, n) => `tasks:t${n}`))
    expect(sent).toMatchObject([{ type: 'ERROR', error: { code: 'too_large' } }])
    bufferedBytes = limits.wallPictureBytesMax + 1
    news('nodes')
    news('nodes')
    expect([sent.length, closes]).toEqual([1, [closeCodes.tooSlow]])
  })

  it('says nothing more once it is over', () => {
    wall.end(1012, 'the leader is back')
    wall.subscribe(['nodes'])
    wall.end(1012, 'again')
    expect([sent, closes]).toEqual([[], [1012]])
  })
})
