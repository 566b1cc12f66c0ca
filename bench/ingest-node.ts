import { agentIdOf } from '../src/core/ids.js'
import { limits } from '../src/core/limits.js'
import type { LeaderCommand, NodeUpdate, TaskRequest } from '../src/ports/node-link.js'
import { protobufCodec as codec } from '../src/rpc/node-sync-codec.js'
import { registerSample } from '../src/testing/link-samples.js'
import { type IngestKind, type IngestServer, updatesPerMessage } from './ingest.js'
import { framed, RawStream } from './raw-stream.js'

/** What a round leaves behind at the leader. */
export interface LastValues {
  /** Stamp of the newest metrics; 0 without any. */
  readonly metricsAtMs: number
  /** Phase of every task of this node. */
  readonly phases: ReadonlyMap<string, string>
}

/** A master that only talks: pre-encoded updates up, and just enough of the protocol to be taken for one. */
export class IngestNode {
  readonly nodeId: string
  readonly #stream: RawStream
  readonly #tasks: TaskRequest[] = []
  readonly #phases = new Map<string, 'running' | 'paused'>()
  #uplinkSeq = 0
  #metricsAtMs = 0
  #nonce = 0
  #acked = 0
  #ponged = 0
  #isAcking = false
  #leasing: NodeJS.Timeout | undefined
  #bytes: Buffer = Buffer.alloc(0)
  #awaits: { readonly ack: number; readonly pong: number; readonly done: () => void } | null = null
  #onTask: () => void = () => undefined
  #welcomed: () => void = () => undefined

  constructor(server: IngestServer, nodeId: string) {
    this.nodeId = nodeId
    this.#stream = new RawStream(server.grpc, server.joinKey, (command) => this.#handle(command))
  }

  get last(): LastValues {
    return { metricsAtMs: this.#metricsAtMs, phases: this.#phases }
  }

  /** The reference acks nothing: there the pong is the end of a round. */
  expectAcks(): void {
    this.#isAcking = true
  }

  /** Resolves with the welcome. */
  join(): Promise<void> {
    const agents = Array.from({ length: updatesPerMessage }, (_, slot) => ({
      agentId: agentIdOf(`${this.nodeId}/p${slot + 1}`),
      kind: 'process' as const,
      failed: false,
      windowId: null,
      accountIdx: null,
      createdAtMs: 1,
    }))
    const capabilities = { ...registerSample.capabilities, slots: updatesPerMessage }
    this.#send([{ ...registerSample, capabilities, agents }])
    return new Promise((resolve) => {
      this.#welcomed = resolve
    })
  }

  /** Resolves when this node has a task for every slot. */
  hasTasks(): Promise<void> {
    return new Promise((resolve) => {
      this.#onTask = () => {
        if (this.#tasks.length === updatesPerMessage) resolve()
      }
      this.#onTask()
    })
  }

  /** Without a leader there are no tasks to speak of: some that look like them. */
  inventTasks(): void {
    for (let n = 1; n <= updatesPerMessage; n += 1) {
      this.#tasks.push({ taskId: `t${n}`, attempt: 1, fence: n } as TaskRequest)
    }
  }

  /** Makes the bytes of the next round. `damageAt`: this message is malformed. */
  encode(kind: IngestKind, messages: number, damageAt: number | null): void {
    const encoded: Uint8Array[] = []
    for (let message = 0; message < messages; message += 1) {
      if (message === damageAt) encoded.push(Uint8Array.of(0xff, 0xff))
      else encoded.push(this.#encode(kind === 'samples' ? this.#samples() : this.#events()))
    }
    this.#nonce += 1
    encoded.push(this.#encode([{ kind: 'ping', nonce: this.#nonce }]))
    this.#bytes = framed(encoded)
  }

  /** Sends the round; resolves when the leader has answered for all of it. */
  async send(): Promise<void> {
    const lost = this.#stream.closed.then(() => Promise.reject(new Error(`${this.nodeId} lost its stream`)))
    const answered = new Promise<void>((done) => {
      this.#awaits = { ack: this.#uplinkSeq, pong: this.#nonce, done }
      this.#stream.write(this.#bytes)
    })
    await Promise.race([answered, lost])
  }

  /** Sends a round that is malformed; resolves with how the leader ended the stream. */
  sendMalformed(): ReturnType<RawStream['status']> {
    const status = this.#stream.status()
    this.#stream.write(this.#bytes)
    return status
  }

  close(): void {
    clearInterval(this.#leasing)
    this.#stream.close()
  }

  #samples(): readonly NodeUpdate[] {
    return Array.from({ length: updatesPerMessage }, (_, n) => {
      this.#metricsAtMs = Math.max(this.#metricsAtMs + 1, Date.now())
      const cpu = (this.#metricsAtMs % 1_000) / 1_000
      return {
        kind: 'metrics' as const,
        atMs: this.#metricsAtMs,
        ...{ cpu, memory: 0.31, disk: 0.7, rxBytesPerS: 12_345 + n, txBytesPerS: 54_321 },
      }
    })
  }

  /** Every task of this node changes its phase. */
  #events(): readonly NodeUpdate[] {
    return this.#tasks.map(({ taskId, attempt, fence }) => {
      const state = this.#phases.get(taskId) === 'running' ? 'paused' : 'running'
      this.#phases.set(taskId, state)
      this.#uplinkSeq += 1
      return {
        kind: 'durable' as const,
        incarnation: registerSample.incarnation,
        uplinkSeq: this.#uplinkSeq,
        atMs: Date.now(),
        update: { kind: 'run' as const, taskId, attempt, fence, state, pid: 4_711 },
      }
    })
  }

  /** As a master with work does, or the leader gives its runs up. */
  #renew(): void {
    this.#send([{ kind: 'lease', sentAtMs: Date.now() }])
  }

  #encode(updates: readonly NodeUpdate[]): Uint8Array {
    return codec.encodeUpdates(updates, { nodeId: this.nodeId, nowMs: Date.now() })
  }

  #send(updates: readonly NodeUpdate[]): void {
    this.#stream.write(framed([this.#encode(updates)]))
  }

  #handle(command: LeaderCommand): void {
    switch (command.kind) {
      case 'welcome':
        this.#leasing ??= setInterval(() => this.#renew(), limits.leaseSteadyRenewMs)
        this.#welcomed()
        return
      case 'ping':
        this.#send([{ kind: 'pong', nonce: command.nonce }])
        return
      case 'task_request':
        this.#tasks.push(command)
        this.#send([{ kind: 'ack', commandSeq: command.commandSeq }])
        this.#onTask()
        return
      case 'ack':
        this.#acked = Math.max(this.#acked, command.uplinkSeq)
        break
      case 'pong':
        this.#ponged = command.nonce
        break
      default:
        return
    }
    const awaits = this.#awaits
    if (awaits === null || this.#ponged < awaits.pong || (this.#isAcking && this.#acked < awaits.ack)) return
    this.#awaits = null
    awaits.done()
  }
}
