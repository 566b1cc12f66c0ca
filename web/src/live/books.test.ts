import { describe, expect, it } from 'vitest'
import { bounds } from './bounds.js'
import { ChatBook } from './chat-book.js'
import { CommandBook } from './command-book.js'
import { aLine, aReceipt, aTask, running } from './fixture.js'
import { LineBook, LineWatch } from './line-book.js'
import { type ChatResponse, everyLine, type LineQuery } from './protocol.js'
import { TaskBook } from './task-book.js'
import { anyTask } from './task-query.js'
import { Versions } from './versions.js'

const everything = anyTask
const whole = { resumed: false, total: 0 }

describe('versions', () => {
  it('keep the newest whatever the order of arrival', () => {
    const versions = new Versions<{ id: string; value: number }>((entity) => entity.id)
    versions.put({ id: 'a', value: 2 }, 2)
    versions.put({ id: 'a', value: 1 }, 1)
    expect(versions.take().upsert).toEqual([{ id: 'a', value: 2 }])
  })

  it('drop what a picture lacks unless it is newer than the picture', () => {
    const versions = new Versions<{ id: string }>((entity) => entity.id)
    versions.put({ id: 'old' }, 1)
    versions.put({ id: 'new' }, 9)
    versions.take()
    versions.picture([], 5, false)
    expect(versions.take()).toEqual({ upsert: [], remove: ['old'] })
    expect(versions.get('new')).toBeDefined()
  })

  it('an empty picture is news: now it is known that there is nothing', () => {
    const versions = new Versions<{ id: string }>((entity) => entity.id)
    versions.picture([], 1, false)
    expect(versions.dirty).toBe(true)
  })

  it('of those that are over only the newest stay, however many go on', () => {
    const versions = new Versions<{ id: string; over: boolean }>((entity) => entity.id)
    for (const id of ['a', 'b', 'c', 'd']) versions.put({ id, over: id !== 'a' }, 1)
    versions.take()
    versions.keepNewest(2, (entity) => entity.over)
    expect(versions.take()).toEqual({ upsert: [], remove: ['b'] })
    expect(versions.values().map(({ id }) => id)).toEqual(['a', 'c', 'd'])
  })
})

describe('tasks', () => {
  it('stand by age, whenever they came, and are found anew when their words change', () => {
    const book = new TaskBook()
    const born = (taskId: string, createdAt: number, name = taskId) => aTask(taskId, { createdAt, name })
    book.picture([born('t5', 5), born('t6', 6)], 1, { resumed: false, total: 2 })
    for (const task of [born('t2', 2), born('t9', 9), born('t1', 1), born('t7', 7)]) book.put(task, 2)
    const query = { ...anyTask, limit: 10 }
    expect(book.list(query).ids).toEqual(['t9', 't7', 't6', 't5', 't2', 't1'])
    expect(book.list({ ...query, text: 'renamed' }).ids).toEqual([])
    book.put(born('t6', 6, 'renamed'), 3)
    book.put(born('t3', 3), 3)
    expect(book.list({ ...query, text: 'renamed' }).ids).toEqual(['t6'])
    expect(book.list(query).ids).toEqual(['t9', 't7', 't6', 't5', 't3', 't2', 't1'])
  })

  it('are listed newest first, whatever the order of arrival', () => {
    const book = new TaskBook()
    book.put(aTask('t2', { createdAt: 2 }), 1)
    book.put(aTask('t3', { createdAt: 3 }), 1)
    book.put(aTask('t1', { createdAt: 1 }), 1)
    expect(book.list(everything).ids).toEqual(['t3', 't2', 't1'])
  })

  it('that need a person come first in order of attention', () => {
    const book = new TaskBook()
    const stall = { kind: 'silent' as const, since: 0, lines: [] }
    book.put(aTask('failed', { status: 'failed', phase: 'exit' }), 1)
    book.put(running('runs'), 1)
    book.put(aTask('waits'), 1)
    book.put(running('stalled', { stall }), 1)
    expect(book.list({ ...everything, order: 'attention' }).ids).toEqual([
      'stalled',
      'runs',
      'waits',
      'failed',
    ])
  })

  it('are found by words in name, id, master and command; the window cuts, the total does not', () => {
    const book = new TaskBook()
    for (let index = 0; index < 10; index += 1) {
      book.put(
        running(`t${index}`, { name: 'build web', createdAt: index, payload: { command: 'make -C web' } }),
        1,
      )
    }
    book.put(running('u1', { name: 'other' }), 1)
    const list = book.list({ ...everything, text: 'MAKE web', from: 2, limit: 3 })
    expect(list).toMatchObject({ ids: ['t7', 't6', 't5'], total: 10 })
  })

  it('of a picture that was cut among the unfinished ones are known not to be all', () => {
    const book = new TaskBook()
    const failed = aTask('t2', { status: 'failed', phase: 'exit' })
    book.picture([aTask('t1'), failed], 1, { resumed: false, total: 9 })
    expect(book.summary()).toMatchObject({ unseen: 7, openCut: false })
    book.picture([aTask('t1'), running('t2')], 1, { resumed: false, total: 9 })
    expect(book.summary()).toMatchObject({ unseen: 7, openCut: true })
    book.clear()
    expect(book.summary()).toMatchObject({ unseen: 0, openCut: false })
  })

  it('of the queue stand in the order of their turn, and are counted by band and by reason', () => {
    const book = new TaskBook()
    const slot = { code: 'no_slot', text: 'no free slot', nearest: null, limit: null, until: null }
    book.put(aTask('t1', { priority: 2 }), 1)
    book.put(aTask('t2', { priority: 9, waitReason: slot, createdAt: 2_000 }), 1)
    book.put(aTask('t3', { priority: 9, waitReason: slot }), 1)
    book.put(aTask('t4', { priority: 5, status: 'failed', phase: 'dead_letter' }), 1)
    const waiting = { ...everything, statuses: ['pending'] as const, order: 'queue' as const }
    expect(book.list(waiting).ids).toEqual(['t3', 't2', 't1'])
    expect(book.list({ ...waiting, reason: 'no_slot' }).ids).toEqual(['t3', 't2'])
    expect(book.list({ ...waiting, band: 'low' }).ids).toEqual(['t1'])
    expect(book.list({ ...everything, phases: ['dead_letter'] }).ids).toEqual(['t4'])
    expect(book.summary()).toMatchObject({
      waiting: { bands: { high: 2, normal: 0, low: 1 }, reasons: { '': 1, no_slot: 2 } },
      deadLetters: 1,
    })
    book.put(running('t3'), 2)
    expect(book.summary().waiting).toEqual({
      bands: { high: 1, normal: 0, low: 1 },
      reasons: { '': 1, no_slot: 1 },
    })
  })

  it('are counted by status and by master as they change', () => {
    const book = new TaskBook()
    book.put(aTask('t1'), 1)
    book.put(running('t1'), 2)
    book.put(aTask('t2', { requirements: { ...aTask('t2').requirements, workerId: 'master-2' } }), 1)
    expect(book.summary()).toMatchObject({
      tasks: { pending: 1, running: 1 },
      byWorker: { 'master-1': { running: 1, pending: 0 }, 'master-2': { pending: 1 } },
      projects: ['default'],
      known: false,
    })
    book.picture([], 9, whole)
    expect(book.summary()).toMatchObject({ tasks: { pending: 0, running: 0 }, projects: [], known: true })
  })

  it('tell progress from news', () => {
    const book = new TaskBook()
    expect(book.put(running('t1'), 1)).toBe('state')
    expect(book.put(running('t1', { progress: 0.1 }), 2)).toBe('numbers')
    expect(book.put(running('t1', { phase: 'paused' }), 3)).toBe('state')
    expect(book.put(running('t1'), 2)).toBe('none')
  })

  it('at the limit, the oldest finished ones are dropped and counted, never a live one', () => {
    const book = new TaskBook()
    const over = bounds.tasksFinishedHeld * 1.1 + 1
    book.put(running('live', { createdAt: 0 }), 1)
    for (let index = 0; index < over; index += 1) {
      book.put(aTask(`d${index}`, { status: 'completed', phase: 'succeeded', createdAt: index + 1 }), 1)
    }
    book.trim()
    expect(book.summary()).toMatchObject({ tasks: { completed: bounds.tasksFinishedHeld, running: 1 } })
    expect(book.summary().unseen).toBe(Math.ceil(over) - bounds.tasksFinishedHeld)
    expect(book.get('d0')).toBeUndefined()
  })
})

describe('lines', () => {
  const any = everyLine

  it('are taken once; a hole in the numbers is shown as a gap', () => {
    const book = new LineBook()
    expect(book.take([aLine('t1', 1), aLine('t1', 1)])).toHaveLength(1)
    const [gap, line] = book.take([aLine('t1', 5)])
    expect(gap).toMatchObject({ n: 4.5, gap: { from: 2, to: 5 } })
    expect(line).toMatchObject({ n: 5 })
  })

  it('are filtered by node, task, lowest level and words', () => {
    const book = new LineBook()
    book.take([aLine('t1', 1, 'Hello'), aLine('t1', 2, 'bad', 'error'), aLine('t2', 1, 'hello')])
    const numbers = (query: Partial<LineQuery>) =>
      book.newest({ ...any, ...query }, 10).map((line) => `${line.taskId}.${line.n}`)
    expect(numbers({ text: 'HELLO' })).toEqual(['t1.1', 't2.1'])
    expect(numbers({ level: 'warning' })).toEqual(['t1.2'])
    expect(numbers({ taskId: 't2' })).toEqual(['t2.1'])
    expect(numbers({ nodeId: 'master-9' })).toEqual([])
  })

  it('that come faster than frames are skipped and counted', () => {
    const watch = new LineWatch(any, [])
    watch.append(Array.from({ length: bounds.linesPerFrame + 5 }, (_, index) => aLine('t1', index + 1)))
    const delta = watch.take()
    expect(delta.newer).toHaveLength(bounds.linesPerFrame)
    expect(delta.newer[0]?.n).toBe(6)
    expect(delta.skipped).toBe(5)
  })

  it('from before are put before, without those that are shown', () => {
    const watch = new LineWatch(any, [aLine('t1', 3), aLine('t1', 4)])
    watch.take()
    watch.prepend([aLine('t1', 1), aLine('t1', 2), aLine('t1', 3), aLine('t1', 4)], true, null)
    expect(watch.take()).toMatchObject({
      reset: false,
      older: [{ n: 1 }, { n: 2 }],
      newer: [],
      complete: true,
    })
    expect(watch.reached).toBe(1)
  })

  it('into an empty stream are simply its lines', () => {
    const watch = new LineWatch(any, [])
    watch.prepend([aLine('t1', 1)], true, null)
    expect(watch.take()).toMatchObject({ reset: true, older: [], newer: [{ n: 1 }] })
  })
})

describe('chats', () => {
  const piece = (change: Partial<ChatResponse>): ChatResponse => ({
    type: 'CHAT_RESPONSE',
    text: '',
    conversationId: 'c',
    messageId: 'm1',
    targetContext: 'p:m',
    author: 'leader',
    role: 'assistant',
    at: 1,
    delta: true,
    done: false,
    ...change,
  })

  it('grow by pieces until the whole text comes', () => {
    const book = new ChatBook()
    book.receive(piece({ text: 'one ' }))
    book.receive(piece({ text: 'two' }))
    expect(book.take()['p:m']).toMatchObject([{ text: 'one two', done: false }])
    book.receive(piece({ text: 'One two.', delta: false, done: true }))
    expect(book.take()['p:m']).toMatchObject([{ text: 'One two.', done: true }])
  })

  it('keep what was said through a picture that does not have it yet', () => {
    const book = new ChatBook()
    book.say('p:m', 'q1', 'hello', true, 1)
    book.replace('p:m', [piece({ messageId: 'm0', text: 'before', delta: false, done: true })])
    expect(book.take()['p:m']?.map((turn) => turn.text)).toEqual(['before', 'hello'])
    book.receive(
      piece({ messageId: 'm1', role: 'user', requestId: 'q1', text: 'hello', done: true, delta: false }),
    )
    expect(book.take()['p:m']?.map((turn) => turn.messageId)).toEqual(['m0', 'm1'])
  })

  it('show a refusal under what was refused', () => {
    const book = new ChatBook()
    book.say('p:m', 'q1', 'hello', true, 1)
    expect(book.refuse('q1', 'No.')).toBe(true)
    expect(book.take()['p:m']).toMatchObject([
      { failed: true },
      { role: 'assistant', text: 'No.', failed: true },
    ])
    expect(book.refuse('q2', 'No.')).toBe(false)
  })
})

describe('commands', () => {
  const ask = (requestId: string) => ({
    requestId,
    taskId: 't1',
    action: 'pause' as const,
    atMs: 1,
    sent: true,
  })

  it('follow their receipt by request and then by its id', () => {
    const book = new CommandBook()
    book.ask(ask('r1'))
    book.receive(aReceipt('c1', 'sent', 1), 'r1')
    book.receive(aReceipt('c1', 'done', 2), undefined)
    expect(book.take().commands).toMatchObject([{ outcome: { kind: 'receipt', receipt: { state: 'done' } } }])
    expect(book.unfinished()).toEqual([])
  })

  it('do not go back to an earlier step', () => {
    const book = new CommandBook()
    book.receive(aReceipt('c1', 'done', 3), undefined)
    book.receive(aReceipt('c1', 'sent', 1), undefined)
    expect(book.take().receipts).toMatchObject([{ state: 'done' }])
  })

  it('at the limit, the oldest are dropped', () => {
    const book = new CommandBook()
    for (let index = 0; index <= bounds.commandsMax; index += 1) book.ask(ask(`r${index}`))
    expect(book.refuse('r0', 'x', 'y')).toBe(false)
    expect(book.refuse('r1', 'x', 'y')).toBe(true)
  })
})
