import { describe, expect, it } from 'vitest'
import { endOf, Rules } from '../../testing/core-fixture.js'
import { nodeDuties } from '../duties.js'
import { asTaskId, fenceOf, nodeIdOf } from '../ids.js'
import { limits } from '../limits.js'

const withRun = () => {
  const rules = new Rules()
  rules.join('master-1')
  const taskId = rules.submit()
  rules.running(taskId)
  return { rules, taskId }
}
const silence = (rules: Rules) =>
  rules.system({ name: 'node_silent', nodeId: 'master-1' as never, reason: 'cut' })

describe('liveness', () => {
  it('[LV1] a silent master is unknown at once, and so are its runs', () => {
    const { rules, taskId } = withRun()
    silence(rules)
    expect(rules.state.node('master-1')?.status).toBe('unknown')
    expect(rules.run(taskId).phase).toBe('unknown')
  })

  it('[LV3] [RN13] offline after the limit: an alert, and nothing is killed or started again', () => {
    const { rules, taskId } = withRun()
    silence(rules)
    rules.pass(limits.nodeOfflineAfterMs - 1)
    expect(rules.state.node('master-1')?.status).toBe('unknown')
    rules.pass(1)
    expect(rules.state.node('master-1')?.status).toBe('offline')
    rules.pass(3_600_000)
    expect(rules.run(taskId).phase).toBe('unknown')
    expect([...rules.state.tables.alert.values()].map((alert) => [alert.alertKind, alert.state])).toEqual([
      ['offline', 'raised'],
    ])
  })

  it('[FN6] one that took its agents away and holds nothing leaves without an alert', () => {
    const rules = new Rules()
    rules.join('master-1')
    rules.node('master-1', { name: 'report_agents', agents: [] })
    rules.submit()
    silence(rules)
    rules.pass(limits.nodeOfflineAfterMs)
    expect(rules.state.node('master-1')?.status).toBe('offline')
    expect(rules.types()).not.toContain('TaskAssigned')
    expect(rules.types()).not.toContain('AlertRaised')
  })

  it('[LV4] a return clears the alert and gives the run its phase back', () => {
    const { rules, taskId } = withRun()
    const { fence } = rules.run(taskId)
    silence(rules)
    rules.pass(limits.nodeOfflineAfterMs)
    const held = {
      taskId: asTaskId(taskId),
      attempt: 1,
      fence,
      state: 'paused' as const,
      pid: 1,
      outBytes: 0,
      errBytes: 0,
    }
    rules.join('master-1', { inventory: [held] })
    expect(rules.state.node('master-1')?.status).toBe('online')
    expect(rules.run(taskId)).toMatchObject({ fence, phase: 'paused' })
    expect([...rules.state.tables.alert.values()].map((alert) => alert.state)).toEqual(['cleared'])
  })

  it('[LV2] deaf is told apart and gets no new work', () => {
    const rules = new Rules()
    rules.join('master-1')
    rules.system({ name: 'node_deaf', nodeId: 'master-1' as never, deaf: true })
    const taskId = rules.submit()
    expect(rules.task(taskId).state.phase).toBe('queued')
    rules.system({ name: 'node_deaf', nodeId: 'master-1' as never, deaf: false })
    expect(rules.run(taskId).nodeId).toBe('master-1')
  })

  it('[ST11] a run that was never started is handed over again, one that is gone is lost', () => {
    const rules = new Rules()
    rules.join('master-1', { slots: 2 })
    const started = rules.submit({ retry: { attemptsMax: 1, on: [], backoffMs: 0 } })
    const assigned = rules.submit()
    rules.running(started)
    silence(rules)
    rules.join('master-1', { slots: 2, incarnation: 2 })
    expect(rules.run(assigned).phase).toBe('assigned')
    expect(rules.task(started).state).toMatchObject({ phase: 'final', outcome: 'lost' })
  })

  it('[RC2] a restarted master leaves no command open on a run that is over', () => {
    const { rules, taskId } = withRun()
    const answer = rules.control(taskId, 'cancel')
    rules.ended(taskId, endOf('cancelled'))
    const state = () => (answer.kind === 'receipt' ? rules.state.receipt(answer.commandId)?.state : undefined)
    expect(state()).toBe('sent')
    silence(rules)
    rules.join('master-1', { incarnation: 2 })
    expect(state()).toBe('stopped')
  })

  it('[RC10] a restart is owed until the master is back, and touches no run', () => {
    const { rules, taskId } = withRun()
    const { fence } = rules.run(taskId)
    const nodeId = nodeIdOf('master-1')
    const answer = rules.user({ name: 'restart_node', nodeId })
    const state = () => (answer.kind === 'receipt' ? rules.state.receipt(answer.commandId)?.state : undefined)
    expect(rules.user({ name: 'restart_node', nodeId })).toEqual(answer)
    expect(nodeDuties(rules.state, nodeId).commands).toMatchObject([{ action: 'restart', taskId: null }])
    silence(rules)
    expect(state()).toBe('sent')
    const inventory = [
      {
        taskId: asTaskId(taskId),
        attempt: 1,
        fence,
        state: 'running' as const,
        pid: 1,
        outBytes: 0,
        errBytes: 0,
      },
    ]
    rules.join('master-1', { incarnation: 2, inventory })
    expect(state()).toBe('done')
    expect(nodeDuties(rules.state, nodeId).commands).toEqual([])
    expect(rules.run(taskId)).toMatchObject({ fence, phase: 'running' })
    expect(() => rules.user({ name: 'restart_node', nodeId: nodeIdOf('nobody') })).toThrow('no master nobody')
  })

  it('leaves an ended run to its own report', () => {
    const { rules, taskId } = withRun()
    const { fence } = rules.run(taskId)
    silence(rules)
    const held = {
      taskId: asTaskId(taskId),
      attempt: 1,
      fence,
      state: 'ended' as const,
      pid: null,
      outBytes: 0,
      errBytes: 0,
    }
    rules.join('master-1', { inventory: [held] })
    rules.ended(taskId, endOf('succeeded'), fence, 'master-1')
    expect(rules.task(taskId).state).toMatchObject({ phase: 'final', outcome: 'succeeded' })
  })

  it('[ST3] folds the uplink position of every report, also of one that changes nothing', () => {
    const { rules, taskId } = withRun()
    const before = rules.state.uplinkSeq('master-1', 1)
    rules.node('master-1', {
      name: 'report_run',
      taskId: asTaskId(taskId),
      fence: fenceOf(rules.run(taskId).fence),
      change: { phase: 'running', pid: 1 },
    })
    expect(rules.state.uplinkSeq('master-1', 1)).toBe(before + 1)
    rules.node('master-1', {
      name: 'report_run',
      taskId: asTaskId('tzz'),
      fence: fenceOf(9),
      change: { phase: 'running', pid: 1 },
    })
    expect(rules.state.uplinkSeq('master-1', 1)).toBe(before + 2)
  })

  it('a node speaks only for its own runs', () => {
    const { rules, taskId } = withRun()
    rules.join('master-2')
    expect(() => rules.ended(taskId, endOf('succeeded'), rules.run(taskId).fence, 'master-2')).toThrowError(
      /only report what is its own/,
    )
    expect(rules.task(taskId).state.phase).toBe('live')
    const made = rules.types().length
    expect(() => rules.ended(taskId, endOf('succeeded'), 99_999, 'master-2')).toThrowError(
      /only report what is its own/,
    )
    expect(rules.types(made)).toEqual(['ActRefused'])
    expect(rules.state.uplinkSeq('master-2', 1)).toBeGreaterThan(0)
  })
})

describe('placement', () => {
  it('[RN6] takes the lowest free slot number over all masters, ties by their id', () => {
    const rules = new Rules()
    rules.join('master-2', { slots: 2 })
    rules.join('master-1', { slots: 2 })
    const places = Array.from({ length: 4 }, () => rules.run(rules.submit()).agentId)
    expect(places).toEqual(['master-1/p1', 'master-2/p1', 'master-1/p2', 'master-2/p2'])
    expect(rules.task(rules.submit()).state.phase).toBe('queued')
  })

  it('[RN6] an agent counts on its own master, also when another one has an agent of the same name', () => {
    const rules = new Rules()
    for (const nodeId of ['master-1', 'master-2']) rules.join(nodeId)
    rules.node('master-2', { name: 'report_agents', agents: rules.state.node('master-1')?.agents ?? [] })
    const taskIds = [rules.submit(), rules.submit()]
    expect(taskIds.map((taskId) => rules.run(taskId).nodeId)).toEqual(['master-1', 'master-2'])
  })

  it('[FN1] a function goes to a worker that has it, and waits while there is none', () => {
    const rules = new Rules()
    rules.join('master-1', { slots: 2 })
    const taskId = rules.submit({ type: 'email', payload: { to: 'a' } })
    expect(rules.task(taskId).state.phase).toBe('queued')
    rules.join('worker-1', { agentKind: 'function', types: ['email'] })
    expect(rules.run(taskId).nodeId).toBe('worker-1')
  })

  it('[RN6] waits for a master that knows the type, and for the one that is named', () => {
    const rules = new Rules()
    rules.join('master-1', { slots: 2 })
    rules.join('master-2', { slots: 2, types: ['command', 'scrape'] })
    expect(rules.run(rules.submit({ type: 'scrape' })).nodeId).toBe('master-2')
    const pinned = { accountIdx: null, workerId: 'master-2' as never, timeout: 0 }
    expect(rules.run(rules.submit({ requirements: pinned })).nodeId).toBe('master-2')
    expect(rules.task(rules.submit({ requirements: pinned })).state.phase).toBe('queued')
  })

  it('[RN7] high goes before normal before low, and low runs after at most 32 higher ones', () => {
    const rules = new Rules()
    const low = rules.submit({ priority: 1 })
    const waiting = [9, 5, 10].map((priority) => rules.submit({ priority }))
    for (let n = 0; n < 60; n += 1) rules.submit({ priority: 8 })
    rules.join('master-1')
    const order: string[] = []
    for (let n = 0; n < 40; n += 1) {
      const running = [...rules.state.tables.task.values()].find((task) => task.state.phase === 'live')
      if (running === undefined) break
      order.push(running.taskId)
      rules.ended(running.taskId, endOf('succeeded'))
    }
    expect(order.slice(0, 2)).toEqual([waiting[2], waiting[0]])
    expect(order.indexOf(low)).toBeLessThanOrEqual(limits.bandStarvationMax + 1)
    expect(order.indexOf(low)).toBeGreaterThan(10)
  })
})
