import { ControlError, type ErrorCode, isErrorCode } from '../core/errors.js'

/** An ERROR body as it came over the wire → ControlError. */
export function toControlError(body: unknown, status: number): ControlError {
  const error = typeof body === 'object' && body !== null && 'error' in body ? body.error : null
  if (typeof error === 'object' && error !== null && 'code' in error && isErrorCode(error.code)) {
    const message = 'message' in error && typeof error.message === 'string' ? error.message : error.code
    const details = 'details' in error && typeof error.details === 'object' ? { ...error.details } : {}
    return new ControlError(error.code, message, { details })
  }
  return new ControlError(
    byStatus[status] ?? (status >= 500 ? 'unavailable' : 'invalid_request'),
    `The server answered ${status}, and not as a leader does.`,
  )
}

/** No answer came: `unavailable`, `deadline_exceeded`, or `outcome_unknown` when something may have been done. */
export function lost(at: {
  readonly url: string
  readonly mayHaveActed: boolean
  readonly isLate: boolean
  readonly cause: unknown
}): ControlError {
  const { url, cause } = at
  if (at.mayHaveActed && (at.isLate || !neverConnected(cause))) {
    return new ControlError(
      'outcome_unknown',
      `The connection to ${url} was lost before the answer; it may or may not have been done.`,
      { cause },
    )
  }
  return at.isLate
    ? new ControlError('deadline_exceeded', `The leader at ${url} did not answer in time.`, { cause })
    : new ControlError('unavailable', `No leader answers at ${url}.`, { cause })
}

/** True when it is certain that nothing was sent. */
function neverConnected(thrown: unknown): boolean {
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  return /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|CERT_|ERR_TLS_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO)/.test(
    code,
  )
}

const byStatus: Readonly<Record<number, ErrorCode>> = {
  401: 'not_authenticated',
  403: 'forbidden',
  404: 'not_found',
  413: 'too_large',
  429: 'resource_exhausted',
}
