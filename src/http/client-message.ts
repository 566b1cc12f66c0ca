import { parseOrRefuse } from '../contract/catalogue.js'
import { parseJson } from '../contract/json.js'
import { type ClientMessage, clientMessageSchema } from '../contract/socket.js'
import { ControlError, fromUnknown } from '../core/errors.js'

/** What a text frame of a wall turned out to be. */
export type Received =
  | { readonly kind: 'message'; readonly message: ClientMessage }
  /** A known message with a wrong field: it alone is refused. */
  | { readonly kind: 'refused'; readonly requestId: string | undefined; readonly error: ControlError }
  /** Not of this protocol: the peer is told and cut off. */
  | { readonly kind: 'malformed'; readonly error: ControlError }

const types: ReadonlySet<unknown> = new Set(
  clientMessageSchema.options.map((option) => option.shape.type.value),
)

export function readClientMessage(text: string): Received {
  let value: unknown
  try {
    value = parseJson(text, 'The message')
  } catch (thrown) {
    return { kind: 'malformed', error: fromUnknown(thrown) }
  }
  if (typeof value !== 'object' || value === null || !('type' in value) || !types.has(value.type)) {
    const known = [...types].join(', ')
    return {
      kind: 'malformed',
      error: new ControlError('invalid_request', `The message's type must be one of ${known}.`),
    }
  }
  try {
    return { kind: 'message', message: parseOrRefuse(clientMessageSchema, value, String(value.type)) }
  } catch (thrown) {
    const requestId =
      'requestId' in value && typeof value.requestId === 'string' ? value.requestId.slice(0, 200) : undefined
    return { kind: 'refused', requestId, error: fromUnknown(thrown) }
  }
}
