import { Server, ServerCredentials, setLogger } from '@grpc/grpc-js'
import { ControlError } from '../core/errors.js'
import { limits } from '../core/limits.js'
import { NodeSync } from '../gen/agentflow/v1/node_sync_pb.js'
import type { ControlPlane } from '../ports/control-plane.js'
import type { Log } from '../ports/log.js'
import type { NodeGateway } from '../ports/node-link.js'
import { controlService } from './control-service.js'
import { bearer, toStatus } from './grpc-status.js'
import { type NodeCall, serveNodeStream } from './node-stream.js'
import { rawMethods } from './raw-methods.js'

export interface GrpcServerOptions {
  readonly gateway: NodeGateway
  readonly plane: ControlPlane
  /** True when this is the cluster's join key; must compare in constant time. */
  readonly authenticateNode: (joinKey: string) => boolean
  /** null = plain text, for loopback only. */
  readonly tls: { readonly certPem: string; readonly keyPem: string } | null
  readonly log: Log
  /** HTTP/2 pings that find dead peers. Default: limits.keepaliveIntervalMs and keepaliveTimeoutMs. */
  readonly keepalive?: { readonly intervalMs: number; readonly timeoutMs: number }
}

export interface GrpcServer {
  /** Resolves with the port that is bound (0 asks for a free one); rejects invalid_configuration when the address cannot be had. */
  listen(host: string, port: number): Promise<number>
  /** Takes no new calls, waits `graceMs` for the open ones, then cuts them off. Idempotent. */
  close(graceMs: number): Promise<void>
}

/** The leader's gRPC port: NodeSync for masters, ControlService for users. */
export function createGrpcServer(options: GrpcServerOptions): GrpcServer {
  const { intervalMs, timeoutMs } = options.keepalive ?? {
    intervalMs: limits.keepaliveIntervalMs,
    timeoutMs: limits.keepaliveTimeoutMs,
  }
  const note = (message: string): void => options.log.debug(message)
  setLogger({ error: note, info: note, debug: note })
  const server = new Server({
    'grpc.max_receive_message_length': limits.linkMessageBytesMax,
    'grpc.max_send_message_length': limits.linkMessageBytesMax,
    'grpc.max_concurrent_streams': limits.linkStreamsPerConnectionMax,
    'grpc.keepalive_time_ms': intervalMs,
    'grpc.keepalive_timeout_ms': timeoutMs,
    'grpc.enable_channelz': 0,
  })
  const control = controlService(options.plane)
  server.addService(control.definition, control.implementation)
  server.addService(rawMethods(NodeSync), { connect: nodeHandler(options) })
  return {
    listen: (host, port) => listen(server, host, port, options.tls),
    close: (graceMs) => {
      control.leave()
      return close(server, graceMs)
    },
  }
}

function nodeHandler({ authenticateNode, gateway, log }: GrpcServerOptions): (call: NodeCall) => void {
  return (call) => {
    const joinKey = bearer(call.metadata.get('authorization')[0]?.toString() ?? null)
    if (joinKey !== null && authenticateNode(joinKey)) {
      serveNodeStream(call, { gateway, log })
      return
    }
    log.warn('refused a master without the join key', { peer: call.getPeer() })
    call.emit('error', toStatus(new ControlError('not_authenticated', 'The join key is missing or wrong.')))
  }
}

function listen(server: Server, host: string, port: number, tls: GrpcServerOptions['tls']): Promise<number> {
  const credentials = tls === null ? ServerCredentials.createInsecure() : new TlsCredentials(tls)
  const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (cause, bound) => {
      if (cause === null) resolve(bound)
      else reject(new ControlError('invalid_configuration', listenSentence(host, port, cause), { cause }))
    })
  })
}

/** grpc-js wraps the one thing that matters: "… errors: [listen EADDRINUSE: …]". */
function listenSentence(host: string, port: number, cause: Error): string {
  if (cause.message.includes('EADDRINUSE')) {
    return `Port ${port} on ${host} is in use; choose another one, or 0 for a free one.`
  }
  return `gRPC cannot listen on port ${port} of ${host} (${/\[(.*)\]/.exec(cause.message)?.[1] ?? cause.message}).`
}

/** A session that is closing waits for its peer, whatever is done to it: after the grace nobody waits for the session. */
function close(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      server.forceShutdown()
      resolve()
    }, graceMs)
    server.tryShutdown(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}

/** As ServerCredentials.createSsl, which has no way to ask for TLS 1.3. */
class TlsCredentials extends ServerCredentials {
  constructor(tls: { readonly certPem: string; readonly keyPem: string }) {
    super({}, { cert: tls.certPem, key: tls.keyPem, minVersion: 'TLSv1.3' })
  }

  override _equals(other: ServerCredentials): boolean {
    return this === other
  }
}
