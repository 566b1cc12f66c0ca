import { describe, expect, it } from 'vitest'
import { check, type Invariant, invariants } from './check.js'
import type { Entry, Line, Seen } from './history.js'

/** A history of these entries, a second apart. */
const history = (...entries: readonly Entry[]): readonly Line[] =>
  entries.map((entry, index) => ({ ...entry, at: 1_000 * index, mono: 1_000 * index }))

const task = (more: Partial<Seen> = {}): Seen => ({
  taskId: 't1',
  key: 'k1',
  phase: 'running',
  attempt: 1,
  fence: 5,
  exitCode: null,
  value: null,
  ...more,
})
const succeeded = task({ phase: 'succeeded', exitCode: 0, value: { fence: 5 } })
const run = (step: 'held' | 'busy' | 'end', more: Partial<Extract<Entry, { type: 'run' }>> = {}): Entry => ({
  type: 'run',
  step,
  taskId: 't1',
  key: 'k1',
  attempt: 1,
  fence: 5,
  ...more,
})
const submit = (op: number, key = 'k1', body = 'a'): Entry => ({ type: 'submit', op, key, body })
const submitted = (op: number, more: { taskId?: string; created?: boolean } = {}): Entry => ({
  type: 'submitted',
  op,
  taskId: 't1',
  created: true,
  ...more,
})
const read = (op: number): Entry => ({ type: 'read', op, taskId: 't1' })
const answered = (op: number, seen: Seen): Entry => ({ type: 'answered', op, task: seen })
const control = (op: number, act: 'cancel' | 'retry'): Entry => ({ type: 'control', op, act, taskId: 't1' })
const controlled = (op: number, state: string | null): Entry => ({ type: 'controlled', op, state })
const refused = (op: number, code: string): Entry => ({ type: 'refused', op, code })
const unknown = (op: number): Entry => ({ type: 'unknown', op, code: 'outcome_unknown' })
const watched = (seen: Seen): Entry => ({ type: 'watched', seq: 1, task: seen })
const listed = (seen: Seen): Entry => ({ type: 'listed', task: seen })
const begin: Entry = { type: 'begin', seed: 1, seconds: 1, restMsMax: 5_000 }
const healed: Entry = { type: 'healed' }
const rested: Entry = { type: 'rested' }
const ended = (asked: boolean, how = 'SIGSEGV'): Entry => ({
  type: 'process',
  name: 'leader',
  pid: 1,
  state: 'ended',
  how,
  asked,
})
const waits: readonly Entry[] = Array.from({ length: 6 }, () => watched(task()))

/** As it should be: a task is made, runs twice because a fault hit it, is retried by hand, and is there at the end. */
const good: readonly Entry[] = [
  begin,
  submit(1),
  unknown(1),
  submit(2),
  submitted(2, { created: false }),
  { type: 'fault', target: 'leader', kind: 'kill', ms: 1 },
  ended(true),
  run('held'),
  read(3),
  answered(3, task()),
  run('held', { fence: 9, attempt: 2 }),
  watched(task({ fence: 9, attempt: 2 })),
  run('end', { fence: 9, attempt: 2 }),
  read(4),
  answered(4, task({ ...succeeded, fence: 9, attempt: 2, value: { fence: 9 } })),
  control(5, 'retry'),
  read(6),
  answered(6, task({ phase: 'queued', fence: null, attempt: 2 })),
  controlled(5, 'done'),
  healed,
  run('held', { fence: 12, attempt: 3 }),
  control(7, 'cancel'),
  controlled(7, 'killed'),
  rested,
  listed(task({ phase: 'cancelled', fence: 12, attempt: 3 })),
  { type: 'end' },
]

/** Histories that each break one rule, and the words that must be said of them. */
const bad: readonly (readonly [Invariant, string, readonly Entry[], RegExp])[] = [
  ['acked is kept', 'a task is gone at the end', [submit(1), submitted(1)], /t1 was acknowledged/],
  ['acked is kept', 'a run is of no task', [run('held')], /t1 ran/],
  ['acked is kept', 'a task is not found', [read(1), refused(1, 'task_not_found')], /no such task/],
  [
    'one task per key',
    'two answers differ',
    [submit(1), submitted(1), submit(2), submitted(2, { taskId: 't2', created: false })],
    /k1 is t1/,
  ],
  [
    'one task per key',
    'another task runs',
    [submit(1), submitted(1), run('held', { taskId: 't2' })],
    /by a program is t2/,
  ],
  [
    'one task per key',
    'the list has two',
    [listed(task()), listed(task({ taskId: 't2' }))],
    /in the list is t2/,
  ],
  [
    'one task per key',
    'it is created twice',
    [submit(1), submitted(1), submit(2), submitted(2)],
    /created twice/,
  ],
  [
    'one task per key',
    'another body is taken',
    [submit(1), submitted(1), submit(2, 'k1', 'b'), submitted(2, { created: false })],
    /two bodies/,
  ],
  [
    'one task per key',
    'its own body is a conflict',
    [submit(1), refused(1, 'idempotency_conflict')],
    /one body only/,
  ],
  [
    'one run at a time',
    'the lock is busy',
    [run('held'), run('busy', { fence: 9 })],
    /run 9 was started while 5/,
  ],
  ['one run at a time', 'one is started twice', [run('held'), run('held')], /started twice/],
  [
    'one run at a time',
    'one works on behind another',
    [run('held'), run('held', { fence: 9 }), run('end')],
    /run 5 was still at work when 9/,
  ],
  ['fences grow', 'an older run is started', [run('held', { fence: 9 }), run('held')], /fence 5.* after 9/],
  [
    'fences grow',
    'an answer goes back',
    [read(1), answered(1, task({ fence: 9 })), read(2), answered(2, task())],
    /was answered with fence 5/,
  ],
  ['fences grow', 'the wall goes back', [watched(task({ attempt: 2 })), watched(task())], /was pushed with/],
  [
    'the end stays',
    'an end is undone',
    [read(1), answered(1, task({ phase: 'exit' })), read(2), answered(2, task())],
    /over as exit .* running/,
  ],
  [
    'the end stays',
    'a pushed end is undone',
    [watched(task({ phase: 'exit' })), watched(task())],
    /over as exit/,
  ],
  [
    'the end stays',
    'a result changes',
    [read(1), answered(1, succeeded), listed({ ...succeeded, value: { fence: 6 } })],
    /over as succeeded/,
  ],
  [
    'the end stays',
    'a retry that was over before excuses nothing',
    [
      control(1, 'retry'),
      controlled(1, 'done'),
      read(2),
      answered(2, succeeded),
      read(3),
      answered(3, task()),
    ],
    /over as succeeded/,
  ],
  [
    'the end stays',
    'a refused retry excuses nothing',
    [
      read(2),
      answered(2, succeeded),
      control(1, 'retry'),
      refused(1, 'wrong_phase'),
      read(3),
      answered(3, task()),
    ],
    /over as succeeded/,
  ],
  ['success is real', 'the run never ended', [run('held'), listed(succeeded)], /never came to its end/],
  [
    'success is real',
    'the result is of another run',
    [run('end'), listed({ ...succeeded, value: { fence: 4 } })],
    /has the result/,
  ],
  [
    'cancelled is dead',
    'a run is started later',
    [control(1, 'cancel'), controlled(1, 'done'), run('held')],
    /t1 was cancelled, and then run 5 said "held"/,
  ],
  [
    'cancelled is dead',
    'its process lives on',
    [run('held'), control(1, 'cancel'), controlled(1, 'killed'), run('end')],
    /said "end"/,
  ],
  ['comes to rest', 'it takes too long', [begin, healed, ...waits, rested], /no rest within 5000 ms/],
  ['comes to rest', 'it never comes', [begin, healed], /no rest/],
  ['comes to rest', 'a task is left', [listed(task())], /t1 is left as running/],
  ['nobody breaks', 'a process ends by itself', [ended(false)], /leader \(1\) ended by itself: SIGSEGV/],
  [
    'nobody breaks',
    'a process does not leave in order',
    [ended(true, 'exit code 1')],
    /did not leave in order/,
  ],
  [
    'nobody breaks',
    'a call meets a defect',
    [submit(1), refused(1, 'internal')],
    /call 1 was answered internal/,
  ],
  ['is complete', 'nothing happened', good.filter(({ type }) => type !== 'run'), /no line "run"/],
  ['is complete', 'it breaks off', good.slice(0, -1), /breaks off/],
]

describe('a history', () => {
  it('that is good breaks no rule', () => {
    expect(check(history(...good))).toEqual([])
  })

  it.each(bad)('breaks "%s" when %s', (invariant, _when, entries, words) => {
    expect(invariants[invariant](history(...entries))).toEqual([expect.stringMatching(words)])
  })

  it('has a bad example for each rule', () => {
    expect(new Set(bad.map(([invariant]) => invariant))).toEqual(new Set(Object.keys(invariants)))
  })
})
