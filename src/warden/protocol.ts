import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { processesSchema } from '../contract/alert.js'
import { isErrorCode } from '../core/errors.js'

/**
 * What a master and its warden say to each other over the warden's socket. The master speaks first (`hello`), the warden
 * answers `welcome`. `protocol` rises with a change that the other side must know; a master says which it speaks.
 */
export const wardenProtocol = 1

const fence = z.number().int()
const bytes = z.number().int().nonnegative()
const stream = z.enum(['out', 'err'])
const nullableText = z.string().nullable()

const termsSchema = z.object({
  agentId: z.string(),
  timeoutMs: z.number(),
  stallAfterMs: z.number(),
  leaseClass: z.enum(['steady', 'strict']),
  onDisconnect: z.enum(['restart', 'wait', 'keep']),
})

const startSchema = z.object({
  taskId: z.string(),
  attempt: z.number().int(),
  fence,
  argv: z.array(z.string()).nullable(),
  shell: nullableText,
  cwd: nullableText,
  env: z.record(z.string(), z.string()),
  stdin: nullableText,
  stdinOpen: z.boolean(),
  inputsJson: z.string().exactOptional(),
  terms: termsSchema,
})

const positionSchema = z.object({ fence, out: bytes, err: bytes })

/** Master to warden. `id` is the master's own and comes back in what answers it. */
export const requestSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('hello'),
    protocol: z.number().int(),
    dataId: z.string(),
    /** What every task inherits from now on. */
    environment: z.record(z.string(), z.string()),
    /** It asks the leader for its runs; absent = it is of a release that does not. */
    answersAsks: z.literal(true).exactOptional(),
    /** From where this master wants output; of a run that is not named it gets the last part. */
    positions: z.array(positionSchema),
  }),
  z.object({ kind: z.literal('start'), run: startSchema }),
  z.object({ kind: z.literal('pause'), id: z.number(), fence }),
  z.object({ kind: z.literal('resume'), id: z.number(), fence }),
  z.object({
    kind: z.literal('stop'),
    fence,
    graceMs: z.number(),
    lostMessage: nullableText,
  }),
  z.object({ kind: z.literal('usage'), id: z.number(), fence }),
  z.object({ kind: z.literal('evidence'), id: z.number(), fence }),
  /** Output of an earlier generation of the stream is not wanted any more. */
  z.object({ kind: z.literal('rewind'), fence, stream, offset: bytes, generation: z.number().int() }),
  /** The last output of the stream was taken. */
  z.object({ kind: z.literal('done'), fence, stream, generation: z.number().int() }),
  z.object({ kind: z.literal('release'), fence }),
  /** A renewal of all leases, sent at this boot time, was granted. */
  z.object({ kind: z.literal('renewed'), sentAtBootMs: z.number() }),
  /** To an `ask`, by its id. */
  z.object({
    kind: z.literal('answer'),
    id: z.number(),
    outcome: z.discriminatedUnion('ok', [
      z.object({ ok: z.literal(true), json: z.string() }),
      z.object({
        ok: z.literal(false),
        code: z.string().refine(isErrorCode),
        message: z.string(),
        details: z.record(z.string(), z.unknown()),
      }),
    ]),
  }),
  z.object({ kind: z.literal('shutdown'), id: z.number(), graceMs: z.number() }),
])
export type Request = z.infer<typeof requestSchema>

const exitSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('exited'),
    exitCode: z.number().nullable(),
    signal: nullableText,
    valueJson: nullableText,
    valueError: nullableText,
  }),
  z.object({ kind: z.literal('spawn_failed'), message: z.string() }),
  z.object({ kind: z.literal('lost'), message: z.string() }),
])

const heldSchema = z.object({
  taskId: z.string(),
  attempt: z.number().int(),
  fence,
  state: z.enum(['starting', 'running', 'paused', 'ended']),
  pid: z.number().nullable(),
  outBytes: bytes,
  errBytes: bytes,
  /** null of a run that ended under an earlier warden. */
  terms: termsSchema.nullable(),
  stdinOpen: z.boolean(),
  ranMs: z.number(),
  progress: z.object({ value: z.number().nullable(), text: nullableText }).nullable(),
})
export type Held = z.infer<typeof heldSchema>

const usageSchema = z.object({
  cpuCores: z.number(),
  cpuMs: z.number(),
  memoryBytes: z.number(),
  processes: z.number(),
})

const askSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('fence') }),
  z.object({
    kind: z.literal('effect'),
    key: z.string(),
    state: z.enum(['intent', 'done', 'failed']),
    valueJson: nullableText,
    again: z.boolean(),
  }),
])

const evidenceSchema = z.object({
  processes: processesSchema,
  cpuCores: z.number(),
  waitingFor: z.string(),
  waitsForInput: z.boolean(),
})

/** Warden to master, beside output (see frames). */
export const reportSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('welcome'),
    protocol: z.number().int(),
    pid: z.number(),
    runs: z.array(heldSchema),
  }),
  /** The warden does not serve this master. */
  z.object({ kind: z.literal('refused'), message: z.string() }),
  z.object({ kind: z.literal('started'), fence, pid: z.number() }),
  z.object({
    kind: z.literal('gap'),
    fence,
    stream,
    generation: z.number().int(),
    from: bytes,
    to: bytes,
  }),
  z.object({
    kind: z.literal('progress'),
    fence,
    progress: z.number().nullable(),
    text: nullableText,
    partialJson: nullableText,
  }),
  /** A run asks the leader; only to a master that answers such questions. `id` is the warden's own. */
  z.object({ kind: z.literal('ask'), id: z.number(), fence, ask: askSchema }),
  z.object({
    kind: z.literal('step'),
    fence,
    step: z.enum(['term', 'kill', 'abort']),
    processes: z.number(),
  }),
  z.object({ kind: z.literal('exit'), fence, exit: exitSchema, outBytes: bytes, errBytes: bytes }),
  z.object({ kind: z.literal('signalled'), id: z.number(), processes: z.number() }),
  z.object({
    kind: z.literal('failed'),
    id: z.number(),
    code: z.string().refine(isErrorCode),
    message: z.string(),
  }),
  z.object({ kind: z.literal('usage'), id: z.number(), usage: usageSchema.nullable() }),
  z.object({ kind: z.literal('evidence'), id: z.number(), evidence: evidenceSchema.nullable() }),
  /** No process of any run is left; the warden ends. */
  z.object({ kind: z.literal('shut'), id: z.number() }),
])
export type Report = z.infer<typeof reportSchema>

export type StreamName = z.infer<typeof stream>

/** Longest path that a Unix socket may have on the systems we know (macOS), bytes. */
const socketPathBytesMax = 103

/** In the data directory; in the system's folder for temporary files when that path is too long for a socket. */
export function wardenSocketPath(dataDir: string, dataId: string): string {
  const path = join(dataDir, 'warden.sock')
  return Buffer.byteLength(path) <= socketPathBytesMax
    ? path
    : join(tmpdir(), `agentflow-${dataId}`, 'warden.sock')
}
