import type { IncomingHttpHeaders } from 'node:http'
import { text } from 'node:stream/consumers'
import replyFrom from '@fastify/reply-from'
import type { FastifyReply } from 'fastify'
import { loginResultSchema } from '../../contract/session.js'
import { ControlError } from '../../core/errors.js'
import { limits } from '../../core/limits.js'
import type { App } from '../app.js'
import { bearerOf } from '../caller.js'
import { leaderGone } from './local-wall.js'
import type { Relay } from './relay.js'

/** Of the page's own server, or of a browser: the leader goes by the token alone. */
const notPassed = ['origin', 'referer', 'cookie'] as const
/** This server has set its own. */
const notTaken = [
  'content-security-policy',
  'x-content-type-options',
  'x-frame-options',
  'referrer-policy',
  'cross-origin-opener-policy',
] as const

/**
 * The leader's API at this master, passed on as it is, with the caller's own token: the leader authorises and answers.
 * 503 `unavailable` while it is not there. What a master answers by itself is not passed on.
 */
export function leaderRoutes(app: App, relay: Relay): void {
  app.register(async (scope: App) => {
    scope.removeAllContentTypeParsers()
    // Bodies are the leader's to read, and to bound.
    scope.addContentTypeParser('*', (_, payload, done) => done(null, payload))
    const { caPem } = relay.leader
    const trust = caPem === null ? {} : { ca: caPem }
    await scope.register(replyFrom, {
      http: { requestOptions: { timeout: 2 * limits.waitMsMax, ...trust } },
      retryMethods: [],
      disableRequestLogging: true,
    })
    scope.all('/api/*', (_, reply) => pass(relay, reply))
    scope.post('/api/login/renew', (request, reply) => {
      const token = bearerOf(request)
      return pass(relay, reply, (body) =>
        relay.users.renewed(token, loginResultSchema.parse(JSON.parse(body))),
      )
    })
  })
}

/** `onAnswer` sees a 200's body before it goes on: for short answers only. */
function pass(relay: Relay, reply: FastifyReply, onAnswer?: (body: string) => void): FastifyReply {
  const url = relay.leader.url()
  if (url === null) throw leaderGone()
  return reply.from(undefined, {
    getUpstream: () => url,
    rewriteRequestHeaders: (_, headers) => without(headers, notPassed),
    rewriteHeaders: (headers) => without(headers, notTaken),
    onError: (failed, { error }) => {
      const isLate = 'statusCode' in error && error.statusCode === 504
      failed.send(
        isLate ? new ControlError('unavailable', 'The leader did not answer in time.') : leaderGone(),
      )
    },
    ...(onAnswer === undefined
      ? {}
      : {
          onResponse: (_request, answered, { statusCode, stream }) => {
            text(stream).then(
              (body) => {
                if (statusCode === 200) onAnswer(body)
                answered.send(body)
              },
              () => answered.send(leaderGone()),
            )
          },
        }),
  })
}

function without<T extends IncomingHttpHeaders | Record<string, unknown>>(
  headers: T,
  names: readonly string[],
): T {
  const kept = { ...headers }
  for (const name of names) delete kept[name]
  return kept
}
