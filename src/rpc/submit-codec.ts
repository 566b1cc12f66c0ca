import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf'
import { ControlError, isErrorCode } from '../core/errors.js'
import { limits } from '../core/limits.js'
import {
  type SubmitItem,
  type SubmitResultSchema,
  type SubmitTasksRequest,
  SubmitTasksRequestSchema,
  type SubmitTasksResponse,
  SubmitTasksResponseSchema,
} from '../gen/agentflow/v1/control_pb.js'
import type { SubmitOutcome } from '../ports/control-plane.js'
import { submitBody } from './submit-body.js'
import { atMost, count, json, malformed, ordinal } from './wire-checks.js'

/** What may be without a result at the same time. */
export interface SubmitWindow {
  readonly items: number
  /** Of messages, each until the last of its items has its result. */
  readonly bytes: number
}

/** A task on its way to a leader. */
export interface Submit {
  /** Its name on this stream: rises. */
  readonly number: number
  /** REST's body as JSON. */
  readonly taskJson: string
  readonly idempotencyKey: string
}

export interface SubmitResult {
  readonly number: number
  readonly outcome: SubmitOutcome
}

export const encodeSubmits = (submits: readonly Submit[]): Uint8Array =>
  toBinary(
    SubmitTasksRequestSchema,
    create(SubmitTasksRequestSchema, {
      items: submits.map(({ number, taskJson, idempotencyKey }) => ({
        number: BigInt(number),
        body: { case: 'taskJson' as const, value: taskJson },
        idempotencyKey,
      })),
    }),
  )

/** The items of one message, not judged yet. Throws ControlError invalid_request. */
export function decodeSubmits(bytes: Uint8Array): readonly SubmitItem[] {
  let request: SubmitTasksRequest
  try {
    request = fromBinary(SubmitTasksRequestSchema, bytes, { readUnknownFields: false })
  } catch (cause) {
    throw new ControlError('invalid_request', 'the bytes are not a SubmitTasksRequest', { cause })
  }
  return atMost(request.items, limits.submitBatchItemsMax, 'items')
}

/** An item as the schema of submits judges it. Throws ControlError invalid_request. */
export function bodyOf({ body, idempotencyKey }: SubmitItem): { body: unknown; key: string | null } {
  switch (body.case) {
    case 'taskJson':
      return { body: json(body.value, limits.requestBytesMax, 'task_json'), key: idempotencyKey || null }
    case 'task':
      return { body: submitBody(body.value), key: body.value.idempotencyKey || idempotencyKey || null }
    case undefined:
      return malformed('the item has neither task nor task_json')
  }
}

export const encodeWindow = (window: SubmitWindow): Uint8Array =>
  toBinary(
    SubmitTasksResponseSchema,
    create(SubmitTasksResponseSchema, { window: { items: window.items, bytes: BigInt(window.bytes) } }),
  )

export const encodeResults = (results: readonly SubmitResult[]): Uint8Array =>
  toBinary(
    SubmitTasksResponseSchema,
    create(SubmitTasksResponseSchema, { results: results.map(resultToWire) }),
  )

/** Results, or the window that a stream begins with. Throws ControlError invalid_request. */
export function decodeResults(bytes: Uint8Array): {
  readonly window: SubmitWindow | null
  readonly results: readonly SubmitResult[]
} {
  let response: SubmitTasksResponse
  try {
    response = fromBinary(SubmitTasksResponseSchema, bytes, { readUnknownFields: false })
  } catch (cause) {
    throw new ControlError('invalid_request', 'the bytes are not a SubmitTasksResponse', { cause })
  }
  const { window, results } = response
  return {
    window:
      window === undefined
        ? null
        : { items: ordinal(window.items, 'window.items'), bytes: ordinal(window.bytes, 'window.bytes') },
    results: results.map(({ number, taskId, created, error }) => ({
      number: count(number, 'result.number'),
      outcome:
        error === undefined
          ? { ok: true, taskId, created }
          : { ok: false, error: errorFromWire(error.code, error.message, error.detailsJson) },
    })),
  }
}

function resultToWire({ number, outcome }: SubmitResult): MessageInitShape<typeof SubmitResultSchema> {
  if (outcome.ok) return { number: BigInt(number), taskId: outcome.taskId, created: outcome.created }
  const { code, message, details } = outcome.error
  const detailsJson = Object.keys(details).length === 0 ? '' : JSON.stringify(details)
  return { number: BigInt(number), error: { code, message, detailsJson } }
}

function errorFromWire(code: string, message: string, detailsJson: string): ControlError {
  const details: unknown = json(detailsJson, limits.requestBytesMax, 'error.details_json')
  return new ControlError(isErrorCode(code) ? code : 'internal', message, {
    details: typeof details === 'object' ? { ...details } : {},
  })
}
