import { describe, expect, it } from 'vitest'
import { endOf, Rules } from '../../testing/core-fixture.js'
import { asTaskId, nodeIdOf } from '../ids.js'
import { limits } from '../limits.js'
import type { DeclineCode } from '../tasks/task.js'

interface Answer {
  readonly code?: DeclineCode
  readonly retryAfterMs?: number
}

/** Its master declines the run that a task was offered. */
function decline(
  rules: Rules,
  taskId: string,
  { code = 'no_memory', retryAfterMs = 5_000 }: Answer = {},
): void {
  const { fence, nodeId } = rules.run(taskId)
  const text = `${nodeId} has no room.`
  rules.node(nodeId, { name: 'decline_run', taskId: asTaskId(taskId), fence, code, text, retryAfterMs })
}

const fleet = (...nodeIds: readonly string[]): Rules => {
  const rules = new Rules()
  for (const nodeId of nodeIds) rules.join(nodeId)
  return rules
}
const phaseOf = (rules: Rules, taskId: string) => rules.task(taskId).state.phase

describe('a declined run', () => {
  it('[OF1] uses up no attempt, is offered to another master at once, and has no end', () => {
    const rules = fleet('master-1', 'master-2')
    const taskId = rules.submit({ retry: { attemptsMax: 1, on: [], backoffMs: 0 } })
    const { fence } = rules.run(taskId)
    decline(rules, taskId)
    expect(rules.run(taskId)).toMatchObject({ nodeId: 'master-2', phase: 'assigned' })
    expect(rules.run(taskId).fence).toBeGreaterThan(fence)
    expect(rules.task(taskId)).toMatchObject({
      past: [],
      declines: [{ nodeId: 'master-1', code: 'no_memory', text: 'master-1 has no room.' }],
      state: { attempt: 1 },
    })
    rules.running(taskId)
    expect(rules.task(taskId).declines).toBeUndefined()
    rules.ended(taskId, endOf('succeeded'))
    expect(rules.task(taskId).state).toMatchObject({ outcome: 'succeeded', attempt: 1 })
  })

  it('[OF1] keeps its age: it goes before what came later', () => {
    const rules = fleet('master-1')
    const first = rules.submit()
    const second = rules.submit()
    decline(rules, first)
    expect([phaseOf(rules, first), phaseOf(rules, second)]).toEqual(['queued', 'queued'])
    rules.pass(5_000)
    expect([phaseOf(rules, first), phaseOf(rules, second)]).toEqual(['live', 'queued'])
    // Also for a leader that starts meanwhile.
    decline(rules, first)
    const next = rules.succeed()
    next.join('master-1')
    next.pass(5_000)
    expect([phaseOf(next, first), phaseOf(next, second)]).toEqual(['live', 'queued'])
  })

  it('[OF1] counts only while it is on offer', () => {
    const rules = fleet('master-1')
    const taskId = rules.submit()
    const { fence } = rules.run(taskId)
    rules.running(taskId)
    decline(rules, taskId)
    expect(rules.run(taskId).phase).toBe('running')
    rules.ended(taskId, endOf('succeeded'))
    const report = { name: 'decline_run', taskId: asTaskId(taskId), fence, code: 'policy' } as const
    rules.node('master-1', { ...report, text: '', retryAfterMs: 0 })
    expect(rules.types()).not.toContain('RunDeclined')
  })

  it('[OF1] that is being cancelled is cancelled, and its receipt says so', () => {
    const rules = fleet('master-1', 'master-2')
    const taskId = rules.submit()
    const answer = rules.control(taskId, 'cancel')
    decline(rules, taskId)
    expect(rules.task(taskId).state).toMatchObject({ phase: 'final', outcome: 'cancelled' })
    const receipt = answer.kind === 'receipt' ? rules.state.receipt(answer.commandId) : undefined
    expect(receipt).toMatchObject({ state: 'stopped' })
  })

  it('[OF1] leaves its attempt to a retry of a task that was over before any master took it', () => {
    const rules = fleet('master-1')
    const taskId = rules.submit()
    decline(rules, taskId)
    rules.control(taskId, 'cancel')
    expect(rules.task(taskId).state).toMatchObject({ phase: 'final', outcome: 'cancelled', attempt: 1 })
    rules.pass(5_000)
    rules.control(taskId, 'retry')
    expect(rules.task(taskId).state).toMatchObject({ phase: 'live', attempt: 1 })
    rules.ended(taskId, endOf('exit'))
    rules.control(taskId, 'retry')
    expect(rules.task(taskId).state).toMatchObject({ phase: 'live', attempt: 2 })
  })

  it('[OF1] lets a drain that waited for it end', () => {
    const rules = fleet('master-1', 'master-2')
    const taskId = rules.submit()
    const nodeId = nodeIdOf('master-1')
    rules.user({ name: 'control_node', nodeId, action: 'drain', deadlineMs: 0 })
    rules.pass(0)
    decline(rules, taskId, { code: 'leaving' })
    expect(rules.state.node('master-1')?.hold?.kind).toBe('drained')
    expect(rules.run(taskId).nodeId).toBe('master-2')
    expect([...rules.state.tables.receipt.values()].map(({ action, state }) => [action, state])).toEqual([
      ['drain', 'done'],
      ['move', 'stopped'],
    ])
  })
})

describe('a master that declined', () => {
  it('[OF2] is not offered the like until it asked to, but other work', () => {
    const rules = new Rules()
    rules.join('master-1', { slots: 2, types: ['command', 'test'] })
    const taskId = rules.submit()
    decline(rules, taskId)
    const like = rules.submit()
    const other = rules.submit({ type: 'test' })
    expect([taskId, like, other].map((id) => phaseOf(rules, id))).toEqual(['queued', 'queued', 'live'])
    rules.pass(4_999)
    expect(phaseOf(rules, taskId)).toBe('queued')
    rules.pass(1)
    expect([taskId, like].map((id) => phaseOf(rules, id))).toEqual(['live', 'queued'])
  })

  it('[OF2] is over for good when its time has passed, also when another master declines the same task', () => {
    const rules = fleet('master-1', 'master-2', 'master-3')
    const taskId = rules.submit()
    decline(rules, taskId, { retryAfterMs: 1_000 })
    rules.pass(2_000)
    expect(rules.run(taskId).nodeId).toBe('master-2')
    decline(rules, taskId)
    expect(rules.run(taskId).nodeId).toBe('master-1')
  })

  it('[OF2] is asked again when it changes', () => {
    const rules = fleet('master-1')
    const taskId = rules.submit()
    decline(rules, taskId, { retryAfterMs: 60_000 })
    const [agent] = rules.state.node('master-1')?.agents ?? []
    if (agent === undefined) throw new Error('a master has an agent')
    rules.node('master-1', { name: 'report_agents', agents: [{ ...agent, createdAtMs: 5 }] })
    expect(phaseOf(rules, taskId)).toBe('live')
  })

  it('[OF2] because it leaves is offered nothing', () => {
    const rules = new Rules()
    rules.join('master-1', { slots: 2, types: ['command', 'test'] })
    decline(rules, rules.submit(), { code: 'leaving' })
    expect(phaseOf(rules, rules.submit({ type: 'test' }))).toBe('queued')
  })

  it(`[OF2] of more than ${limits.declinedClassesPerNode} classes is offered nothing for a while`, () => {
    const rules = new Rules()
    const types = Array.from({ length: limits.declinedClassesPerNode + 2 }, (_, index) => `type-${index}`)
    rules.join('master-1', { slots: 2, types })
    const last = types.at(-1) ?? ''
    for (const type of types.slice(0, -1)) decline(rules, rules.submit({ type }))
    expect(phaseOf(rules, rules.submit({ type: last }))).toBe('queued')
    rules.pass(5_000)
    expect(rules.types().at(-1)).toBe('TaskAssigned')
  })

  it('[OF2] cannot ask to be asked at once, nor never', () => {
    const rules = fleet('master-1')
    const taskId = rules.submit()
    decline(rules, taskId, { retryAfterMs: 0 })
    rules.pass(limits.declineRetryMsMin - 1)
    expect(phaseOf(rules, taskId)).toBe('queued')
    rules.pass(1)
    decline(rules, taskId, { retryAfterMs: 24 * 3600_000 })
    rules.pass(limits.declineRetryMsMax)
    expect(phaseOf(rules, taskId)).toBe('live')
  })
})

it(`[OF3] after ${limits.declinesMax} declines in a row a task is not offered for a while, and keeps its age`, () => {
  const nodeIds = Array.from({ length: limits.declinesMax + 1 }, (_, index) => `master-${index + 1}`)
  const rules = fleet(...nodeIds)
  const taskId = rules.submit()
  for (let count = 0; count < limits.declinesMax; count += 1) decline(rules, taskId)
  expect(rules.task(taskId).state).toMatchObject({ phase: 'delayed', attempt: 1 })
  expect(rules.task(taskId).declines).toHaveLength(limits.declinesMax)
  rules.pass(limits.declinedWaitMs - 1)
  expect(phaseOf(rules, taskId)).toBe('delayed')
  rules.pass(1)
  expect(rules.run(taskId).nodeId).toBe('master-1')
  expect(rules.task(taskId).declines).toBeUndefined()
})
