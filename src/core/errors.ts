/** What one row of the catalogue says of a code. */
export interface ErrorKind {
  /** HTTP status. */
  readonly status: 400 | 401 | 403 | 404 | 409 | 413 | 422 | 429 | 500 | 503
  /** Canonical gRPC code name. */
  readonly grpc:
    | 'INVALID_ARGUMENT'
    | 'UNAUTHENTICATED'
    | 'PERMISSION_DENIED'
    | 'NOT_FOUND'
    | 'ALREADY_EXISTS'
    | 'FAILED_PRECONDITION'
    | 'RESOURCE_EXHAUSTED'
    | 'ABORTED'
    | 'INTERNAL'
    | 'UNAVAILABLE'
    | 'DEADLINE_EXCEEDED'
    | 'UNKNOWN'
  /** True when the same call may succeed later without a change. */
  readonly retryable: boolean
  readonly meaning: string
}

const kind = (
  status: ErrorKind['status'],
  grpc: ErrorKind['grpc'],
  retryable: boolean,
  meaning: string,
): ErrorKind => ({
  status,
  grpc,
  retryable,
  meaning,
})

/** The closed list of codes; docs/errors.md is held to it by a test. */
export const errorCatalogue = {
  invalid_request: kind(
    400,
    'INVALID_ARGUMENT',
    false,
    'The call is malformed or has an unknown or wrong field.',
  ),
  not_authenticated: kind(401, 'UNAUTHENTICATED', false, 'No credential, or one that is unknown or expired.'),
  login_code_invalid: kind(
    401,
    'UNAUTHENTICATED',
    false,
    'The one-time login code is unknown, used or older than 10 minutes.',
  ),
  forbidden: kind(403, 'PERMISSION_DENIED', false, 'The caller may not do this.'),
  origin_refused: kind(403, 'PERMISSION_DENIED', false, 'The Origin or Host header is not on the list.'),
  not_found: kind(404, 'NOT_FOUND', false, 'There is no such route or thing.'),
  task_not_found: kind(404, 'NOT_FOUND', false, 'There is no task with this id.'),
  worker_not_found: kind(404, 'NOT_FOUND', false, 'There is no master with this id.'),
  receipt_not_found: kind(404, 'NOT_FOUND', false, 'There is no command with this id.'),
  limit_not_found: kind(404, 'NOT_FOUND', false, 'There is no limit with this id.'),
  alert_not_found: kind(404, 'NOT_FOUND', false, 'There is no alert with this id.'),
  agent_not_found: kind(404, 'NOT_FOUND', false, 'There is no agent with this id.'),
  tool_not_found: kind(404, 'NOT_FOUND', false, 'There is no tool with this name.'),
  work_not_found: kind(404, 'NOT_FOUND', false, 'There is no batch or bulk act with this id.'),
  idempotency_conflict: kind(
    409,
    'ALREADY_EXISTS',
    false,
    'This idempotency key was used with another body.',
  ),
  name_conflict: kind(409, 'ALREADY_EXISTS', false, 'Another one of its kind and project has this name.'),
  alert_over: kind(409, 'FAILED_PRECONDITION', false, 'The alert is over.'),
  wrong_phase: kind(409, 'FAILED_PRECONDITION', false, 'The task is in a phase that does not allow this.'),
  agent_busy: kind(409, 'FAILED_PRECONDITION', false, 'The agent runs a task.'),
  not_a_browser: kind(
    409,
    'FAILED_PRECONDITION',
    false,
    'The agent is no browser, so there is no picture of it.',
  ),
  node_conflict: kind(409, 'FAILED_PRECONDITION', false, 'Another live process holds this node id.'),
  stale_fence: kind(409, 'FAILED_PRECONDITION', false, 'The report is of a run that is not current.'),
  effect_ambiguous: kind(
    409,
    'FAILED_PRECONDITION',
    false,
    'An earlier run began this side effect and never said whether it happened.',
  ),
  too_large: kind(413, 'RESOURCE_EXHAUSTED', false, 'The body, a field or a frame is over its limit.'),
  unprocessable: kind(422, 'FAILED_PRECONDITION', false, 'Well formed, but it can never work as asked.'),
  invalid_configuration: kind(
    422,
    'FAILED_PRECONDITION',
    false,
    'A program cannot start as it is configured: a flag, a file, a port or a directory.',
  ),
  resource_exhausted: kind(
    429,
    'RESOURCE_EXHAUSTED',
    true,
    'A limit of the leader is reached; try again later.',
  ),
  not_retained: kind(
    422,
    'FAILED_PRECONDITION',
    false,
    'This instant is not kept: it is older than the log, or still to come.',
  ),
  internal: kind(500, 'INTERNAL', false, 'A defect of AgentFlow; the log has the cause.'),
  unavailable: kind(503, 'UNAVAILABLE', true, 'The leader is starting, stopping or cut off.'),
  outcome_unknown: kind(
    503,
    'UNKNOWN',
    true,
    'It may or may not have been done; repeat it with the same idempotency key.',
  ),
  deadline_exceeded: kind(503, 'DEADLINE_EXCEEDED', true, 'The deadline passed before it was done.'),
} as const satisfies Record<string, ErrorKind>

export type ErrorCode = keyof typeof errorCatalogue

/** JSON form of an error, the same on every transport. */
export interface ErrorBody {
  readonly error: {
    readonly code: ErrorCode
    readonly message: string
    readonly retryable: boolean
    readonly details: Readonly<Record<string, unknown>>
  }
}

/** The one error class of the product. `cause` is for the log, never for the peer. */
export class ControlError extends Error {
  override readonly name = 'ControlError'
  readonly code: ErrorCode
  readonly details: Readonly<Record<string, unknown>>

  constructor(
    code: ErrorCode,
    message: string,
    options: { details?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.details = options.details ?? {}
  }

  get kind(): ErrorKind {
    return errorCatalogue[this.code]
  }

  toBody(): ErrorBody {
    return {
      error: {
        code: this.code,
        message: this.message,
        retryable: this.kind.retryable,
        details: this.details,
      },
    }
  }
}

export const isErrorCode = (code: unknown): code is ErrorCode =>
  typeof code === 'string' && Object.hasOwn(errorCatalogue, code)

/** For every catch edge: keeps a ControlError, hides anything else behind `internal`. */
export function fromUnknown(thrown: unknown): ControlError {
  if (thrown instanceof ControlError) return thrown
  return new ControlError('internal', 'Something went wrong inside AgentFlow; the log has the cause.', {
    cause: thrown,
  })
}
