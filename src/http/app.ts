import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type FastifyBaseLogger, type FastifyInstance, fastify, type RawServerDefault } from 'fastify'
import { serializerCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { sentenceOf } from '../contract/issues.js'
import { parseJson } from '../contract/json.js'
import { ControlError } from '../core/errors.js'
import { limits } from '../core/limits.js'
import type { Log } from '../ports/log.js'
import { pathOf, sendFailure } from './failure.js'
import type { Guard } from './guard.js'

/** PEM of a server's certificate chain and its key. */
export interface TlsIdentity {
  readonly cert: string
  readonly key: string
}

export interface AppOptions {
  readonly tls: TlsIdentity | null
  readonly log: Log
  /** Asked at each request: the port is known only when the server listens. */
  readonly guard: () => Guard
}

export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>

/** Fastify as every server of ours runs it: guarded, strict, errors from the catalogue, one log line a request. */
export function createApp({ tls, log, guard }: AppOptions): App {
  const app = fastify({
    serverFactory: (handler) => plainOrTls(tls, handler),
    logger: false,
    bodyLimit: limits.requestBytesMax,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 200 },
    genReqId: (request) => traceIdOf(request),
    frameworkErrors: (error, request, reply) => sendFailure(request, reply, error, log),
    forceCloseConnections: 'idle',
    return503OnClosing: true,
  }).withTypeProvider<ZodTypeProvider>()

  app.setValidatorCompiler(({ schema, httpPart }) => validator(schema, httpPart))
  app.setSerializerCompiler(serializerCompiler)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_, body, done) => {
    try {
      const text = body.toString()
      done(null, text === '' ? undefined : parseJson(text, 'The body'))
    } catch (thrown) {
      done(thrown as Error)
    }
  })
  app.setErrorHandler((error, request, reply) => sendFailure(request, reply, error, log))
  app.setNotFoundHandler((request, reply) => {
    const missing = new ControlError('not_found', `There is no ${request.method} ${pathOf(request.url)}.`)
    return sendFailure(request, reply, missing, log)
  })
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(safetyHeaders(request.headers.host))
    guard().check(request.headers)
  })
  app.addHook('onResponse', async (request, reply) => {
    log.info('request', {
      method: request.method,
      path: pathOf(request.url),
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
      traceId: request.id,
    })
  })
  return app
}

function plainOrTls(
  tls: TlsIdentity | null,
  handler: Parameters<typeof createServer>[1],
): Server & RawServerDefault {
  // How long a body may take, slow-bodies.ts knows.
  const patience = { maxHeaderSize: 16 * 1024, headersTimeout: 10_000, requestTimeout: 0 }
  const server =
    tls === null
      ? createServer(patience, handler)
      : createTlsServer({ ...patience, cert: tls.cert, key: tls.key, minVersion: 'TLSv1.3' }, handler)
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // A browser connects ahead of need. An answer to nothing would be taken for the answer to its next request.
    const isSilent = error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
    if (isSilent || !socket.writable) {
      socket.destroy()
      return
    }
    const body = JSON.stringify(new ControlError('invalid_request', 'This is not HTTP.').toBody())
    socket.end(
      `HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    )
  })
  return server as Server
}

const httpParts: Readonly<Record<string, string>> = {
  querystring: 'query',
  params: 'path',
  headers: 'header',
}

/** Checks one part of a request; a refusal is one sentence. */
export function validator(schema: unknown, httpPart: string | undefined) {
  return (value: unknown) => {
    if (!(schema instanceof z.ZodType)) return { value }
    const parsed = schema.safeParse(value)
    return parsed.success
      ? { value: parsed.data }
      : {
          error: new ControlError(
            'invalid_request',
            sentenceOf(parsed.error.issues, httpParts[httpPart ?? ''] ?? 'body'),
          ),
        }
  }
}

/** The caller's W3C trace id when it sent one, else a new one. */
function traceIdOf(request: IncomingMessage): string {
  const parent = request.headers.traceparent
  const given = typeof parent === 'string' ? /^[0-9a-f]{2}-([0-9a-f]{32})-/.exec(parent)?.[1] : undefined
  return given ?? newTraceId()
}

/** 32 hex digits. randomUUID draws on a pool, so this costs no system call a request. */
export const newTraceId = (): string => randomUUID().replaceAll('-', '')

/** Nothing from elsewhere runs, frames or sniffs; the page talks to this server alone. */
function safetyHeaders(host: string | undefined): Record<string, string> {
  // `'self'` does not cover ws: in every browser; the Host is checked before anything is sent.
  const sockets = host !== undefined && /^[\w.:[\]-]+$/.test(host) ? ` ws://${host} wss://${host}` : ''
  return {
    'content-security-policy': [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' data:",
      "font-src 'self'",
      "worker-src 'self'",
      `connect-src 'self'${sockets}`,
      "manifest-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
  }
}
