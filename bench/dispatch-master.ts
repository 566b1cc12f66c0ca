import { setTimeout as wait } from 'node:timers/promises'
import { Client, type ClientDuplexStream, credentials } from '@grpc/grpc-js'
import { agentIdOf } from '../src/core/ids.js'
import { NodeSync } from '../src/gen/agentflow/v1/node_sync_pb.js'
import type { LeaderChannel, LeaderCommand, RunRef } from '../src/ports/node-link.js'
import { createLeaderDialer } from '../src/rpc/leader-dialer.js'
import { rawMethod } from '../src/rpc/raw-methods.js'
import { registerSample } from '../src/testing/link-samples.js'
import { nowMs } from './clock.js'
import type { DispatchServer, Held, MasterRequest } from './dispatch.js'

const echoGapMs = 2

/** The master's end of the link, whose handler notes when it has each task and ends it at once. */
class Master {
  #held: Held | null = null
  #channel: LeaderChannel | null = null
  #uplinkSeq = 0
  #over: () => void = () => undefined

  join(server: DispatchServer): Promise<void> {
    const dialer = createLeaderDialer({ joinKey: server.joinKey, caPem: null, nodeId: 'master-1' })
    const agent = { agentId: agentIdOf('master-1/p1'), kind: 'process' as const, failed: false }
    const agents = [{ ...agent, windowId: null, accountIdx: null, createdAtMs: 1 }]
    return new Promise((resolve) => {
      const channel = dialer.dial(server.address, {
        onOpen: () => void channel.send([{ ...registerSample, agents }]),
        onCommands: (commands) => {
          for (const command of commands) {
            if (command.kind === 'welcome') resolve()
            this.#handle(command)
          }
        },
        onClose: (reason) => {
          throw new Error(reason)
        },
      })
      this.#channel = channel
    })
  }

  /** The next task that is handed over; resolves when its end is acked. */
  next(): Promise<Held> {
    return new Promise((resolve) => {
      this.#over = () => {
        if (this.#held !== null) resolve(this.#held)
      }
    })
  }

  #handle(command: LeaderCommand): void {
    switch (command.kind) {
      case 'task_request':
        this.#held = { fence: command.fence, atMs: nowMs() }
        this.#end(command)
        this.#channel?.send([{ kind: 'ack', commandSeq: command.commandSeq }])
        return
      case 'ping':
        this.#channel?.send([{ kind: 'pong', nonce: command.nonce }])
        return
      case 'ack':
        if (command.uplinkSeq === this.#uplinkSeq) this.#over()
        return
      default:
        return
    }
  }

  #end({ taskId, attempt, fence }: RunRef): void {
    this.#uplinkSeq += 1
    const end = {
      ...{ outcome: 'succeeded' as const, exitCode: 0, signal: null, value: null, tail: '', message: null },
      ...{ outBytes: 0, errBytes: 0, progress: null },
    }
    const { incarnation } = registerSample
    this.#channel?.send([
      {
        ...{ kind: 'durable', incarnation, uplinkSeq: this.#uplinkSeq, atMs: Date.now() },
        update: { kind: 'ended', taskId, attempt, fence, end },
      },
    ])
  }
}

/** Round trips of a message as long as a task's, one in flight, and as far apart as tasks are: nothing is warmer than there. */
async function echo(address: string, count: number): Promise<readonly number[]> {
  const client = new Client(address, credentials.createInsecure(), { 'grpc.enable_channelz': 0 })
  const method = rawMethod(NodeSync.method.connect)
  const call: ClientDuplexStream<Buffer, Buffer> = client.makeBidiStreamRequest(
    method.path,
    method.requestSerialize,
    method.responseDeserialize,
  )
  let arrived: () => void = () => undefined
  call.on('data', () => arrived())
  const message = Buffer.alloc(250, 1)
  const taken: number[] = []
  for (let n = 0; n < count; n += 1) {
    const back = new Promise<void>((resolve) => {
      arrived = resolve
    })
    const startedAtMs = nowMs()
    call.write(message)
    await back
    taken.push(nowMs() - startedAtMs)
    await wait(echoGapMs)
  }
  call.end()
  client.close()
  return taken
}

let master: Master | null = null

async function handle(request: MasterRequest): Promise<unknown> {
  switch (request.do) {
    case 'join':
      master = new Master()
      await master.join(request.server)
      return {}
    case 'next':
      return master?.next()
    case 'echo':
      return echo(request.address, request.count)
  }
}

process.on('message', (request: MasterRequest) => {
  void handle(request).then((answer) => process.send?.(answer))
})
