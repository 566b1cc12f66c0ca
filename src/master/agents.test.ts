import { describe, expect, it } from 'vitest'
import { limits } from '../core/limits.js'
import type { AgentBook, AgentChanges } from '../ports/agent-book.js'
import type { AgentSignal, NumberedCommand } from '../ports/node-link.js'
import { endOf, linkedMaster, receiptsOf, requestOf } from '../testing/master-fixture.js'
import type { ScriptedDial } from '../testing/scripted-dialer.js'

class MemoryAgentBook implements AgentBook {
  changes: AgentChanges = { added: [], removed: [] }
  isFull = false
  read = () => this.changes
  write = (changes: AgentChanges) => {
    if (this.isFull) throw new Error('no space')
    this.changes = changes
  }
}

const agentSignal = (
  commandSeq: number,
  action: AgentSignal['action'],
  agentId: string,
  more: Partial<AgentSignal> = {},
): NumberedCommand => ({
  kind: 'agent',
  commandSeq,
  commandId: `c${commandSeq}`,
  action,
  agentId: `master-1/${agentId}`,
  agentKind: 'process',
  accountIdx: null,
  ...more,
})
const toldOf = (dial: ScriptedDial) =>
  dial.durable.flatMap(({ update }) =>
    update.kind === 'agents' ? [update.agents.map(({ agentId }) => agentId.split('/')[1]).join(' ')] : [],
  )

describe('agents of a master', () => {
  it('[AG1] [AG3] come and go when the leader says so: the list first, then that it is done', async () => {
    const agentBook = new MemoryAgentBook()
    const { dial, master, pass } = await linkedMaster({ agentBook, slots: 2 })
    dial.say(agentSignal(1, 'create', 'p3', { accountIdx: 4 }), agentSignal(2, 'delete', 'p1'))
    await pass(5)
    expect(dial.durable.map(({ update }) => ('state' in update ? update.state : update.kind))).toEqual([
      'received',
      'agents',
      'done',
      'received',
      'agents',
      'done',
    ])
    expect(toldOf(dial)).toEqual(['p1 p2 p3', 'p2 p3'])
    expect(master.agents().map(({ agentId, accountIdx }) => [agentId, accountIdx])).toEqual([
      ['master-1/p2', null],
      ['master-1/p3', 4],
    ])
  })

  it('[AG4] are as they were after a restart, also one that was deleted and made anew', async () => {
    const agentBook = new MemoryAgentBook()
    const first = await linkedMaster({ agentBook, slots: 2 })
    first.dial.say(
      agentSignal(1, 'create', 'p3'),
      agentSignal(2, 'delete', 'p1'),
      agentSignal(3, 'delete', 'p2'),
    )
    first.dial.say(agentSignal(4, 'create', 'p2', { accountIdx: 9 }))
    const before = first.master.agents()
    const { master } = await linkedMaster({ agentBook, slots: 2, incarnation: 200 })
    expect(master.agents()).toEqual(before)
    expect(before.map(({ agentId, accountIdx }) => [agentId, accountIdx])).toEqual([
      ['master-1/p3', null],
      ['master-1/p2', 9],
    ])
  })

  it('[AG4] [RC3] told again, it is the same act', async () => {
    const agentBook = new MemoryAgentBook()
    const { dial, master, pass } = await linkedMaster({ agentBook, slots: 1 })
    dial.say(agentSignal(1, 'create', 'p2'), agentSignal(2, 'create', 'p2', { commandId: 'c1' }))
    dial.say(agentSignal(3, 'delete', 'p9'))
    await pass(5)
    expect(master.agents()).toHaveLength(2)
    await pass(5)
    expect(receiptsOf(dial).filter((receipt) => receipt.startsWith('done'))).toHaveLength(3)
  })

  it('[AG2] are refused beyond slotsMax, of another kind, and without a disk, which changes nothing', async () => {
    const agentBook = new MemoryAgentBook()
    const { dial, master, pass } = await linkedMaster({ agentBook, slots: limits.slotsMax - 1 })
    const last = `p${limits.slotsMax}`
    dial.say(agentSignal(1, 'create', last, { agentKind: 'browser' }))
    dial.say(agentSignal(2, 'create', last), agentSignal(3, 'create', 'p2000'))
    agentBook.isFull = true
    dial.say(agentSignal(4, 'delete', 'p1'))
    await pass(5)
    expect(receiptsOf(dial).filter((receipt) => receipt !== 'received')).toEqual([
      'refused This master has no agents of kind browser.',
      `done master-1/${last} is there.`,
      `refused This master has ${limits.slotsMax} agents, which is the most.`,
      'refused The change cannot be written to the disk of this master.',
    ])
    // The leader took the last one away already; the list puts it back.
    expect(toldOf(dial).at(-1)?.split(' ')).toHaveLength(limits.slotsMax)
    expect(master.agents()).toHaveLength(limits.slotsMax)
  })

  it('[AG2] of a program that is not ours stay as they are', async () => {
    const { dial, master, pass } = await linkedMaster({ slots: 2 })
    dial.say(agentSignal(1, 'create', 'p3'))
    await pass(5)
    expect(receiptsOf(dial).at(-1)).toContain('part of another program')
    await pass(5)
    expect(master.agents()).toHaveLength(2)
  })

  it('[AG3] a deleted one finishes its task, and a new one takes another', async () => {
    const { dial, master, pass } = await linkedMaster({ agentBook: new MemoryAgentBook(), slots: 1 })
    dial.say(requestOf(1, 1, 'sim:forever'))
    await pass(5)
    dial.say(agentSignal(2, 'delete', 'p1'), agentSignal(3, 'create', 'p2'))
    dial.say(agentSignal(4, 'create', 'p3'), requestOf(5, 2, 'sim:forever', { agentId: 'master-1/p2' }))
    await pass(5)
    expect(master.agents().map(({ agentId, currentTask }) => [agentId, currentTask])).toEqual([
      ['master-1/p2', 't2'],
      ['master-1/p3', null],
    ])
    expect(endOf(dial, 1)).toBeUndefined()
  })
})
