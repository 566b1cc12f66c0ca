import { once } from 'node:events'
import { connect, constants, type IncomingHttpHeaders } from 'node:http2'
import { createServer, type Socket } from 'node:net'
import {
  Client,
  type ClientDuplexStream,
  credentials,
  Metadata,
  type StatusObject,
  status,
} from '@grpc/grpc-js'
import { afterEach, describe, expect, it } from 'vitest'
import { limits } from '../core/limits.js'
import { NodeSync } from '../gen/agentflow/v1/node_sync_pb.js'
import { SendWindow } from '../link/credit.js'
import type { LeaderCommand } from '../ports/node-link.js'
import { FaultProxy } from '../testing/fault-proxy.js'
import { registerSample as register, welcomeSample as welcome } from '../testing/link-samples.js'
import { planeOf } from '../testing/plane-of.js'
import { linkEvents, ScriptedGateway } from '../testing/scripted-gateway.js'
import { silentLog } from '../testing/silent-log.js'
import { createGrpcServer, type GrpcServerOptions } from './grpc-server.js'
import { createLeaderDialer, type LeaderDialerOptions } from './leader-dialer.js'
import { protobufCodec } from './node-sync-codec.js'
import { rawMethod } from './raw-methods.js'

const joinKey = 'afj_test'
const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function startLeader(options: Partial<GrpcServerOptions> = {}) {
  const gateway = new ScriptedGateway()
  const server = createGrpcServer({
    gateway,
    plane: planeOf({}),
    authenticateNode: (key) => key === joinKey,
    tls: null,
    log: silentLog,
    ...options,
  })
  const port = await server.listen('127.0.0.1', 0)
  cleanups.push(() => server.close(0))
  return { gateway, server, port, address: `127.0.0.1:${port}` }
}

function dial(address: string, options: Partial<LeaderDialerOptions> = {}) {
  const events = linkEvents()
  const dialer = createLeaderDialer({ joinKey, caPem: null, nodeId: 'master-1', ...options })
  const channel = dialer.dial(address, events)
  cleanups.push(() => channel.close())
  return { channel, mail: events.mail }
}

/** A master that has opened its stream and registered. */
async function joined(address: string, gateway: ScriptedGateway, options: Partial<LeaderDialerOptions> = {}) {
  const master = dial(address, options)
  await master.mail.next((event) => event.kind === 'open')
  master.channel.send([register])
  const leader = await gateway.streams.next()
  await leader.events.next((event) => event.kind === 'received')
  return { master, leader }
}

describe('a stream', () => {
  it('opens before anything is said, gives the register to the gateway and the welcome to the master', async () => {
    const { gateway, address } = await startLeader()
    const master = dial(address)
    await master.mail.next((event) => event.kind === 'open')
    const bytes = master.channel.send([register])
    const leader = await gateway.streams.next()
    expect(leader.channel.nodeId).toBe('master-1')
    expect(leader.channel.address).toMatch(/^127\.0\.0\.1:\d+$/)
    expect(await leader.events.next()).toEqual({ kind: 'received', updates: [register], bytes })
    leader.channel.send([welcome])
    expect(await master.mail.next()).toEqual({ kind: 'command', command: welcome })
  })

  it('gives the updates of one send to one receive', async () => {
    const { gateway, address } = await startLeader()
    const { master, leader } = await joined(address, gateway)
    const updates = [1, 2, 3].map((nonce) => ({ kind: 'ping' as const, nonce }))
    const bytes = master.channel.send(updates)
    expect(await leader.events.next()).toEqual({ kind: 'received', updates, bytes })
  })

  it('carries 1,000 commands of one send in order', async () => {
    const { gateway, address } = await startLeader()
    const { master, leader } = await joined(address, gateway)
    const commands = Array.from({ length: 1_000 }, (_, nonce) => ({ kind: 'ping' as const, nonce }))
    leader.channel.send(commands)
    const received = await master.mail.take(1_000)
    expect(received).toEqual(commands.map((command) => ({ kind: 'command', command })))
  })

  it('[ST6] lets a master that keeps to its credit send no more than it was granted', async () => {
    const { gateway, address } = await startLeader()
    const { master, leader } = await joined(address, gateway)
    const window = new SendWindow()
    const queue = Array.from({ length: 10 }, (_, nonce) => ({ kind: 'ping' as const, nonce }))
    const pump = (): void => {
      while (window.mayUse()) {
        const update = queue.shift()
        if (update === undefined) return
        window.used(master.channel.send([update]))
      }
    }
    for (const messages of [4, 10]) {
      leader.channel.send([{ kind: 'credit', messages, bytes: 1_000_000 }])
      const event = await master.mail.next()
      if (event.kind === 'command' && event.command.kind === 'credit') window.grant(event.command)
      pump()
      // A ping-pong outside the window proves that everything sent before it has arrived.
      master.channel.send([{ kind: 'pong', nonce: messages }])
      const seen: number[] = []
      for (;;) {
        const received = await leader.events.next((event) => event.kind === 'received')
        const update = received.kind === 'received' ? received.updates[0] : undefined
        if (update?.kind === 'pong') break
        if (update?.kind === 'ping') seen.push(update.nonce)
      }
      expect(seen).toEqual(messages === 4 ? [0, 1, 2, 3] : [4, 5, 6, 7, 8, 9])
    }
  })

  it('tells commands that were sent before its end, then the end, once', async () => {
    const { gateway, address } = await startLeader()
    const { master, leader } = await joined(address, gateway)
    const goodbye: LeaderCommand = { kind: 'goodbye', code: 'node_conflict', message: 'taken' }
    leader.channel.send([goodbye])
    leader.channel.close('another stream of this node')
    leader.channel.close('again')
    leader.channel.send([welcome])
    expect(await master.mail.take(2)).toEqual([
      { kind: 'command', command: goodbye },
      { kind: 'closed', reason: 'another stream of this node', refused: false, leaderHint: null },
    ])
    expect(await leader.events.next()).toEqual({ kind: 'closed', reason: 'another stream of this node' })
    master.channel.close()
    expect([master.mail.size, leader.events.size]).toEqual([0, 0])
  })

  it('ends at the leader after the last update when the master ends its half', async () => {
    const { gateway, address } = await startLeader()
    const { master, leader } = await joined(address, gateway)
    master.channel.send([{ kind: 'ping', nonce: 1 }])
    master.channel.close()
    expect(await master.mail.next()).toMatchObject({ kind: 'closed', refused: false })
    expect((await leader.events.take(2)).map((event) => event.kind)).toEqual(['received', 'closed'])
  })
})

describe('a stream is refused or ended', () => {
  it('[AC6] with refused: true for a wrong join key', async () => {
    const { gateway, address } = await startLeader()
    const master = dial(address, { joinKey: 'wrong' })
    expect(await master.mail.next()).toEqual({
      kind: 'closed',
      reason: 'The join key is missing or wrong.',
      refused: true,
      leaderHint: null,
    })
    expect(gateway.streams.size).toBe(0)
  })

  it('with refused: false when nobody listens', async () => {
    const { server, address } = await startLeader()
    await server.close(0)
    const master = dial(address)
    const end = await master.mail.next()
    expect(end).toMatchObject({ kind: 'closed', refused: false })
    expect(end).toHaveProperty('reason', expect.stringContaining('ECONNREFUSED'))
  })

  it('when there is no answer to a dial', async () => {
    const silent = createServer().listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const sockets: Socket[] = []
    silent.on('connection', (socket) => sockets.push(socket.on('error', () => undefined)))
    cleanups.push(() => {
      for (const socket of sockets) socket.destroy()
      silent.close()
    })
    const address = `127.0.0.1:${(silent.address() as { port: number }).port}`
    const master = dial(address, { dialMs: 50 })
    expect(await master.mail.next()).toMatchObject({
      kind: 'closed',
      reason: `${address} did not answer within 50 ms`,
    })
  })

  it('when the transport is silent for the keepalive time', async () => {
    const keepalive = { intervalMs: 50, timeoutMs: 50 }
    const { gateway, port } = await startLeader({ keepalive })
    const proxy = await FaultProxy.start(port)
    cleanups.push(() => proxy.close())
    const { master, leader } = await joined(proxy.address, gateway, { keepalive })
    proxy.become('stall')
    expect(await master.mail.next((event) => event.kind === 'closed')).toMatchObject({ refused: false })
    expect(await leader.events.next((event) => event.kind === 'closed')).toBeDefined()
  })

  it('when the master does not read and too much waits for it', async () => {
    const { gateway, port } = await startLeader()
    const proxy = await FaultProxy.start(port)
    cleanups.push(() => proxy.close())
    const { leader } = await joined(proxy.address, gateway)
    proxy.become('stall')
    const big: LeaderCommand = { kind: 'goodbye', code: 'x', message: 'x'.repeat(1024 * 1024) }
    for (let sent = 0; sent <= limits.linkChannelBytesMax; sent += 1024 * 1024) leader.channel.send([big])
    expect(await leader.events.next()).toEqual({ kind: 'closed', reason: 'the master does not read' })
  })
})

it('a leader that leaves does not wait for a master that nothing reaches any more', async () => {
  const { gateway, server, port } = await startLeader()
  const proxy = await FaultProxy.start(port)
  cleanups.push(() => proxy.close())
  await joined(proxy.address, gateway)
  proxy.become('stall')
  await expect(server.close(50)).resolves.toBeUndefined()
})

describe('a bad peer hurts only itself', () => {
  async function rawStream(address: string, first: readonly Uint8Array[]) {
    const client = new Client(address, credentials.createInsecure())
    cleanups.push(() => client.close())
    const method = rawMethod(NodeSync.method.connect)
    const metadata = new Metadata()
    metadata.set('authorization', `Bearer ${joinKey}`)
    const call: ClientDuplexStream<Buffer, Buffer> = client.makeBidiStreamRequest(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      metadata,
    )
    call.on('error', () => undefined)
    const ended = new Promise<StatusObject>((resolve) => call.on('status', resolve))
    call.resume()
    for (const bytes of first) call.write(Buffer.from(bytes))
    return { ended }
  }
  const hello = protobufCodec.encodeUpdates([register], { nodeId: 'master-9', nowMs: 1 })

  it.each([
    ['bytes that are no message, first', [Uint8Array.of(255, 255, 255)], 'the bytes are not a NodeUpdate'],
    [
      '[ST9] bytes that are no message, later',
      [hello, Uint8Array.of(255, 1)],
      'the bytes are not a NodeUpdate',
    ],
    ['[ST1] an update before register', [Uint8Array.of()], 'the first update of a stream must be register'],
    ['a second register', [hello, hello], 'register may only be the first update of a stream'],
  ])('%s', async (_, messages, details) => {
    const { gateway, address } = await startLeader()
    const good = await joined(address, gateway)
    const bad = await rawStream(address, messages)
    const result = await bad.ended
    expect(result).toMatchObject({ code: status.INVALID_ARGUMENT, details })
    expect(result.metadata.get('agentflow-code')).toEqual(['invalid_request'])
    if (messages.length === 2) {
      const stream = await gateway.streams.next()
      expect((await stream.events.take(3)).map((event) => event.kind)).toEqual([
        'received',
        'malformed',
        'closed',
      ])
    }
    good.master.channel.send([{ kind: 'ping', nonce: 1 }])
    expect(await good.leader.events.next()).toMatchObject({ kind: 'received' })
  })

  it('a message over 4 MiB', async () => {
    const { gateway, address } = await startLeader()
    const good = await joined(address, gateway)
    const bad = await rawStream(address, [hello, new Uint8Array(limits.linkMessageBytesMax + 1)])
    expect(await bad.ended).toMatchObject({ code: status.RESOURCE_EXHAUSTED })
    const stream = await gateway.streams.next()
    await stream.events.next((event) => event.kind === 'closed')
    good.master.channel.send([{ kind: 'ping', nonce: 1 }])
    expect(await good.leader.events.next()).toMatchObject({ kind: 'received' })
  })

  it('a stream that is reset, also with an error', async () => {
    const { gateway, address } = await startLeader()
    const good = await joined(address, gateway)
    for (const code of [constants.NGHTTP2_CANCEL, constants.NGHTTP2_PROTOCOL_ERROR]) {
      const session = connect(`http://${address}`)
      cleanups.push(() => session.destroy())
      const headers = {
        ':method': 'POST',
        ':path': '/agentflow.v1.NodeSync/Connect',
        'content-type': 'application/grpc',
        te: 'trailers',
        authorization: `Bearer ${joinKey}`,
      }
      const stream = session.request(headers)
      stream.on('error', () => undefined)
      const [answer] = (await once(stream, 'response')) as [IncomingHttpHeaders]
      expect(answer[':status']).toBe(200)
      stream.write(Buffer.concat([Buffer.from([0, 0, 0, 0, hello.length]), hello]))
      const { events } = await gateway.streams.next()
      stream.close(code)
      await events.next((event) => event.kind === 'closed')
    }
    good.master.channel.send([{ kind: 'ping', nonce: 1 }])
    expect(await good.leader.events.next()).toMatchObject({ kind: 'received' })
  })
})

it('says in one sentence that its port is taken', async () => {
  const { port } = await startLeader()
  await expect(startLeader().then(({ server }) => server.listen('127.0.0.1', port))).rejects.toThrow(
    `Port ${port} on 127.0.0.1 is in use; choose another one, or 0 for a free one.`,
  )
})
