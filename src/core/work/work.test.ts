import { describe, expect, it } from 'vitest'
import { endOf, Rules } from '../../testing/core-fixture.js'
import { ControlError } from '../errors.js'
import { asTaskId, asWorkId, projectIdOf } from '../ids.js'
import type { UserCommand } from '../input.js'
import { limits } from '../limits.js'
import { phaseOf } from '../tasks/status.js'
import type { TaskSpec } from '../tasks/task.js'
import { plainTerms } from '../tasks/terms.js'
import type { BatchItem } from './batch.js'
import type { WorkFilter } from './filter.js'
import type { WorkAction } from './work.js'

const spec: TaskSpec = {
  type: 'command',
  name: 'an item',
  priority: 5,
  payload: { command: ['true'] },
  requirements: { accountIdx: null, workerId: null, timeout: 0 },
  stallAfterMs: 0,
  retry: { attemptsMax: 1, on: [], backoffMs: 1_000 },
  leaseClass: 'steady',
  onDisconnect: 'keep',
  idempotencyKey: null,
}
const item = (changes: Partial<TaskSpec> = {}, bodyHash = 'hash'): BatchItem => ({
  kind: 'task',
  spec: { ...spec, ...changes },
  projectId: projectIdOf('default'),
  bodyHash,
})
const bad: BatchItem = { kind: 'refused', code: 'invalid_request', message: 'task.type: is missing' }

class Jobs extends Rules {
  batch(items: readonly BatchItem[], idempotencyKey: string | null = null, bodyHash = 'body') {
    return this.started({ name: 'submit_batch', items, bodyHash, idempotencyKey })
  }

  stored(total: number) {
    const job = { kind: 'batch', bodyId: 'body-1', total } as const
    return this.started({ name: 'start_work', job, bodyHash: 'body', idempotencyKey: null })
  }

  acts(action: WorkAction, filter: WorkFilter = {}, dryRun = false) {
    const job = { kind: 'acts', action, filter, dryRun } as const
    return this.started({ name: 'start_work', job, bodyHash: 'acts', idempotencyKey: null })
  }

  started(command: UserCommand): string {
    const answer = this.user(command)
    if (answer.kind !== 'work') throw new Error(`it answered ${answer.kind}`)
    return answer.workId
  }

  work(workId: string) {
    const work = this.state.work(workId)
    if (work === undefined) throw new Error(`no work ${workId}`)
    return work
  }

  /** Steps until it is over. */
  finish(workId: string): void {
    while (this.work(workId).state === 'running') {
      const { cursor } = this.work(workId)
      this.system({ name: 'advance_work', workId: asWorkId(workId), fromCursor: cursor })
      if (this.work(workId).state === 'running' && this.work(workId).cursor === cursor)
        throw new Error(`${workId} stands at ${cursor}`)
    }
  }

  take(workId: string, items: readonly BatchItem[]): void {
    const { cursor, clientId } = this.work(workId)
    this.give({
      command: { name: 'advance_work', workId: asWorkId(workId), fromCursor: cursor, items },
      principal: { kind: 'system', id: 'system' },
      via: 'system',
      onBehalfOf: clientId,
      projectId: null,
      traceId: '',
      deadlineMs: null,
    })
  }
}

const refusalOf = (act: () => unknown): ControlError => {
  try {
    act()
  } catch (thrown) {
    if (thrown instanceof ControlError) return thrown
  }
  throw new Error('it was not refused')
}

describe('an atomic batch', () => {
  it('[WI2] makes all tasks in one turn and says what each item became', () => {
    const rules = new Jobs()
    const known = rules.submit({ idempotencyKey: 'a' }, 'hash-a')
    const workId = rules.batch([
      item({ name: 'one' }),
      item({ idempotencyKey: 'a' }, 'hash-a'),
      item({ name: 'two' }),
    ])
    const work = rules.work(workId)
    expect(work).toMatchObject({ state: 'done', counts: { matched: 3, done: 2, unchanged: 1 } })
    expect(work.results.map((result) => result.created)).toEqual([true, false, true])
    expect(work.results[1]?.taskId).toBe(known)
    const names = work.results.map(({ taskId }) => rules.task(taskId).spec.name)
    expect([names[0], names[2]]).toEqual(['one', 'two'])
  })

  it('[WI2] is refused whole, with the first bad item by its place', () => {
    const rules = new Jobs()
    const before = rules.log.length
    const refusal = refusalOf(() =>
      rules.batch([item(), item({ requirements: { ...spec.requirements, workerId: 'none' as never } }), bad]),
    )
    expect(refusal).toMatchObject({ code: 'unprocessable', details: { index: 1 } })
    expect(refusal.message).toContain('item 1: requirements.workerId: there is no master "none"')
    expect(refusal.details.items).toMatchObject([{ index: 1 }, { index: 2, code: 'invalid_request' }])
    expect(rules.log.length).toBe(before)
  })

  it('[WI2] counts its own items against the limits', () => {
    const rules = new Jobs()
    const items = Array.from({ length: limits.batchAtomicItemsMax }, () => item())
    expect(rules.work(rules.batch(items)).counts.done).toBe(limits.batchAtomicItemsMax)
    expect(refusalOf(() => rules.batch([...items, item()])).code).toBe('too_large')
    expect(rules.state.headSeq).toBe(rules.log.length)
  })

  it('[WI2] takes one key in two items as one task, and refuses it with two bodies', () => {
    const rules = new Jobs()
    const twice = [item({ idempotencyKey: 'k' }), item({ idempotencyKey: 'k' })]
    const [one, other] = rules.work(rules.batch(twice)).results
    expect(other).toEqual({ taskId: one?.taskId, created: false })
    const mixed = [item({ idempotencyKey: 'm' }, 'x'), item({ idempotencyKey: 'm' }, 'y')]
    expect(refusalOf(() => rules.batch(mixed)).details.index).toBe(1)
  })

  it('[WI14] an item waits for one before it that it names by its place', () => {
    const rules = new Jobs()
    const waitingFor = (...dependsOn: string[]) =>
      item({ queue: { ...plainTerms, dependsOn: dependsOn.map(asTaskId) } })
    const { results } = rules.work(rules.batch([item(), waitingFor('#0'), waitingFor('#0', '#1')]))
    const phases = results.map(({ taskId }) => phaseOf(rules.task(taskId)))
    expect(phases).toEqual(['queued', 'blocked', 'blocked'])
    expect(rules.task(results[2]?.taskId ?? '').spec.queue?.dependsOn).toEqual([
      results[0]?.taskId,
      results[1]?.taskId,
    ])
    rules.control(results[0]?.taskId ?? '', 'cancel')
    expect(results.map(({ taskId }) => phaseOf(rules.task(taskId)))).toEqual([
      'cancelled',
      'dependency_failed',
      'dependency_failed',
    ])
    for (const name of ['#1', '#2', '#x', '#']) {
      const refusal = refusalOf(() => rules.batch([item(), waitingFor(name)]))
      expect(refusal).toMatchObject({ code: 'unprocessable', details: { index: 1 } })
    }
    const stored = rules.stored(2)
    rules.take(stored, [item(), waitingFor('#0')])
    expect(rules.work(stored).refusals).toMatchObject([{ index: 1, code: 'unprocessable' }])
  })

  it('[WI5] is the same batch again under the same key, and a conflict with another body', () => {
    const rules = new Jobs()
    const workId = rules.batch([item()], 'batch-1')
    const before = rules.log.length
    expect(rules.batch([item()], 'batch-1')).toBe(workId)
    expect(rules.log.length).toBe(before)
    expect(refusalOf(() => rules.batch([item()], 'batch-1', 'other')).code).toBe('idempotency_conflict')
  })
})

describe('a stored batch', () => {
  it('[WI3] goes on from its cursor, and a step for another cursor does nothing', () => {
    const rules = new Jobs()
    const workId = rules.stored(3)
    rules.take(workId, [item({ name: 'one' }), bad])
    const before = rules.log.length
    rules.system({ name: 'advance_work', workId: asWorkId(workId), fromCursor: 0, items: [item(), bad] })
    expect(rules.log.length).toBe(before)
    rules.take(workId, [item({ name: 'three' })])
    expect(rules.work(workId)).toMatchObject({
      state: 'done',
      cursor: 3,
      counts: { matched: 3, done: 2, refused: { invalid_request: 1 } },
      refusals: [{ index: 1, code: 'invalid_request' }],
    })
    expect(rules.state.tables.task.size).toBe(2)
  })

  it('[WI4] waits where limits.tasksUnfinishedMax is met, and goes on when there is room', () => {
    const rules = new Jobs()
    const workId = rules.stored(3)
    rules.state.index.counts.pending = limits.tasksUnfinishedMax - 1
    rules.take(workId, [item({ name: 'one' }), item({ name: 'two' }), item({ name: 'three' })])
    expect(rules.work(workId)).toMatchObject({ state: 'running', cursor: 1, counts: { refused: {} } })
    const before = rules.log.length
    rules.take(workId, [item({ name: 'two' }), item({ name: 'three' })])
    expect(rules.log.length).toBe(before)
    rules.state.index.counts.pending = 1
    rules.take(workId, [item({ name: 'two' }), item({ name: 'three' })])
    expect(rules.work(workId)).toMatchObject({ state: 'done', counts: { done: 3 } })
  })

  it('[WI1] its tasks are of whoever asked', () => {
    const rules = new Jobs()
    const workId = rules.stored(1)
    rules.take(workId, [item()])
    const [task] = rules.state.tables.task.values()
    expect(task?.clientId).toBe('admin')
    expect(rules.log.find((event) => event.type === 'TaskSubmitted')?.actor).toEqual({
      principalId: 'system',
      via: 'system',
      onBehalfOf: 'admin',
    })
  })

  it('[WI6] creates nothing more once it is cancelled', () => {
    const rules = new Jobs()
    const workId = rules.stored(2)
    rules.take(workId, [item()])
    rules.user({ name: 'cancel_work', workId: asWorkId(workId) })
    rules.take(workId, [item()])
    expect(rules.work(workId)).toMatchObject({ state: 'cancelled', cursor: 1 })
    expect(rules.state.tables.task.size).toBe(1)
    expect(refusalOf(() => rules.user({ name: 'cancel_work', workId: asWorkId('w0') })).code).toBe(
      'work_not_found',
    )
  })

  it('[WI8] of limits.workRunningMax the next has to wait', () => {
    const rules = new Jobs()
    for (let count = 0; count < limits.workRunningMax; count += 1) rules.stored(1)
    expect(refusalOf(() => rules.stored(1)).code).toBe('resource_exhausted')
  })

  it('[WI8] keeps limits.workExamplesKept refusals, and counts all', () => {
    const rules = new Jobs()
    const total = limits.workExamplesKept + 20
    const workId = rules.stored(total)
    for (let from = 0; from < total; from += 40)
      rules.take(
        workId,
        Array.from({ length: 40 }, () => bad),
      )
    expect(rules.work(workId).refusals).toHaveLength(limits.workExamplesKept)
    expect(rules.work(workId).counts.refused).toEqual({ invalid_request: total })
  })
})

describe('acts by filter', () => {
  /** A task brought to a phase; the master has one slot. */
  const phases: Readonly<Record<string, (rules: Jobs) => string>> = {
    queued: (rules) => rules.submit(),
    delayed: (rules) => {
      rules.join('master-1')
      const taskId = rules.submit({ retry: { attemptsMax: 2, on: ['exit'], backoffMs: 60_000 } })
      rules.ended(taskId, endOf('exit', { exitCode: 1 }))
      return taskId
    },
    assigned: (rules) => {
      rules.join('master-1')
      return rules.submit()
    },
    starting: (rules) => inPhase(rules, 'starting'),
    running: (rules) => inPhase(rules, 'running'),
    paused: (rules) => inPhase(rules, 'paused'),
    stopping: (rules) => inPhase(rules, 'stopping'),
    unknown: (rules) => {
      const taskId = inPhase(rules, 'running')
      rules.system({ name: 'node_silent', nodeId: 'master-1' as never, reason: 'cut' })
      return taskId
    },
  }
  const inPhase = (rules: Jobs, phase: 'starting' | 'running' | 'paused' | 'stopping'): string => {
    rules.join('master-1')
    const taskId = rules.submit()
    const { fence } = rules.run(taskId)
    rules.node('master-1', { name: 'report_run', taskId: taskId as never, fence, change: { phase, pid: 1 } })
    return taskId
  }

  for (const [phase, bring] of Object.entries(phases)) {
    it(`[WI7] cancels a task that is ${phase}`, () => {
      const rules = new Jobs()
      const taskId = bring(rules)
      expect(phaseOf(rules.task(taskId))).toBe(phase)
      const workId = rules.acts('cancel', { phase: phase as never })
      rules.finish(workId)
      expect(rules.work(workId).counts).toMatchObject({ matched: 1, done: 1 })
      const task = rules.task(taskId)
      if (phase === 'queued' || phase === 'delayed') expect(phaseOf(task)).toBe('cancelled')
      else {
        const receipt = rules.state.receipt(task.cancelledBy ?? '')
        expect(receipt).toMatchObject({ action: 'cancel', taskId, state: 'sent', nodeId: 'master-1' })
        rules.ended(taskId, endOf('cancelled'))
        expect(phaseOf(rules.task(taskId))).toBe('cancelled')
      }
    })
  }

  it('[WI7] each act is a command with its own receipt, caused by the step', () => {
    const rules = new Jobs()
    const ids = Array.from({ length: 3 }, () => rules.submit())
    const workId = rules.acts('cancel', { status: 'pending' })
    rules.finish(workId)
    const step = rules.log.find((event) => event.type === 'WorkAdvanced')
    const issued = rules.log.filter((event) => event.type === 'CommandIssued')
    expect(issued.map((event) => event.body.taskId)).toEqual(ids)
    expect(issued.map((event) => event.causeSeq)).toEqual(ids.map(() => step?.seq))
    for (const event of issued) {
      expect(rules.state.receipt(event.entity.id)).toMatchObject({ state: 'stopped' })
    }
    for (const taskId of ids) expect(rules.task(taskId).cancelledBy).not.toBeNull()
  })

  it('[WI7] touches no task that was born after it, and none that does not match', () => {
    const rules = new Jobs()
    const tagged = rules.submit({ name: 'Nightly build', priority: 1 })
    const other = rules.submit({ name: 'another' })
    const workId = rules.acts('cancel', { text: 'nightly' })
    const later = rules.submit({ name: 'nightly too' })
    rules.finish(workId)
    expect([tagged, other, later].map((taskId) => phaseOf(rules.task(taskId)))).toEqual([
      'cancelled',
      'queued',
      'queued',
    ])
  })

  it('[WI7] counts refusals by code, with examples, and goes on', () => {
    const rules = new Jobs()
    rules.join('master-1')
    const running = rules.submit()
    rules.running(running)
    const waiting = rules.submit()
    const workId = rules.acts('pause')
    rules.finish(workId)
    expect(rules.work(workId)).toMatchObject({
      state: 'done',
      counts: { matched: 2, done: 1, refused: { wrong_phase: 1 } },
      refusals: [{ index: null, taskId: waiting, code: 'wrong_phase' }],
    })
  })

  it('[WI16] requeue retries the dead letters that match, and nothing else', () => {
    const rules = new Jobs()
    rules.join('master-1', { slots: 3 })
    const retry = { attemptsMax: 2, on: ['exit'], backoffMs: 0 } as const
    const [dead, other, fine] = [
      rules.submit({ retry }),
      rules.submit({ retry, name: 'other' }),
      rules.submit(),
    ]
    rules.ended(fine, endOf('exit'))
    for (const attempt of [1, 2]) {
      for (const taskId of [dead, other]) rules.ended(taskId, endOf('exit', { exitCode: attempt }))
      rules.pass(10_000)
    }
    expect([dead, other, fine].map((id) => phaseOf(rules.task(id)))).toEqual([
      'dead_letter',
      'dead_letter',
      'exit',
    ])
    const workId = rules.acts('requeue', { text: 'a task' })
    rules.finish(workId)
    expect(rules.work(workId)).toMatchObject({ state: 'done', counts: { matched: 1, done: 1, refused: {} } })
    expect([dead, other, fine].map((id) => rules.task(id).state.attempt)).toEqual([3, 2, 1])
  })

  it('[WI9] a dry run counts what it would do and does nothing', () => {
    const rules = new Jobs()
    const taskId = rules.submit()
    const workId = rules.acts('cancel', { status: 'pending' }, true)
    rules.finish(workId)
    expect(rules.work(workId).counts).toMatchObject({ matched: 1, done: 1 })
    expect(phaseOf(rules.task(taskId))).toBe('queued')
    expect(rules.types()).not.toContain('CommandIssued')
  })

  it('[WI3] goes over many steps, each of about limits.workStepEvents events', () => {
    const rules = new Jobs()
    const count = limits.workStepEvents
    for (let made = 0; made < count; made += 1) rules.submit()
    const workId = rules.acts('cancel')
    const before = rules.log.length
    rules.finish(workId)
    const steps = rules.log.slice(before).filter((event) => event.type === 'WorkAdvanced')
    expect(steps.length).toBe(4)
    expect(rules.work(workId)).toMatchObject({ seen: count, counts: { done: count } })
    expect(rules.state.index.counts).toMatchObject({ cancelled: count, pending: 0 })
  })
})
