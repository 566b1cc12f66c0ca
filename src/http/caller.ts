import type { FastifyReply, FastifyRequest } from 'fastify'
import { ControlError } from '../core/errors.js'
import type { Caller, ControlPlane } from '../ports/control-plane.js'
import type { App } from './app.js'

const decorator = 'caller'

/** Every route of this scope needs a token: refused with `not_authenticated` before its body is read. */
export function requireCaller(scope: App, plane: ControlPlane): void {
  scope.decorateRequest(decorator, null)
  scope.addHook('onRequest', async (request) => {
    const principal = plane.authenticate(bearerOf(request))
    if (principal === null) {
      throw new ControlError('not_authenticated', 'The token is unknown, expired or withdrawn.')
    }
    request.setDecorator<Caller | null>(decorator, { principal, via: viaOf(request), traceId: request.id })
  })
}

export function callerOf(request: FastifyRequest): Caller {
  const caller = request.getDecorator<Caller | null>(decorator)
  if (caller === null) throw new ControlError('not_authenticated', 'Send "Authorization: Bearer TOKEN".')
  return caller
}

/** For calls that wait: the signal aborts when the connection goes before the answer is out. */
export function waitingCallerOf(
  request: FastifyRequest,
  reply: FastifyReply,
): Caller & { readonly signal: AbortSignal } {
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  return { ...callerOf(request), signal: gone.signal }
}

/** The secret of `Authorization: Bearer …`; refuses with `not_authenticated`. */
export function bearerOf(request: FastifyRequest): string {
  const token = /^Bearer +(\S{1,500})$/i.exec(request.headers.authorization ?? '')?.[1]
  if (token === undefined) throw new ControlError('not_authenticated', 'Send "Authorization: Bearer TOKEN".')
  return token
}

/** Our own command line says so; it only colours the audit, every way has the same rights. */
const viaOf = (request: FastifyRequest): Caller['via'] =>
  request.headers['user-agent']?.startsWith('agentflow-cli/') === true ? 'cli' : 'rest'
