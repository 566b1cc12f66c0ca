import { connect } from 'node:net'

/** Calls a server on loopback as the tests of REST do. `token` null: without one. */
export function httpCalls(port: () => number) {
  const call = (path: string, init: RequestInit & { readonly token?: string | null } = {}) => {
    const { token = 'afp_admin', headers, ...rest } = init
    return fetch(`http://127.0.0.1:${port()}${path}`, {
      redirect: 'manual',
      ...rest,
      headers: { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...headers },
    })
  }
  const post = (path: string, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
    call(path, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    })
  /** Sends bytes that fetch would not let through and gives all that comes back. */
  const raw = (text: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(port(), '127.0.0.1', () => socket.end(text))
      let answer = ''
      socket.on('data', (chunk) => {
        answer += chunk.toString()
      })
      socket.on('close', () => resolve(answer))
      socket.on('error', reject)
    })
  return { call, post, raw }
}

/** [status, code, message] of an ERROR. */
export async function refusalOf(response: Response): Promise<[number, string, string]> {
  const body = (await response.json()) as { error: { code: string; message: string } }
  return [response.status, body.error.code, body.error.message]
}
