import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CronerCalendar } from '../adapters/calendar/croner-calendar.js'
import { systemClock } from '../adapters/clock/system-clock.js'
import { CelConditions } from '../adapters/conditions/cel-conditions.js'
import { nodeRandom } from '../adapters/random/node-random.js'
import { openSqliteStore, type SqliteStore } from '../adapters/store-sqlite/open-store.js'
import { utf8Text } from '../adapters/text/utf8-text.js'
import { agentIdOf } from '../core/ids.js'
import type { RunOutcome } from '../core/runs/run.js'
import { createLeader } from '../leader/leader.js'
import type { Leader } from '../leader/leader-options.js'
import type { Caller, ControlPlane } from '../ports/control-plane.js'
import type { DurableUpdate, LeaderCommand, NodeUpdate, TaskRequest } from '../ports/node-link.js'
import { endOf } from './core-fixture.js'
import { admin, heldRun, registerOf } from './leader-fixture.js'
import { MemoryCrashNotes } from './memory-crash-notes.js'
import { silentLog } from './silent-log.js'

type CallTool = (plane: ControlPlane, caller: Caller, name: string, args: unknown) => Promise<string>

/** A real leader on the embedded store in a directory of its own, on the real clock; `restart` starts the next one on it. */
export class BusyLeader {
  readonly dataDir = mkdtempSync(join(tmpdir(), 'agentflow-busy-'))
  readonly crashNotes = new MemoryCrashNotes()
  readonly masters = new Map<string, BusyMaster>()
  readonly #callTool: CallTool
  #running: { readonly store: SqliteStore; readonly leader: Leader } | null = null

  constructor(callTool: CallTool) {
    this.#callTool = callTool
  }

  get leader(): Leader {
    return this.#parts.leader
  }

  get store(): SqliteStore {
    return this.#parts.store
  }

  async start(): Promise<void> {
    const store = await openSqliteStore({ dataDir: this.dataDir, log: silentLog, ballastBytes: 4_096 })
    const leader = await createLeader({
      ...{ leaderId: 'leader-1', version: '1', log: silentLog, text: utf8Text, crashNotes: this.crashNotes },
      ...{ journal: store.journal, views: store.views, streams: store.streams },
      ...{ workBodies: store.workBodies, replays: store.replays, clock: systemClock, random: nodeRandom },
      ...{ calendar: new CronerCalendar(), conditions: new CelConditions() },
      grpcAddress: () => '127.0.0.1:1',
      joinFile: '/join.json',
      ask: () => undefined,
      onFatal: (reason, cause) => {
        throw new Error(reason, { cause })
      },
    })
    this.#running = { store, leader }
    for (const master of this.masters.values()) master.connect(leader)
  }

  async stop(): Promise<void> {
    const { leader, store } = this.#parts
    this.#running = null
    await leader.stop()
    await store.close()
  }

  remove(): void {
    rmSync(this.dataDir, { recursive: true, force: true })
  }

  /** A master with so many slots, which joins at once. */
  join(nodeId: string, slots: number): BusyMaster {
    const master = new BusyMaster(nodeId, slots)
    this.masters.set(nodeId, master)
    master.connect(this.leader)
    return master
  }

  /** A tool as REST calls it. */
  async tool<Answer>(name: string, args: object): Promise<Answer> {
    return JSON.parse(await this.#callTool(this.leader.plane, admin, name, args)) as Answer
  }

  get #parts() {
    if (this.#running === null) throw new Error('the leader is not started')
    return this.#running
  }
}

/** How a task of a busy master ends, by its name; any other one runs until it is cancelled. */
const outcomes: Readonly<Record<string, RunOutcome>> = { ok: 'succeeded', fail: 'exit', lost: 'lost' }

/** A master that does at once whatever it is told: tasks end as their names say, commands are obeyed. */
class BusyMaster {
  readonly nodeId: string
  readonly #slots: number
  readonly #incarnation = Date.now()
  readonly #runs = new Map<string, TaskRequest>()
  #uplinkSeq = 0
  #session: { send(updates: readonly NodeUpdate[]): void; close(): void } | null = null
  #told: NodeUpdate[] = []

  constructor(nodeId: string, slots: number) {
    this.nodeId = nodeId
    this.#slots = slots
  }

  connect(leader: Leader): void {
    const { nodeId } = this
    const session = leader.gateway.open({
      ...{ nodeId, address: 'test' },
      send: (commands) => this.#obey(commands),
      close: () => undefined,
    })
    this.#session = {
      send: (updates) => session.receive(updates, 100),
      close: () => session.closed('cut'),
    }
    const agents = Array.from({ length: this.#slots }, (_, slot) => ({
      ...{ agentId: agentIdOf(`${nodeId}/p${slot + 1}`), kind: 'process' as const, failed: false },
      ...{ windowId: null, accountIdx: null, createdAtMs: 0 },
    }))
    const { capabilities } = registerOf(1)
    const inventory = [...this.#runs.values()].map(({ taskId, attempt, fence }) =>
      heldRun(taskId, fence, { attempt }),
    )
    const sized = { ...capabilities, slots: this.#slots }
    const rest = { agents, inventory, capabilities: sized, ackedUplinkSeq: this.#uplinkSeq }
    this.#session.send([registerOf(this.#incarnation, rest)])
  }

  /** Its stream breaks, and nothing more is heard of it. */
  cut(): void {
    this.#session?.close()
    this.#session = null
  }

  /** The run of this task says that it is stuck. */
  stall(taskId: string): void {
    const run = this.#runs.get(taskId)
    if (run === undefined) throw new Error(`${this.nodeId} does not run ${taskId}`)
    const stall = { kind: 'silent' as const, sinceMs: Date.now(), lines: ['last words'] }
    const evidence = { lines: ['last words'], processes: [], cpuCores: 0, waitingFor: 'input' }
    this.#tell({ kind: 'stall', ...refOf(run), stall, evidence })
  }

  runs(taskId: string): boolean {
    return this.#runs.has(taskId)
  }

  #obey(commands: readonly LeaderCommand[]): void {
    for (const command of commands) {
      if (command.kind === 'task_request') this.#run(command)
      else if (command.kind === 'ping') this.#session?.send([{ kind: 'pong', nonce: command.nonce }])
      else if (command.kind === 'control') this.#control(command)
    }
  }

  #run(request: TaskRequest): void {
    const ref = refOf(request)
    this.#tell({ kind: 'run', ...ref, state: 'running', pid: 7 })
    const outcome = outcomes[request.name]
    if (outcome === undefined) this.#runs.set(request.taskId, request)
    else this.#tell({ kind: 'ended', ...ref, end: endOf(outcome) })
  }

  #control({ commandId, action, ...command }: Extract<LeaderCommand, { kind: 'control' }>): void {
    const ref = refOf(command)
    if (action === 'cancel') {
      this.#runs.delete(ref.taskId)
      this.#tell({ kind: 'ended', ...ref, end: endOf('cancelled') })
      this.#tell({ kind: 'receipt', commandId, state: 'stopped', detail: '' })
      return
    }
    this.#tell({ kind: 'run', ...ref, state: action === 'pause' ? 'paused' : 'running', pid: 7 })
    this.#tell({ kind: 'receipt', commandId, state: 'done', detail: '' })
  }

  /** After the current message: a leader sends in the middle of its turn. What is told while the link is down is told later. */
  #tell(update: DurableUpdate): void {
    this.#uplinkSeq += 1
    const numbered = { incarnation: this.#incarnation, uplinkSeq: this.#uplinkSeq, atMs: Date.now(), update }
    this.#told.push({ kind: 'durable', ...numbered })
    if (this.#told.length > 1) return
    setImmediate(() => {
      const updates = this.#told
      this.#told = []
      this.#session?.send(updates)
    })
  }
}

const refOf = ({ taskId, attempt, fence }: { taskId: string; attempt: number; fence: number }) => ({
  taskId,
  attempt,
  fence,
})
