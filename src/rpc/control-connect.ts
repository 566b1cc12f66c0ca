import type { MessageInitShape } from '@bufbuild/protobuf'
import { type Code, ConnectError, type ConnectRouter, type HandlerContext } from '@connectrpc/connect'
import { fastifyConnectPlugin } from '@connectrpc/connect-fastify'
import type { FastifyInstance } from 'fastify'
import { ControlError, fromUnknown } from '../core/errors.js'
import { limits } from '../core/limits.js'
import {
  ControlService,
  type WatchRequest,
  type WatchResponseSchema,
} from '../gen/agentflow/v1/control_pb.js'
import type { Caller, ControlPlane } from '../ports/control-plane.js'
import { callerOf, controlCalls } from './control-calls.js'
import { watch } from './control-watch.js'
import { codeKey, grpcCode, statusText } from './grpc-status.js'
import { WatchQueue } from './watch-queue.js'

/**
 * ControlService as Connect, gRPC-Web and gRPC over HTTP/1.1 or 2: a Fastify plugin to register without a prefix,
 * `app.register(connectPlugin({ plane }))`. Watches end with `unavailable` when the app closes.
 */
export function connectPlugin(options: {
  readonly plane: ControlPlane
}): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    const leaving = new AbortController()
    app.addHook('preClose', async () => {
      leaving.abort(toConnectError(new ControlError('unavailable', 'The leader leaves.')))
    })
    // Connect brings parsers of its own for the types that the surrounding app parses too.
    app.removeAllContentTypeParsers()
    await app.register(fastifyConnectPlugin, {
      routes: controlRoutes(options.plane),
      readMaxBytes: limits.requestBytesMax,
      shutdownSignal: leaving.signal,
    })
  }
}

function controlRoutes(plane: ControlPlane): (router: ConnectRouter) => void {
  const calls = controlCalls(plane)
  const unary =
    <Request, Response>(call: (caller: Caller, request: Request) => Promise<Response>) =>
    async (request: Request, context: HandlerContext): Promise<Response> => {
      try {
        return await call(callerIn(plane, context), request)
      } catch (thrown) {
        throw toConnectError(fromUnknown(thrown))
      }
    }
  return (router) => {
    router.service(ControlService, {
      submitTask: unary(calls.submitTask),
      getTask: unary(calls.getTask),
      listTasks: unary(calls.listTasks),
      controlTask: unary(calls.controlTask),
      callTool: unary(calls.callTool),
      listTools: unary(calls.listTools),
      watch: (request, context) => watching(plane, request, context),
    })
  }
}

async function* watching(
  plane: ControlPlane,
  request: WatchRequest,
  context: HandlerContext,
): AsyncGenerator<MessageInitShape<typeof WatchResponseSchema>> {
  const reader = new AbortController()
  const signal = AbortSignal.any([context.signal, reader.signal])
  const sink = new WatchQueue()
  try {
    const caller = callerIn(plane, context)
    watch(plane, caller, request, { sink, signal }).then(
      () => sink.end(context.signal.reason ?? null),
      (thrown: unknown) => sink.end(thrown),
    )
    yield* sink.read()
  } catch (thrown) {
    throw thrown instanceof ConnectError ? thrown : toConnectError(fromUnknown(thrown))
  } finally {
    reader.abort()
  }
}

const callerIn = (plane: ControlPlane, context: HandlerContext): Caller =>
  callerOf(plane, context.requestHeader.get('authorization'), context.signal)

const toConnectError = (error: ControlError): ConnectError =>
  new ConnectError(statusText(error), grpcCode(error) as Code, { [codeKey]: error.code })
