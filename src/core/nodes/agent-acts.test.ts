import { describe, expect, it } from 'vitest'
import { workerView } from '../../contract/views.js'
import { endOf, Rules } from '../../testing/core-fixture.js'
import { nodeDuties } from '../duties.js'
import { agentIdOf, asCommandId, nodeIdOf } from '../ids.js'
import { limits } from '../limits.js'
import type { Agent } from './node.js'

const wish = (nodeId: string | null = null, more: { kind?: Agent['kind']; accountIdx?: number } = {}) => ({
  kind: more.kind ?? ('process' as const),
  nodeId: nodeId === null ? null : nodeIdOf(nodeId),
  accountIdx: more.accountIdx ?? null,
})
const create = (rules: Rules, ...agents: ReturnType<typeof wish>[]): readonly string[] => {
  const answer = rules.user({ name: 'create_agents', agents })
  if (answer.kind !== 'receipts') throw new Error(answer.kind)
  return answer.commandIds
}
const remove = (rules: Rules, agentId: string, force = false) =>
  rules.user({ name: 'delete_agent', agentId, force })
const wanted = (rules: Rules, commandIds: readonly string[]) =>
  commandIds.map((id) => rules.state.receipt(id)?.agent?.agentId)
const agentsOf = (rules: Rules, nodeId: string) =>
  rules.state.node(nodeId)?.agents.map(({ agentId }) => agentId)
const agent = (agentId: string): Agent => ({
  agentId: agentIdOf(agentId),
  kind: 'process',
  failed: false,
  windowId: null,
  accountIdx: null,
  createdAtMs: 0,
})
const report = (rules: Rules, nodeId: string, ...ids: string[]) =>
  rules.node(nodeId, { name: 'report_agents', agents: ids.map(agent) })
const done = (rules: Rules, nodeId: string, commandId: string) =>
  rules.node(nodeId, { name: 'report_receipt', commandId: asCommandId(commandId), state: 'done', detail: '' })

describe('creating agents', () => {
  it('[AG1] goes to the master with the least work, then with the fewest agents, and is owed until it is done', () => {
    const rules = new Rules()
    rules.join('master-1', { slots: 2 })
    rules.join('master-2', { slots: 3 })
    rules.submit({ requirements: { accountIdx: null, workerId: nodeIdOf('master-1'), timeout: 0 } })
    expect(wanted(rules, create(rules, wish()))).toEqual(['master-2/p4'])
    rules.join('master-3', { slots: 1 })
    const both = create(rules, wish(null, { accountIdx: 7 }), wish())
    expect(wanted(rules, both)).toEqual(['master-3/p2', 'master-3/p3'])
    expect(nodeDuties(rules.succeed().state, 'master-3').commands).toMatchObject([
      { action: 'create_agent', agent: { agentId: 'master-3/p2', accountIdx: 7 } },
      { action: 'create_agent', agent: { agentId: 'master-3/p3', accountIdx: null } },
    ])
    for (const id of both) done(rules, 'master-3', id)
    expect(nodeDuties(rules.state, 'master-3').commands).toEqual([])
  })

  it('[AG1] waits for a named master that is away, and passes over one that is away or cordoned', () => {
    const rules = new Rules()
    rules.join('master-1')
    rules.join('master-2')
    rules.system({ name: 'node_silent', nodeId: nodeIdOf('master-1'), reason: 'cut' })
    rules.user({ name: 'control_node', nodeId: nodeIdOf('master-2'), action: 'cordon', deadlineMs: null })
    expect(() => create(rules, wish())).toThrow('no master is online')
    const [id = ''] = create(rules, wish('master-1'))
    expect(rules.state.receipt(id)?.state).toBe('sent')
    rules.join('master-1', { incarnation: 2 })
    expect(rules.state.receipt(id)?.state).toBe('sent')
  })

  it('[AG1] is all or none', () => {
    const rules = new Rules()
    rules.join('master-1')
    expect(() => create(rules, wish(), wish('nobody'))).toThrow('there is no master nobody')
    expect(rules.types()).not.toContain('CommandIssued')
  })

  it('[AG2] refuses a kind that nobody can make, a worker program, and more than a master may have', () => {
    const rules = new Rules()
    rules.join('w1', { types: ['email'], agentKind: 'function' })
    expect(() => create(rules, wish('w1'))).toThrow('w1 is a worker program')
    expect(() => create(rules, wish(null, { kind: 'function' }))).toThrow('belong to their worker program')
    expect(() => create(rules, wish(null, { kind: 'browser' }))).toThrow('only those of kind process')
    expect(() => create(rules, wish())).toThrow('no master is online')
    rules.join('master-1', { slots: limits.slotsMax - 1 })
    create(rules, wish('master-1'))
    expect(() => create(rules, wish('master-1'))).toThrow(`has ${limits.slotsMax} agents`)
    expect(() => create(rules, wish())).toThrow('no master is online')
  })

  it('[TU3] and deleting is for those who may', () => {
    const rules = new Rules()
    rules.join('master-1')
    const principal = { kind: 'user', id: 'eve', role: 'viewer' as never } as const
    expect(() => rules.user({ name: 'create_agents', agents: [wish()] }, { principal })).toThrow('may not')
    expect(() => rules.node('master-1', { name: 'delete_agent', agentId: 'x', force: true })).toThrow(
      'may only',
    )
  })
})

describe('deleting an agent', () => {
  it('[AG3] takes it from the scheduler at once, whatever its master still says', () => {
    const rules = new Rules()
    rules.join('master-1', { slots: 2 })
    const answer = remove(rules, 'master-1/p1')
    expect(agentsOf(rules, 'master-1')).toEqual(['master-1/p2'])
    expect(rules.run(rules.submit()).agentId).toBe('master-1/p2')
    report(rules, 'master-1', 'master-1/p1', 'master-1/p2')
    rules.join('master-1', { slots: 2, incarnation: 2 })
    expect(agentsOf(rules, 'master-1')).toEqual(['master-1/p2'])
    expect(nodeDuties(rules.state, 'master-1').commands).toMatchObject([{ action: 'delete_agent' }])
    done(rules, 'master-1', answer.kind === 'receipt' ? answer.commandId : '')
    expect(wanted(rules, create(rules, wish('master-1')))).toEqual(['master-1/p1'])
  })

  it('[AG3] a refusal of its master puts it back', () => {
    const rules = new Rules()
    rules.join('master-1', { slots: 2 })
    const answer = remove(rules, 'master-1/p1')
    const commandId = asCommandId(answer.kind === 'receipt' ? answer.commandId : '')
    rules.node('master-1', { name: 'report_receipt', commandId, state: 'refused', detail: 'no disk' })
    report(rules, 'master-1', 'master-1/p1', 'master-1/p2')
    expect(agentsOf(rules, 'master-1')).toEqual(['master-1/p1', 'master-1/p2'])
  })

  it('[AG3] refuses one that is busy; with force its task goes on to its end and its name stays taken', () => {
    const rules = new Rules()
    rules.join('master-1', { slots: 2 })
    const taskId = rules.submit()
    rules.running(taskId)
    expect(() => remove(rules, 'master-1/p1')).toThrow(`master-1/p1 runs ${taskId}`)
    const answer = remove(rules, 'master-1/p1', true)
    done(rules, 'master-1', answer.kind === 'receipt' ? answer.commandId : '')
    expect(wanted(rules, create(rules, wish('master-1')))).toEqual(['master-1/p3'])
    rules.ended(taskId, endOf('succeeded'))
    expect(rules.task(taskId).state.phase).toBe('final')
  })

  it('[AG2] refuses what is not there and what belongs to a worker program', () => {
    const rules = new Rules()
    rules.join('w1', { types: ['email'], agentKind: 'function' })
    expect(() => remove(rules, 'w1/p9')).toThrow('there is no agent w1/p9')
    expect(() => remove(rules, 'w1/p1')).toThrow('belong to their worker program')
  })

  it('[RC10] beside a restart each has its own receipt', () => {
    const rules = new Rules()
    rules.join('master-1', { slots: 2 })
    remove(rules, 'master-1/p1')
    const restart = { name: 'restart_node', nodeId: nodeIdOf('master-1') } as const
    const first = rules.user(restart)
    expect(rules.user(restart)).toEqual(first)
    rules.join('master-1', { slots: 2, incarnation: 2 })
    expect(rules.state.receipt(first.kind === 'receipt' ? first.commandId : '')?.state).toBe('done')
    expect(nodeDuties(rules.state, 'master-1').commands).toHaveLength(1)
  })
})

describe('a master without agents', () => {
  const shown = (rules: Rules) => {
    const node = rules.state.node('master-1')
    if (node === undefined) throw new Error('no master')
    const samples = { metrics: null, rttMs: null, lastSeenAtMs: 0, taskOf: () => null }
    const { status, schedulable, maxAgents } = workerView(node, samples)
    return { status, schedulable, maxAgents }
  }
  const isOut = { status: 'online', schedulable: false, maxAgents: 0 }
  const silentLong = (rules: Rules) => {
    rules.system({ name: 'node_silent', nodeId: nodeIdOf('master-1'), reason: 'cut' })
    rules.pass(limits.nodeOfflineAfterMs)
    expect(rules.state.node('master-1')?.status).toBe('offline')
    return rules.types().includes('AlertRaised')
  }

  it('[ND5] is not leaving when they were deleted, also after it told so and came back; its silence is an alert', () => {
    const rules = new Rules()
    rules.join('master-1')
    remove(rules, 'master-1/p1')
    expect(shown(rules)).toEqual(isOut)
    report(rules, 'master-1')
    expect(shown(rules)).toEqual(isOut)
    rules.join('master-1', { slots: 0, incarnation: 2 })
    expect(shown(rules)).toEqual(isOut)
    expect(silentLong(rules)).toBe(true)
  })

  it('[ND5] is leaving when it took them away itself, also over a cut; with agents again it is not', () => {
    const rules = new Rules()
    rules.join('master-1')
    report(rules, 'master-1')
    expect(shown(rules)).toEqual({ status: 'draining', schedulable: false, maxAgents: 1 })
    rules.system({ name: 'node_silent', nodeId: nodeIdOf('master-1'), reason: 'cut' })
    rules.join('master-1', { slots: 0 })
    expect(shown(rules).status).toBe('draining')
    rules.join('master-1', { incarnation: 2 })
    expect(shown(rules)).toEqual({ status: 'online', schedulable: true, maxAgents: 1 })
    report(rules, 'master-1')
    expect(silentLong(rules)).toBe(false)
  })
})
