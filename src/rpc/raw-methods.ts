import type { DescMethod, DescService } from '@bufbuild/protobuf'
import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js'

const same = (bytes: Buffer): Buffer => bytes

/**
 * A generated method as grpc-js knows it, carrying undecoded bytes: our code decodes, so that a malformed message
 * gets our error and the codec can be exchanged.
 */
export const rawMethod = (method: DescMethod): MethodDefinition<Buffer, Buffer> => ({
  path: `/${method.parent.typeName}/${method.name}`,
  requestStream: method.methodKind === 'client_streaming' || method.methodKind === 'bidi_streaming',
  responseStream: method.methodKind === 'server_streaming' || method.methodKind === 'bidi_streaming',
  requestSerialize: same,
  requestDeserialize: same,
  responseSerialize: same,
  responseDeserialize: same,
})

/** All methods of a generated service. */
export const rawMethods = (service: DescService): ServiceDefinition =>
  Object.fromEntries(service.methods.map((method) => [method.localName, rawMethod(method)]))
