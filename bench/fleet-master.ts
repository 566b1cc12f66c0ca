import { agentIdOf } from '../src/core/ids.js'
import { limits } from '../src/core/limits.js'
import type { DurableUpdate, LeaderChannel, LeaderCommand } from '../src/ports/node-link.js'
import { createLeaderDialer } from '../src/rpc/leader-dialer.js'
import { registerSample } from '../src/testing/link-samples.js'

export interface LeaderAddress {
  readonly grpc: string
  readonly joinKey: string
}

const agentsEach = 10
/** How long a task runs. */
const taskMs = 50

/**
 * A master over the product's own grpc-js stream that starts nothing: it registers ten agents, answers pings, sends its
 * meters each limits.meterIntervalMs with news every time (the most that a master sends), renews its lease while it
 * runs something, and reports each task as running and, after 50 ms, as ended.
 */
export class FleetMaster {
  readonly #nodeId: string
  readonly #live = new Set<string>()
  #channel: LeaderChannel | null = null
  #timers: NodeJS.Timeout[] = []
  #uplinkSeq = 0
  #reads = 0
  readonly #onEnded: () => void

  constructor(nodeId: string, onEnded: () => void) {
    this.#nodeId = nodeId
    this.#onEnded = onEnded
  }

  join({ grpc, joinKey }: LeaderAddress): Promise<void> {
    const nodeId = this.#nodeId
    const agents = Array.from({ length: agentsEach }, (_, n) => ({
      ...{ agentId: agentIdOf(`${nodeId}/p${n + 1}`), kind: 'process' as const, failed: false },
      ...{ windowId: null, accountIdx: null, createdAtMs: 1 },
    }))
    const capabilities = { ...registerSample.capabilities, slots: agentsEach, host: nodeId }
    return new Promise((resolve) => {
      const channel = createLeaderDialer({ joinKey, caPem: null, nodeId }).dial(grpc, {
        onOpen: () => void channel.send([{ ...registerSample, takesBatches: true, capabilities, agents }]),
        onCommands: (commands) => {
          for (const command of commands) {
            if (command.kind === 'welcome') resolve()
            this.#handle(command)
          }
        },
        onClose: (reason) => {
          throw new Error(`${nodeId}: ${reason}`)
        },
      })
      this.#channel = channel
    })
  }

  /** Meters and leases go from now on. */
  beat(): void {
    const phase = Math.random()
    const later = setTimeout(() => {
      this.#timers.push(setInterval(() => this.#meters(), limits.meterIntervalMs))
    }, phase * limits.meterIntervalMs)
    const renew = (): void => {
      if (this.#live.size > 0) this.#channel?.send([{ kind: 'lease', sentAtMs: Date.now() }])
    }
    this.#timers.push(later, setInterval(renew, limits.leaseSteadyRenewMs * (0.9 + 0.1 * phase)))
  }

  rest(): void {
    for (const timer of this.#timers.splice(0)) clearInterval(timer)
  }

  #meters(): void {
    this.#reads += 1
    const cpu = 0.2 + 0.1 * (this.#reads % 5)
    const metrics = { cpu, memory: 0.4, disk: 0.5, rxBytesPerS: 1_000, txBytesPerS: 1_000 }
    this.#channel?.send([{ kind: 'metrics', atMs: Date.now(), ...metrics }])
  }

  #handle(command: LeaderCommand): void {
    if (command.kind === 'ping') this.#channel?.send([{ kind: 'pong', nonce: command.nonce }])
    if (command.kind !== 'task_request') return
    this.#run(command)
  }

  #run({ commandSeq, taskId, attempt, fence }: Extract<LeaderCommand, { kind: 'task_request' }>): void {
    const run = { taskId, attempt, fence }
    this.#live.add(taskId)
    this.#channel?.send([
      { kind: 'ack', commandSeq },
      this.#numbered({ kind: 'run', state: 'running', pid: 4_711, ...run }),
    ])
    setTimeout(() => {
      this.#live.delete(taskId)
      const end = {
        ...{ outcome: 'succeeded' as const, exitCode: 0, signal: null, value: null, tail: '', message: null },
        ...{ outBytes: 0, errBytes: 0, progress: null },
      }
      this.#channel?.send([this.#numbered({ kind: 'ended', end, ...run })])
      this.#onEnded()
    }, taskMs)
  }

  #numbered(update: DurableUpdate) {
    this.#uplinkSeq += 1
    const { incarnation } = registerSample
    return { kind: 'durable' as const, incarnation, uplinkSeq: this.#uplinkSeq, atMs: Date.now(), update }
  }
}
