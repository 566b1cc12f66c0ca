import { Metadata, type StatusObject, status } from '@grpc/grpc-js'
import { type ControlError, fromUnknown } from '../core/errors.js'

/** Metadata key that carries the catalogue's code beside the coarser gRPC one. */
export const codeKey = 'agentflow-code'

/** Longest status message: it travels in a header. */
const messageLengthMax = 1_000

/** gRPC's number for an error; Connect uses the same numbers. */
export const grpcCode = (error: ControlError): number => status[error.kind.grpc]

/** Text that any header encoder takes: bounded, without lone surrogates. */
export const statusText = (error: ControlError): string =>
  Buffer.from(error.message.slice(0, messageLengthMax)).toString()

/** Anything thrown → what ends a grpc-js call. */
export function toStatus(thrown: unknown): StatusObject {
  const error = fromUnknown(thrown)
  const metadata = new Metadata()
  metadata.set(codeKey, error.code)
  return { code: grpcCode(error), details: statusText(error), metadata }
}

/** The secret of an `authorization: Bearer …` value, null without one. */
export function bearer(authorization: string | null): string | null {
  const match = /^Bearer +(\S+) *$/i.exec(authorization ?? '')
  return match?.[1] ?? null
}
