import { type AgentId, agentIdOf } from '../core/ids.js'
import { limits } from '../core/limits.js'
import type { Agent } from '../core/nodes/node.js'
import type { AgentBook, AgentChanges } from '../ports/agent-book.js'
import type { Log } from '../ports/log.js'
import type { AgentSignal } from '../ports/node-link.js'
import type { Uplink } from './uplink.js'

export interface AgentsOptions {
  readonly nodeId: string
  readonly kind: 'process' | 'function'
  /** Agents that it begins with: `NODE/p1` … run programs, `NODE/f1` … call functions. */
  readonly slots: number
  /** When the first ones were made, Unix ms. */
  readonly bornAtMs: number
  /** null: they are part of another program, and stay as they are. */
  readonly book: AgentBook | null
  readonly uplink: Pick<Uplink, 'put'>
  readonly log: Log
  readonly wallMs: () => number
}

/** The agents of this master: its slots, and how they were changed since, also by an earlier process [AG4]. */
export class Agents {
  readonly #options: AgentsOptions
  readonly #first: readonly Agent[]
  #changes: AgentChanges
  #list: readonly Agent[]
  #isLeaving = false

  constructor(options: AgentsOptions) {
    const { nodeId, kind, slots, bornAtMs, book } = options
    const letter = kind === 'process' ? 'p' : 'f'
    this.#options = options
    this.#first = Array.from({ length: slots }, (_, index) =>
      agentOf(
        { agentId: agentIdOf(`${nodeId}/${letter}${index + 1}`), createdAtMs: bornAtMs, accountIdx: null },
        kind,
      ),
    )
    this.#changes = book?.read() ?? { added: [], removed: [] }
    this.#list = this.#listed()
  }

  get list(): readonly Agent[] {
    return this.#list
  }

  /** Takes all away, for good: this process takes no more work. */
  leave(): void {
    this.#isLeaving = true
    this.#list = []
  }

  /** Does it, tells the leader what there is, then that it is done. Told again, it is done already. */
  act(signal: AgentSignal): void {
    const { uplink, log } = this.#options
    const { commandId } = signal
    uplink.put({ kind: 'receipt', commandId, state: 'received', detail: '' })
    try {
      const refusal = this.#do(signal)
      if (refusal === null) {
        uplink.put({ kind: 'agents', agents: this.#list })
        uplink.put({
          kind: 'receipt',
          commandId,
          state: 'done',
          detail: `${signal.agentId} ${done[signal.action]}`,
        })
        return
      }
      this.#refuse(commandId, refusal)
    } catch (error) {
      log.error('the change of an agent cannot be kept', { agentId: signal.agentId, error })
      this.#refuse(commandId, 'The change cannot be written to the disk of this master.')
    }
  }

  /** The leader takes an agent away before it is told to us; what there is puts it right. */
  #refuse(commandId: string, detail: string): void {
    const { uplink } = this.#options
    uplink.put({ kind: 'receipt', commandId, state: 'refused', detail })
    uplink.put({ kind: 'agents', agents: this.#list })
  }

  /** Why not; null when it is done. */
  #do({ action, agentId, agentKind, accountIdx }: AgentSignal): string | null {
    const { book, kind, wallMs } = this.#options
    if (book === null) return 'This master is part of another program, which alone sets its agents.'
    if (this.#isLeaving) return 'This master is leaving.'
    const isThere = this.#list.some((agent) => agent.agentId === agentId)
    if (isThere === (action === 'create')) return null
    if (action === 'delete') {
      this.#change(book, this.#without(agentId))
      return null
    }
    if (agentKind !== kind) return `This master has no agents of kind ${agentKind}.`
    if (this.#list.length >= limits.slotsMax)
      return `This master has ${limits.slotsMax} agents, which is the most.`
    const { added, removed } = this.#without(agentId)
    this.#change(book, {
      added: [...added, { agentId: agentIdOf(agentId), accountIdx, createdAtMs: wallMs() }],
      removed: removed.filter((id) => id !== agentId),
    })
    return null
  }

  #without(agentId: string): AgentChanges {
    const { added, removed } = this.#changes
    const isFirst = this.#first.some((agent) => agent.agentId === agentId)
    return {
      added: added.filter((agent) => agent.agentId !== agentId),
      removed: isFirst ? [...new Set([...removed, agentId])] : removed,
    }
  }

  #change(book: AgentBook, changes: AgentChanges): void {
    book.write(changes)
    this.#changes = changes
    this.#list = this.#listed()
  }

  /** One that was added counts instead of a first one of its name: it is the newer one. */
  #listed(): readonly Agent[] {
    const { added, removed } = this.#changes
    const gone = new Set<AgentId | string>([...removed, ...added.map(({ agentId }) => agentId)])
    return [
      ...this.#first.filter(({ agentId }) => !gone.has(agentId)),
      ...added.map((agent) => agentOf(agent, this.#options.kind)),
    ].slice(0, limits.slotsMax)
  }
}

const done = { create: 'is there.', delete: 'takes no more tasks and is gone.' } as const

const agentOf = (
  { agentId, accountIdx, createdAtMs }: Pick<Agent, 'agentId' | 'accountIdx' | 'createdAtMs'>,
  kind: Agent['kind'],
): Agent => ({ agentId, kind, failed: false, windowId: null, accountIdx, createdAtMs })
