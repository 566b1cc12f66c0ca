import { expect, it } from 'vitest'
import { limitRule } from '../../../src/contract/limit.js'
import { taskView, workerView } from '../../../src/contract/views.js'
import { asTaskId, nodeIdOf } from '../../../src/core/ids.js'
import type { TaskSpec } from '../../../src/core/tasks/task.js'
import { plainTerms } from '../../../src/core/tasks/terms.js'
import { Reasons } from '../../../src/core/why/reasons.js'
import { endOf, Rules } from '../../../src/testing/core-fixture.js'
import { waitFacts } from './wait-facts.js'

/** What a wall says of this task, told by the real rules. */
function saidOf(rules: Rules, taskId: string) {
  const { state } = rules
  const samples = { pid: null, progress: null, partial: null, leaseUntilMs: null }
  const waitReason = new Reasons(state).of(rules.task(taskId))
  const task = taskView(rules.task(taskId), { samples, waitReason }, true)
  const node = state.node(task.waitReason?.nearest?.workerId ?? '')
  const noSamples = { metrics: null, rttMs: null, lastSeenAtMs: 0, taskOf: () => null }
  const limits = [...state.tables.limit.values()].map(limitRule)
  const said = waitFacts(task, {
    worker: node === undefined ? undefined : workerView(node, noSamples),
    limits: Object.fromEntries(limits.map((limit) => [limit.limitId, limit])),
  })
  if (said === null) throw new Error(`nothing is said of ${waitReason?.code}: ${waitReason?.text}`)
  const { key, values, words } = said
  return { key, ...values, ...words }
}
const submit = (rules: Rules, changes: Partial<TaskSpec> = {}) => rules.submit(changes)
const on = (workerId: string) => ({ accountIdx: null, workerId: nodeIdOf(workerId), timeout: 0 })
const anywhere = { accountIdx: null, workerId: null, timeout: 0 }

it('each lack of the nearest master is a sentence with that master’s own facts', () => {
  const rules = new Rules()
  const first = submit(rules)
  expect(saidOf(rules, first)).toEqual({ key: 'noMaster' })
  rules.join('master-1', { labels: { zone: 'a' } })
  rules.running(first)
  expect(saidOf(rules, submit(rules))).toEqual({ key: 'slots', name: 'master-1' })
  expect(saidOf(rules, submit(rules, { type: 'email' }))).toEqual({
    key: 'noneCanRun',
    name: 'master-1',
    lacks: 'email',
  })
  expect(saidOf(rules, submit(rules, { type: 'email', requirements: on('master-1') }))).toEqual({
    key: 'cannotRun',
    name: 'master-1',
    lacks: 'email',
  })
  rules.user({ name: 'control_node', nodeId: nodeIdOf('master-1'), action: 'cordon', deadlineMs: null })
  expect(saidOf(rules, submit(rules))).toEqual({ key: 'held', name: 'master-1', hold: 'cordoned' })
  rules.system({ name: 'node_silent', nodeId: nodeIdOf('master-1'), reason: 'cut' })
  expect(saidOf(rules, submit(rules))).toEqual({ key: 'unknown', name: 'master-1' })
})

it('labels, GPUs, slots and memory are named as they are needed', () => {
  const rules = new Rules()
  rules.join('master-1', { labels: { zone: 'a' }, memoryBytes: 1024 })
  const needs = { labels: {}, capabilities: [], gpus: 0, slots: 1, memoryBytes: 0 }
  const said = (change: object) =>
    saidOf(rules, submit(rules, { requirements: { ...anywhere, needs: { ...needs, ...change } } }))
  expect(said({ labels: { zone: 'b' } })).toEqual({ key: 'labels', name: 'master-1', labels: 'zone=b' })
  expect(said({ gpus: 2 })).toEqual({ key: 'gpus', name: 'master-1', wanted: 2, has: 0 })
  expect(said({ slots: 3 })).toEqual({ key: 'manySlots', name: 'master-1', slots: 3 })
  expect(said({ memoryBytes: 4096 })).toEqual({ key: 'memory', name: 'master-1' })
})

it('a limit, a dependency and a delay are named too', () => {
  const rules = new Rules()
  rules.join('master-1', { slots: 4 })
  const queue = (change: object) => ({ queue: { ...plainTerms, ...change } }) as Partial<TaskSpec>
  rules.user({ name: 'set_limit', scope: 'key', value: 'repo', runsMax: 1, rate: null })
  rules.running(submit(rules, queue({ concurrencyKey: 'repo' })))
  expect(saidOf(rules, submit(rules, queue({ concurrencyKey: 'repo' })))).toEqual({
    key: 'concurrency',
    value: 'repo',
    scope: 'key',
  })
  rules.user({ name: 'set_limit', scope: 'capacity', value: 'model', runsMax: 1, rate: null })
  const change = (action: 'pause' | 'delete') =>
    rules.user({ name: 'change_limit', limitId: 'capacity:model', action })
  change('pause')
  const held = submit(rules, queue({ capacity: 'model' }))
  expect(saidOf(rules, held)).toEqual({ key: 'capacityPaused', value: 'model' })
  change('delete')
  expect(saidOf(rules, held)).toEqual({ key: 'capacityUnknown', value: 'model' })
  const before = submit(rules)
  expect(saidOf(rules, submit(rules, queue({ dependsOn: [asTaskId(before)] })))).toEqual({
    key: 'dependency',
    tasks: before,
    mode: 'succeeded',
  })
  const again = submit(rules, { retry: { attemptsMax: 2, on: ['exit'], backoffMs: 60_000 } })
  rules.ended(again, endOf('exit', { exitCode: 1 }))
  expect(saidOf(rules, again)).toEqual({ key: 'attemptLater', attempt: 2 })
})
