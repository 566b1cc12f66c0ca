import { ControlError, isErrorCode } from '../../core/errors.js'

/** Which file a thread owns. */
export type ThreadData =
  | { readonly store: 'journal'; readonly path: string }
  | { readonly store: 'views'; readonly path: string; readonly logId: string; readonly lastSeq: number }
  | { readonly store: 'streams'; readonly path: string }
  /** Of both others, for reading. */
  | { readonly store: 'replay'; readonly journal: string; readonly views: string }

export interface ThreadRequest {
  readonly id: number
  /** `close` is the last one. */
  readonly name: string
  readonly args: unknown
}

export type ThreadReply =
  /** The file is open. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'result'; readonly id: number; readonly result: unknown }
  /** `id` null: the file could not be opened. */
  | { readonly kind: 'error'; readonly id: number | null; readonly error: ThreadError }

/** An error as it crosses threads: SQLite's code decides what the caller does, so it must survive. */
export interface ThreadError {
  readonly controlError: boolean
  readonly code: string
  readonly message: string
  readonly stack: string
}

export function toThreadError(thrown: unknown): ThreadError {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  return {
    controlError: thrown instanceof ControlError,
    code: 'code' in error && typeof error.code === 'string' ? error.code : '',
    message: error.message,
    stack: error.stack ?? '',
  }
}

export function fromThreadError(error: ThreadError): Error {
  if (error.controlError && isErrorCode(error.code)) return new ControlError(error.code, error.message)
  const restored: Error & { code?: string } = new Error(error.message)
  restored.code = error.code
  restored.stack = error.stack
  return restored
}
