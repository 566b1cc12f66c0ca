import { beforeEach, describe, expect, it } from 'vitest'
import { endOf, Rules } from '../../../src/testing/core-fixture.js'
import { bounds } from './bounds.js'
import { aTask, aWorker } from './fixture.js'
import { PastRig } from './past-fixture.js'
import { anyTask } from './task-query.js'

let rules: Rules
let rig: PastRig
/** The first task ran in [2_000, 3_000), the second failed at 5_000. */
let first: string
let second: string

beforeEach(async () => {
  // Its code is there before the first question, as after the first time in a browser.
  await import('./replay.js')
  rules = new Rules()
  rig = new PastRig(rules)
  rules.join('master-1')
  rules.nowMs = 2_000
  first = rules.submit()
  rules.running(first)
  rules.nowMs = 3_000
  rules.ended(first, endOf('succeeded'))
  rules.nowMs = 4_000
  second = rules.submit({ retry: { attemptsMax: 1, on: [], backoffMs: 0 } })
  rules.running(second)
  rules.nowMs = 5_000
  rules.ended(second, endOf('exit'))
  rules.nowMs = 6_000
  rig.tell({ type: 'start', socketUrl: 'ws://leader/ws', apiUrl: '', token: 'token' })
  rig.accept()
  rig.picture('nodes', [aWorker('master-1')])
  rig.picture('tasks', [aTask('now')])
  rig.tell({ type: 'watch_tasks', key: 'list', query: { ...anyTask, limit: 10 } })
  await rig.rest()
  expect(rig.phases).toEqual({ now: 'queued' })
})

const sentTypes = (): string[] =>
  rig.socket.sent.map(
    (message) => `${message.type} ${(message.topics as string[] | undefined)?.join(' ') ?? ''}`,
  )

describe('the past in place of the present', () => {
  it('[TT6] shows what was there at an instant, and nothing of what the socket goes on to bring', async () => {
    await rig.ask({ type: 'replay_at', atMs: 2_500 })
    expect(rig.state.replay).toMatchObject({
      phase: 'shown',
      atMs: 2_500,
      range: { fromMs: 1_000, toMs: 6_000 },
    })
    expect(rig.phases).toEqual({ [first]: 'running' })
    expect(rig.state.summary.tasks.running).toBe(1)
    expect(rig.state.workers['master-1']?.busyAgents).toBe(1)
    expect(sentTypes().at(-1)).toMatch(/^SUBSCRIBE logs:wall-rest/)
    rig.say({ type: 'TASK_UPDATE', task: aTask('late'), seq: 9 })
    rig.picture('tasks', [aTask('late')], 9)
    await rig.rest()
    expect(rig.phases).toEqual({ [first]: 'running' })
  })

  it('says why a task waited, by what was there then', async () => {
    rules.nowMs = 5_500
    const third = rules.submit({ type: 'email' })
    await rig.ask({ type: 'replay_at', atMs: 5_800 })
    expect(rig.state.tasks[third]?.waitReason).toMatchObject({
      code: 'no_capability',
      nearest: { workerId: 'master-1' },
    })
    expect(rig.state.summary.waiting.reasons).toEqual({ no_capability: 1 })
  })

  it('keeps the picture of before until the other one is there, both ways', async () => {
    rig.tell({ type: 'replay_at', atMs: 2_500 })
    expect(rig.phases).toEqual({ now: 'queued' })
    await rig.rest()
    await rig.ask({ type: 'replay_end' })
    expect(rig.state.replay?.phase).toBe('loading')
    expect(rig.phases).toEqual({ [first]: 'running' })
    rig.picture('nodes', [aWorker('master-1')], 9)
    rig.picture('tasks', [aTask('now'), aTask('new')], 9)
    await rig.rest()
    expect(rig.state.replay).toBeNull()
    expect(rig.phases).toEqual({ new: 'queued', now: 'queued' })
  })

  it('forgets the past when the link breaks on the way back: nobody takes it for the present', async () => {
    await rig.ask({ type: 'replay_at', atMs: 2_500 })
    await rig.ask({ type: 'replay_end' })
    rig.socket.events.closed(1006, 'gone')
    await rig.rest()
    expect(rig.state.replay).toBeNull()
    expect(rig.phases).toEqual({})
  })

  it('[TT7] gives no command and says nothing in a chat', async () => {
    await rig.ask({ type: 'replay_at', atMs: 2_500 })
    const before = rig.socket.sent.length
    await rig.ask({ type: 'command', requestId: 'r1', taskId: first, action: 'cancel' })
    await rig.ask({ type: 'chat', requestId: 'r2', context: '*:*', text: '/cancel' })
    expect(rig.socket.sent.slice(before).filter(({ type }) => type === 'COMMAND' || type === 'CHAT')).toEqual(
      [],
    )
    expect(rig.state.commands.r1?.outcome).toMatchObject({ kind: 'refused', code: 'replay' })
  })

  it('shows turns of a chat up to the cursor', async () => {
    const turn = (messageId: string, at: number) => ({
      ...{ type: 'CHAT_RESPONSE', conversationId: 'c', messageId, targetContext: '*:*', author: 'a' },
      ...{ role: 'user', at, text: messageId, delta: false, done: true },
    })
    rig.tell({ type: 'watch_chat', context: '*:*' })
    rig.picture('chat:*:*', [turn('early', 2_000), turn('late', 4_000)])
    await rig.ask({ type: 'replay_at', atMs: 2_500 })
    const said = () => rig.state.chats['*:*']?.map(({ text }) => text)
    expect(said()).toEqual(['early'])
    await rig.ask({ type: 'replay_at', atMs: 4_000 })
    expect(said()).toEqual(['early', 'late'])
  })
})

describe('moving in time', () => {
  it('[TT9] steps from event to event and back without asking the leader', async () => {
    await rig.ask({ type: 'replay_at', atMs: 2_500 })
    const asked = rig.leader.asked.filter((path) => path.startsWith('/api/replay')).length
    const seen: unknown[] = []
    for (const by of [1, 1, 1, -1, -1, -1] as const) {
      await rig.ask({ type: 'replay_step', by })
      seen.push([rig.state.replay?.atMs, rig.phases])
    }
    const over = { [first]: 'succeeded' }
    expect(seen).toEqual([
      [3_000, over],
      [4_000, { ...over, [second]: 'running' }],
      [5_000, { ...over, [second]: 'exit' }],
      [4_000, { ...over, [second]: 'running' }],
      [3_000, over],
      [2_000, { [first]: 'running' }],
    ])
    expect(rig.leader.asked.filter((path) => path.startsWith('/api/replay')).length).toBe(asked)
  })

  it('says where the log begins and ends', async () => {
    await rig.ask({ type: 'replay_at', atMs: 5_500 })
    await rig.ask({ type: 'replay_step', by: 1 })
    expect(rig.state.replay).toMatchObject({ note: 'last', atMs: 5_500 })
    await rig.ask({ type: 'replay_at', atMs: 1_000 })
    await rig.ask({ type: 'replay_step', by: -1 })
    expect(rig.state.replay).toMatchObject({ note: 'first', atMs: 1_000 })
    expect(rig.phases).toEqual({})
  })

  it('steps back over the end of what it was given', async () => {
    const ids = Array.from({ length: 30 }, () => {
      rules.nowMs += 100
      return rules.submit()
    })
    await rig.ask({ type: 'replay_at', atMs: rules.nowMs })
    expect(rig.state.lists.list?.total).toBe(32)
    for (let back = 0; back < 20; back += 1) await rig.ask({ type: 'replay_step', by: -1 })
    expect(rig.phases[ids[9] ?? '']).toBe('queued')
    expect(rig.phases[ids[10] ?? '']).toBeUndefined()
  })

  it('jumps to the next failure, and says when there is none', async () => {
    await rig.ask({ type: 'replay_at', atMs: 3_000 })
    await rig.ask({ type: 'replay_next_failure' })
    expect(rig.state.replay).toMatchObject({ atMs: 5_000, failure: { kind: 'task', id: second } })
    expect(rig.phases[second]).toBe('exit')
    await rig.ask({ type: 'replay_next_failure' })
    expect(rig.state.replay).toMatchObject({ atMs: 5_000, note: 'no_failure' })
  })

  it('plays as fast as asked, reads on before it runs out, and holds a bounded stretch of the log', async () => {
    for (let n = 0; n < bounds.replayEventsHeld; n += 1) {
      rules.nowMs += 1
      rules.submit()
    }
    const endMs = rules.nowMs
    await rig.ask({ type: 'replay_at', atMs: 5_500 })
    await rig.ask({ type: 'replay_play', speed: 10 })
    expect(rig.state.replay?.speed).toBe(10)
    for (let ticks = 0; ticks < 3; ticks += 1) {
      rig.pass(bounds.replayTickMs)
      await rig.rest()
    }
    expect(rig.state.replay?.atMs).toBe(5_500 + 3 * 10 * bounds.replayTickMs)
    await rig.ask({ type: 'replay_play', speed: null })
    rig.pass(10 * bounds.replayTickMs)
    await rig.rest()
    expect(rig.state.replay).toMatchObject({ speed: null, atMs: 8_500 })
    await rig.ask({ type: 'replay_at', atMs: endMs })
    expect(rig.state.lists.list?.total).toBe(bounds.replayEventsHeld + 2)
  })

  it('[TT4] says of an instant that is not kept which one is nearest', async () => {
    await rig.ask({ type: 'replay_at', atMs: 500 })
    expect(rig.state.replay).toMatchObject({
      phase: 'refused',
      refusal: { code: 'not_retained', askedMs: 500, nearestMs: 1_000 },
    })
    await rig.ask({ type: 'replay_at', atMs: 2_500 })
    await rig.ask({ type: 'replay_at', atMs: 99_000 })
    // What was shown before stays, and the bar says of which instant it is.
    expect(rig.state.replay).toMatchObject({ phase: 'shown', atMs: 2_500, refusal: { nearestMs: 6_000 } })
    expect(rig.phases).toEqual({ [first]: 'running' })
  })
})
