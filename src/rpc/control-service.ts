import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf'
import type {
  handleServerStreamingCall,
  handleUnaryCall,
  Metadata,
  ServerUnaryCall,
  ServerWritableStream,
  ServiceDefinition,
  UntypedServiceImplementation,
} from '@grpc/grpc-js'
import { ControlError } from '../core/errors.js'
import {
  CallToolRequestSchema,
  CallToolResponseSchema,
  ControlService,
  ControlTaskRequestSchema,
  ControlTaskResponseSchema,
  GetTaskRequestSchema,
  GetTaskResponseSchema,
  ListTasksRequestSchema,
  ListTasksResponseSchema,
  ListToolsRequestSchema,
  ListToolsResponseSchema,
  SubmitTaskRequestSchema,
  SubmitTaskResponseSchema,
  WatchRequestSchema,
  WatchResponseSchema,
} from '../gen/agentflow/v1/control_pb.js'
import type { Caller, ControlPlane } from '../ports/control-plane.js'
import { callerOf, controlCalls } from './control-calls.js'
import { watch } from './control-watch.js'
import { CountedWriter } from './counted-writer.js'
import { toStatus } from './grpc-status.js'
import { rawMethods } from './raw-methods.js'
import { type SubmitCall, SubmitStream } from './submit-stream.js'

/** ControlService for a grpc-js server. */
export function controlService(plane: ControlPlane): {
  readonly definition: ServiceDefinition
  readonly implementation: UntypedServiceImplementation
  /** Ends the streams that would never end by themselves. */
  leave(): void
} {
  const calls = controlCalls(plane)
  const submitStreams = new Set<SubmitStream>()
  return {
    definition: rawMethods(ControlService),
    implementation: {
      submitTask: unary(plane, SubmitTaskRequestSchema, SubmitTaskResponseSchema, calls.submitTask),
      submitTasks: (call: SubmitCall) => {
        const stream = new SubmitStream(call, plane)
        submitStreams.add(stream)
        call.once('close', () => submitStreams.delete(stream))
      },
      getTask: unary(plane, GetTaskRequestSchema, GetTaskResponseSchema, calls.getTask),
      listTasks: unary(plane, ListTasksRequestSchema, ListTasksResponseSchema, calls.listTasks),
      controlTask: unary(plane, ControlTaskRequestSchema, ControlTaskResponseSchema, calls.controlTask),
      callTool: unary(plane, CallToolRequestSchema, CallToolResponseSchema, calls.callTool),
      listTools: unary(plane, ListToolsRequestSchema, ListToolsResponseSchema, calls.listTools),
      watch: watching(plane),
    },
    leave: () => {
      for (const stream of submitStreams) stream.leave()
    },
  }
}

function unary<Request extends DescMessage, Response extends DescMessage>(
  plane: ControlPlane,
  requestSchema: Request,
  responseSchema: Response,
  call: (caller: Caller, request: MessageShape<Request>) => Promise<MessageInitShape<Response>>,
): handleUnaryCall<Buffer, Buffer> {
  return (grpcCall, callback) => {
    const answer = async (): Promise<Buffer> => {
      const caller = callerOf(plane, authorizationOf(grpcCall.metadata), abortedWith(grpcCall))
      const response = await call(caller, parse(requestSchema, grpcCall.request))
      return Buffer.from(toBinary(responseSchema, create(responseSchema, response)))
    }
    answer().then(
      (bytes) => callback(null, bytes),
      (thrown: unknown) => callback(toStatus(thrown)),
    )
  }
}

function watching(plane: ControlPlane): handleServerStreamingCall<Buffer, Buffer> {
  return (call) => {
    const writer = new CountedWriter(call)
    const serve = async (): Promise<void> => {
      const signal = abortedWith(call)
      const caller = callerOf(plane, authorizationOf(call.metadata), signal)
      const sink = {
        send: (response: MessageInitShape<typeof WatchResponseSchema>): void =>
          writer.write(toBinary(WatchResponseSchema, create(WatchResponseSchema, response))),
        bufferedBytes: (): number => writer.bufferedBytes,
        onDrained: (listener: () => void): void => writer.onDrained(listener),
      }
      await watch(plane, caller, parse(WatchRequestSchema, call.request), { sink, signal })
    }
    serve().then(
      () => call.end(),
      (thrown: unknown) => void call.emit('error', toStatus(thrown)),
    )
  }
}

function parse<Desc extends DescMessage>(schema: Desc, bytes: Buffer): MessageShape<Desc> {
  try {
    return fromBinary(schema, bytes)
  } catch (cause) {
    throw new ControlError('invalid_request', `the bytes are not a ${schema.name}`, { cause })
  }
}

const authorizationOf = (metadata: Metadata): string | null =>
  metadata.get('authorization')[0]?.toString() ?? null

/** Aborts when the caller goes away or its deadline passes. */
function abortedWith(
  call: ServerUnaryCall<Buffer, Buffer> | ServerWritableStream<Buffer, Buffer>,
): AbortSignal {
  const controller = new AbortController()
  if (call.cancelled) controller.abort()
  call.once('cancelled', () => controller.abort())
  return controller.signal
}
