import { describe, expect, it } from 'vitest'
import { endOf, Rules } from '../../testing/core-fixture.js'
import { nodeDuties } from '../duties.js'
import { nodeIdOf } from '../ids.js'
import type { NodeAction } from '../input.js'
import { limits } from '../limits.js'

const act = (rules: Rules, nodeId: string, action: NodeAction, deadlineMs: number | null = null) =>
  rules.user({ name: 'control_node', nodeId: nodeIdOf(nodeId), action, deadlineMs })

const drain = (rules: Rules, nodeId: string, deadlineMs: number | null = null): string => {
  const answer = act(rules, nodeId, 'drain', deadlineMs)
  if (answer.kind !== 'receipt') throw new Error(`a drain answered ${answer.kind}`)
  return answer.commandId
}
const stateOf = (rules: Rules, commandId: string) => rules.state.receipt(commandId)?.state
const holdOf = (rules: Rules, nodeId: string) => rules.state.node(nodeId)?.hold

const silence = (rules: Rules, nodeId: string) =>
  rules.system({ name: 'node_silent', nodeId: nodeIdOf(nodeId), reason: 'cut' })

/** Two masters of one slot each, and a task that runs on the first. */
const withRun = () => {
  const rules = new Rules()
  rules.join('master-1')
  const taskId = rules.submit()
  rules.running(taskId)
  rules.join('master-2')
  return { rules, taskId }
}

describe('cordon', () => {
  it('[ND1] gives no new work, lets what runs go on, and is one event however often it is asked', () => {
    const { rules, taskId } = withRun()
    rules.ended(rules.submit(), endOf('succeeded'))
    expect(act(rules, 'master-2', 'cordon')).toEqual({ kind: 'node', nodeId: 'master-2' })
    act(rules, 'master-2', 'cordon')
    expect(rules.types().filter((type) => type === 'NodeCordoned')).toHaveLength(1)
    const waiting = rules.submit()
    expect(rules.task(waiting).state.phase).toBe('queued')
    expect(rules.run(taskId).phase).toBe('running')
    act(rules, 'master-2', 'uncordon')
    expect(rules.run(waiting).nodeId).toBe('master-2')
    expect(holdOf(rules, 'master-2')).toBeUndefined()
  })

  it('[ND1] outlives restarts of the master and of the leader, and says who asked', () => {
    const rules = new Rules()
    rules.join('master-1')
    act(rules, 'master-1', 'cordon')
    silence(rules, 'master-1')
    rules.join('master-1', { incarnation: 2 })
    rules.system({ name: 'start_term', leaderId: 'leader-2' })
    rules.join('master-1', { incarnation: 2 })
    expect(holdOf(rules, 'master-1')).toMatchObject({ kind: 'cordoned', by: 'admin' })
    expect(rules.task(rules.submit()).state.phase).toBe('queued')
  })

  it('of a master that nobody knows is refused', () => {
    expect(() => act(new Rules(), 'master-9', 'cordon')).toThrow('there is no master master-9')
  })
})

describe('drain', () => {
  it('[ND2] is done when nothing runs there any more', () => {
    const { rules, taskId } = withRun()
    const commandId = drain(rules, 'master-1')
    expect(stateOf(rules, commandId)).toBe('acting')
    expect(nodeDuties(rules.state, 'master-1').commands).toMatchObject([{ action: 'drain' }])
    const elsewhere = rules.submit()
    expect(rules.run(elsewhere).nodeId).toBe('master-2')
    rules.pass(3_600_000)
    expect(rules.run(taskId).phase).toBe('running')
    rules.ended(taskId, endOf('succeeded'))
    expect(holdOf(rules, 'master-1')?.kind).toBe('drained')
    expect(stateOf(rules, commandId)).toBe('done')
    expect(rules.task(rules.submit()).state.phase).toBe('queued')
  })

  it('[ND2] of a master that holds nothing is done at once; asked again meanwhile it is the same command', () => {
    const { rules } = withRun()
    expect(stateOf(rules, drain(rules, 'master-2'))).toBe('done')
    const first = drain(rules, 'master-1')
    expect(drain(rules, 'master-1')).toBe(first)
    expect(drain(rules, 'master-1', 5_000)).toBe(first)
    expect(holdOf(rules, 'master-1')).toMatchObject({ kind: 'draining', deadlineAtMs: rules.nowMs + 5_000 })
  })

  it('[ND2] a restart of the master closes neither the drain nor what it waits for', () => {
    const { rules, taskId } = withRun()
    const commandId = drain(rules, 'master-1')
    const restart = rules.user({ name: 'restart_node', nodeId: nodeIdOf('master-1') })
    expect(restart).not.toEqual({ kind: 'receipt', commandId })
    silence(rules, 'master-1')
    const { fence } = rules.run(taskId)
    const held = { taskId: taskId as never, attempt: 1, fence, pid: 1, outBytes: 0, errBytes: 0 }
    rules.join('master-1', { incarnation: 2, inventory: [{ ...held, state: 'running' }] })
    expect(stateOf(rules, commandId)).toBe('acting')
    expect(holdOf(rules, 'master-1')?.kind).toBe('draining')
  })

  it('[ND4] uncordon gives it up, and its receipt says so', () => {
    const { rules } = withRun()
    const commandId = drain(rules, 'master-1')
    act(rules, 'master-1', 'uncordon')
    expect(stateOf(rules, commandId)).toBe('refused')
    expect(holdOf(rules, 'master-1')).toBeUndefined()
    expect(act(rules, 'master-1', 'uncordon')).toEqual({ kind: 'node', nodeId: 'master-1' })
  })

  it('[ND5] a drained master leaves without an alert', () => {
    const rules = new Rules()
    rules.join('master-1')
    drain(rules, 'master-1')
    silence(rules, 'master-1')
    rules.pass(limits.nodeOfflineAfterMs)
    expect(rules.state.node('master-1')?.status).toBe('offline')
    expect(rules.types()).not.toContain('AlertRaised')
  })
})

describe('the deadline of a drain', () => {
  it('[ND3] moves what still runs: stopped there, then started elsewhere, no attempt used up', () => {
    const { rules, taskId } = withRun()
    drain(rules, 'master-1', 60_000)
    rules.pass(59_999)
    expect(nodeDuties(rules.state, 'master-1').commands.map(({ action }) => action)).toEqual(['drain'])
    rules.pass(1)
    const owed = nodeDuties(rules.state, 'master-1').commands
    expect(owed.map(({ action }) => action)).toEqual(['drain', 'move'])
    expect(rules.run(taskId)).toMatchObject({ nodeId: 'master-1', phase: 'running', moving: true })
    rules.pass(3_600_000)
    expect(nodeDuties(rules.state, 'master-1').commands).toHaveLength(2)

    const { fence } = rules.run(taskId)
    rules.ended(taskId, endOf('cancelled'))
    expect(rules.run(taskId)).toMatchObject({ nodeId: 'master-2', phase: 'assigned' })
    expect(rules.run(taskId).fence).toBeGreaterThan(fence)
    expect(rules.task(taskId)).toMatchObject({ attemptsMoved: 1, state: { attempt: 2 } })
    expect(rules.task(taskId).past.at(-1)).toMatchObject({ attempt: 1, moved: true })
    expect(holdOf(rules, 'master-1')?.kind).toBe('drained')
    // The master's last step of the move comes after the end.
    const move = owed[1]?.commandId ?? ''
    expect(stateOf(rules, move)).toBe('sent')
  })

  it('[ND3] the attempts that were moved do not count against the retries', () => {
    const rules = new Rules()
    rules.join('master-1')
    const taskId = rules.submit({ retry: { attemptsMax: 2, on: ['exit'], backoffMs: 1_000 } })
    rules.running(taskId)
    rules.join('master-2')
    drain(rules, 'master-1', 0)
    rules.pass(0)
    rules.ended(taskId, endOf('cancelled'))
    rules.ended(taskId, endOf('exit'))
    expect(rules.task(taskId).state).toMatchObject({ phase: 'delayed', attempt: 3 })
    rules.pass(1_200)
    rules.ended(taskId, endOf('exit'))
    expect(rules.task(taskId).state).toMatchObject({ phase: 'final', outcome: 'dead_letter', attempt: 3 })
  })

  it('[ND3] a run that ended by itself first has had its attempt, and one that is cancelled is over', () => {
    const { rules, taskId } = withRun()
    drain(rules, 'master-1', 0)
    rules.pass(0)
    rules.ended(taskId, endOf('succeeded'))
    expect(rules.task(taskId).state).toMatchObject({ phase: 'final', outcome: 'succeeded' })
    const moves = [...rules.state.tables.receipt.values()].filter(({ action }) => action === 'move')
    expect(moves.map(({ state }) => state)).toEqual(['stopped'])

    const other = rules.submit()
    rules.running(other)
    drain(rules, 'master-2', 0)
    rules.control(other, 'cancel')
    rules.pass(0)
    rules.ended(other, endOf('cancelled'))
    expect(rules.task(other).state).toMatchObject({ phase: 'final', outcome: 'cancelled' })
  })

  it(`[ND3] moves at most ${limits.drainMovesPerTurn} runs a turn, and all of them in the end`, () => {
    const rules = new Rules()
    const slots = limits.drainMovesPerTurn + 1
    rules.join('master-1', { slots })
    for (let count = 0; count < slots; count += 1) rules.submit()
    drain(rules, 'master-1', 0)
    const moving = () => rules.types().filter((type) => type === 'RunMoving').length
    rules.pass(0)
    expect(moving()).toBe(limits.drainMovesPerTurn)
    rules.pass(1)
    expect(moving()).toBe(slots)
  })

  it('[ND3] a leader that takes over owes the same deadline', () => {
    const { rules, taskId } = withRun()
    drain(rules, 'master-1', 10_000)
    const next = rules.succeed()
    next.pass(10_000)
    expect(next.run(taskId).moving).toBe(true)
  })
})
