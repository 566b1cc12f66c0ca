import type { ErrorBody } from '../../../src/core/errors.js'

/** A refusal of the leader, or no answer (`unreachable`). */
export class RestError extends Error {
  override readonly name = 'RestError'
  readonly code: string
  /** What the sentence names, for programs. */
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: string, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message)
    this.code = code
    this.details = details
  }

  /** Nobody judged the call: the leader cannot be reached, or a master says so of it. */
  get isUnanswered(): boolean {
    return this.code === 'unreachable' || this.code === 'unavailable'
  }
}

/** The leader's REST, same origin. */
export class Rest {
  readonly #token: () => string | null
  readonly #refused: () => void
  readonly #isPast: () => boolean

  /** `refused` is called when the token is no longer taken. `isPast`: the past is shown, so that nothing may be done. */
  constructor(token: () => string | null, refused: () => void, isPast: () => boolean = () => false) {
    this.#token = token
    this.#refused = refused
    this.#isPast = isPast
  }

  get<T>(path: string, signal?: AbortSignal): Promise<T> {
    return this.#call<T>('GET', path, undefined, signal)
  }

  post<T>(path: string, body: unknown): Promise<T> {
    return this.#call<T>('POST', path, body, undefined)
  }

  put<T>(path: string, body: unknown): Promise<T> {
    return this.#call<T>('PUT', path, body, undefined)
  }

  delete<T>(path: string): Promise<T> {
    return this.#call<T>('DELETE', path, undefined, undefined)
  }

  async #call<T>(method: string, path: string, body: unknown, signal: AbortSignal | undefined): Promise<T> {
    if (this.#isPast() && !isOfAnyTime(method, path))
      throw new RestError('replay', 'The past is shown: go back to live first.')
    const headers: Record<string, string> = {}
    const token = this.#token()
    if (token !== null) headers.authorization = `Bearer ${token}`
    if (body !== undefined) headers['content-type'] = 'application/json'
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }
    const response = await fetch(path, signal === undefined ? init : { ...init, signal }).catch(
      (cause: unknown) => {
        if (signal?.aborted === true) throw cause
        throw new RestError('unreachable', 'The leader does not answer.')
      },
    )
    if (response.ok) return (await response.json()) as T
    if (response.status === 401 && token !== null) this.#refused()
    throw await refusalOf(response)
  }
}

/** Nothing changes the past, and a task as it is now is no part of it. Sessions go on whatever is shown. */
const isOfAnyTime = (method: string, path: string): boolean =>
  path.startsWith('/api/login') || (method === 'GET' && !path.startsWith('/api/tasks/'))

/** What a leader that did not answer 2xx said. */
export async function refusalOf(response: Response): Promise<RestError> {
  try {
    const { code, message, details } = ((await response.json()) as ErrorBody).error
    return new RestError(code, message, details)
  } catch {
    return new RestError(`http_${response.status}`, response.statusText)
  }
}
