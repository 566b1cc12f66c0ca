import type { ErrorBody } from '../../../src/core/errors.js'

/** A refusal of the leader, or no answer (`unreachable`). */
export class RestError extends Error {
  override readonly name = 'RestError'
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/** The leader's REST, same origin. */
export class Rest {
  readonly #token: () => string | null
  readonly #refused: () => void

  /** `refused` is called when the token is no longer taken. */
  constructor(token: () => string | null, refused: () => void) {
    this.#token = token
    this.#refused = refused
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
    const { code, message } = await errorOf(response)
    if (response.status === 401 && token !== null) this.#refused()
    throw new RestError(code, message)
  }
}

async function errorOf(response: Response): Promise<{ code: string; message: string }> {
  try {
    return ((await response.json()) as ErrorBody).error
  } catch {
    return { code: `http_${response.status}`, message: response.statusText }
  }
}
