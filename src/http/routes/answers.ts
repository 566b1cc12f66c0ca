import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import { idSchema } from '../../contract/id.js'
import { limits } from '../../core/limits.js'
import type { JsonBytes } from '../../ports/control-plane.js'
import { jsonType } from '../failure.js'

/** JSON that the leader made goes out as it is. */
export const sendJson = (reply: FastifyReply, status: number, json: JsonBytes): FastifyReply =>
  reply.code(status).type(jsonType).header('cache-control', 'no-store').send(json)

/** Routes without a query refuse any. */
export const noQuery = z.strictObject({})
/** Acts without a body take none, or an empty object. */
export const noBody = z.strictObject({}).nullish()

export const waitQuery = z.strictObject({
  wait: z.coerce
    .number()
    .int()
    .min(0)
    .default(0)
    .describe(`Answer when it is over or after this many ms, at most ${limits.waitMsMax}`),
})

export const idempotencyHeader = z.object({
  'idempotency-key': z.string().min(1).max(limits.idempotencyKeyLengthMax).optional(),
})

export const idOf = <Name extends string>(name: Name) =>
  z.object({ [name]: idSchema } as Record<Name, z.ZodString>)

export const errorSchema = z
  .object({
    error: z.object({
      code: z.string(),
      message: z.string(),
      retryable: z.boolean(),
      details: z.record(z.string(), z.unknown()),
    }),
  })
  .describe('Any refusal; docs/errors.md has the codes')

/** For the OpenAPI document: what a route answers when all is well, and ERROR for the rest. */
export const answers = <Answers extends Record<number, z.ZodType>>(good: Answers) => ({
  ...good,
  '4xx': errorSchema,
  '5xx': errorSchema,
})
