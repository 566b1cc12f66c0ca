import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { ControlError, fromUnknown } from '../core/errors.js'
import { limits } from '../core/limits.js'
import type { Log } from '../ports/log.js'

export const jsonType = 'application/json; charset=utf-8'

/** Answers with the ERROR body of the catalogue; what is ours to repair goes to the log with its cause. */
export function sendFailure(
  request: FastifyRequest,
  reply: FastifyReply,
  thrown: unknown,
  log: Log,
): FastifyReply {
  const failure = toControlError(thrown)
  if (failure.code === 'internal') {
    log.error('request failed', {
      method: request.method,
      path: pathOf(request.url),
      traceId: request.id,
      error: failure.cause ?? failure,
    })
  }
  if (failure.kind.status === 401) reply.header('www-authenticate', 'Bearer')
  return reply
    .code(failure.kind.status)
    .type(jsonType)
    .header('cache-control', 'no-store')
    .send(JSON.stringify(failure.toBody()))
}

/** Fastify's own errors in the catalogue's words. */
function toControlError(thrown: unknown): ControlError {
  if (thrown instanceof ControlError || !isFastifyError(thrown)) return fromUnknown(thrown)
  switch (thrown.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new ControlError('too_large', `The body is over ${limits.requestBytesMax} bytes.`)
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new ControlError('invalid_request', 'Send JSON, with "content-type: application/json".')
    case 'FST_ERR_BAD_URL':
      return new ControlError('invalid_request', 'The path is not a valid URL.')
    default:
      return thrown.statusCode !== undefined && thrown.statusCode < 500
        ? new ControlError('invalid_request', thrown.message)
        : fromUnknown(thrown)
  }
}

/** The path without its query, which may hold words that a person searched for. */
export const pathOf = (url: string): string => url.split('?', 1)[0] ?? url

const isFastifyError = (thrown: unknown): thrown is FastifyError =>
  thrown instanceof Error &&
  'code' in thrown &&
  typeof thrown.code === 'string' &&
  thrown.code.startsWith('FST_')
