import type { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { batchEnvelopeSchema, batchSchema } from '../../contract/work.js'
import { ControlError } from '../../core/errors.js'
import { asWorkId } from '../../core/ids.js'
import { limits } from '../../core/limits.js'
import type { ControlPlane } from '../../ports/control-plane.js'
import { type App, validator } from '../app.js'
import { readBatch } from '../batch-body.js'
import { callerOf, waitingCallerOf } from '../caller.js'
import { NdjsonBatch } from '../ndjson-batch.js'
import { batchesPath, ndjsonType } from '../slow-bodies.js'
import { answers, idempotencyHeader, idOf, noBody, noQuery, sendJson, waitQuery } from './answers.js'
import { readRoute } from './tool-route.js'

const batchId = idOf('batchId')

export function batchRoutes(app: App, plane: ControlPlane): void {
  // Bodies of batches are read as they come, not parsed before.
  app.register(async (scope: App) => {
    scope.removeAllContentTypeParsers()
    for (const type of ['application/json', ndjsonType])
      scope.addContentTypeParser(type, (_request, payload, done) => done(null, payload))
    submitRoute(scope, plane)
  })
  readRoutes(app, plane)
  for (const [method, url] of [
    ['DELETE', `${batchesPath}/:batchId`],
    ['POST', `${batchesPath}/:batchId/cancel`],
  ] as const) {
    app.route({
      method,
      url,
      schema: {
        tags: ['tasks'],
        summary: 'Stop a batch: what it made stays, nothing more is made',
        params: batchId,
        querystring: noQuery,
        body: noBody,
        response: answers({ 200: batchSchema }),
      },
      handler: async (request, reply) => {
        const caller = callerOf(request)
        // Refuses an id that is no batch's.
        await plane.batch(caller, request.params.batchId, 0)
        const command = { name: 'cancel_work', workId: asWorkId(request.params.batchId) } as const
        await plane.execute(caller, { command, projectId: 'default' })
        return sendJson(reply, 200, await plane.batch(caller, request.params.batchId, 0))
      },
    })
  }
}

function submitRoute(scope: App, plane: ControlPlane): void {
  let streams = 0
  scope.post(
    batchesPath,
    {
      schema: {
        tags: ['tasks'],
        summary: 'Run many tasks; as application/x-ndjson a line per item in, and a result line per item out',
        headers: idempotencyHeader,
        querystring: waitQuery,
        body: batchEnvelopeSchema,
        response: answers({ 200: batchSchema, 201: batchSchema, 202: batchSchema }),
      },
      // The body is a stream, checked item by item.
      validatorCompiler: ({ schema, httpPart }) =>
        httpPart === 'body' ? (value) => ({ value }) : validator(schema, httpPart),
    },
    async (request, reply) => {
      const body = request.body as unknown as Readable | undefined
      if (body === undefined) throw new ControlError('invalid_request', 'body: expected object')
      if (request.headers['content-type']?.startsWith(ndjsonType) !== true)
        return submit(plane, { request, reply, body, waitMs: request.query.wait })
      if (streams >= limits.batchStreamsMax) {
        throw new ControlError(
          'resource_exhausted',
          `${limits.batchStreamsMax} streams of items are open; try again`,
        )
      }
      streams += 1
      reply.raw.once('close', () => {
        streams -= 1
      })
      const results = new NdjsonBatch({
        plane,
        caller: callerOf(request),
        body,
        // A sender may wait for the head of the answer before it sends.
        onStarted: () => reply.raw.flushHeaders(),
      })
      return sendLines(reply, results)
    },
  )
}

const sendLines = (reply: FastifyReply, results: Readable): FastifyReply =>
  reply.code(200).type(ndjsonType).header('cache-control', 'no-store').send(results)

interface Submitted {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly body: Readable
  readonly waitMs: number
}

async function submit(plane: ControlPlane, { request, reply, body, waitMs }: Submitted) {
  const caller = waitMs > 0 ? waitingCallerOf(request, reply) : callerOf(request)
  const key = request.headers['idempotency-key']
  const intake = plane.batchIntake(caller)
  try {
    const { atomic, ...read } = await readBatch(body, intake)
    const idempotencyKey = typeof key === 'string' ? key : null
    const { batchId: id, isNew } = await intake.submit({ atomic, ...read, idempotencyKey })
    const json = await plane.batch(caller, id, Math.min(waitMs, limits.waitMsMax))
    if (isNew) reply.header('location', `${batchesPath}/${id}`)
    return sendJson(reply, isNew ? (atomic ? 201 : 202) : 200, json)
  } finally {
    intake.abandon()
  }
}

function readRoutes(app: App, plane: ControlPlane): void {
  readRoute(app, plane, { path: batchesPath, tool: 'list_batches', tag: 'tasks' })
  app.get(
    `${batchesPath}/:batchId`,
    {
      schema: {
        tags: ['tasks'],
        summary: 'How far a batch is, and what it refused',
        params: batchId,
        querystring: waitQuery,
        response: answers({ 200: batchSchema }),
      },
    },
    async (request, reply) => {
      const caller = request.query.wait > 0 ? waitingCallerOf(request, reply) : callerOf(request)
      const waitMs = Math.min(request.query.wait, limits.waitMsMax)
      return sendJson(reply, 200, await plane.batch(caller, request.params.batchId, waitMs))
    },
  )
}
