import fc from 'fast-check'
import { ControlError } from '../core/errors.js'
import { agentIdOf, asTaskId, fenceOf } from '../core/ids.js'
import { limits } from '../core/limits.js'
import type {
  DurableUpdate,
  LeaderCommand,
  LineOffset,
  NodeUpdate,
  NumberedCommand,
  Register,
} from '../ports/node-link.js'

/** Values of NodeSync's plain data that hold to docs/protocol.md, for property tests. */

const whole = fc.maxSafeNat()
const positive = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })
const small = fc.integer({ min: 1, max: 2 ** 31 - 1 })
const share = fc.double({ min: 0, max: 1, noNaN: true })
const shareOrNull = fc.option(share)
const quantity = fc.double({ min: 0, max: 1e12, noNaN: true })
// A lone surrogate has no UTF-8 form, so it cannot be the same after any wire.
const text = fc.string({ unit: 'grapheme', maxLength: 40 })
const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
const wordOrNull = fc.option(word)
const pidOrNull = fc.option(positive)
const json = fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.parse(JSON.stringify(value)) as unknown)

const run = { taskId: word, attempt: small, fence: positive }
const stream = fc.constantFrom('out' as const, 'err' as const)

const agents = fc.array(
  fc.record({
    agentId: word.map(agentIdOf),
    kind: fc.constantFrom('process', 'function', 'browser', 'claude', 'acp', 'mcp', 'service'),
    failed: fc.boolean(),
    windowId: wordOrNull,
    accountIdx: fc.option(fc.nat()),
    createdAtMs: whole,
  }),
  { maxLength: 3 },
)

export const registerArbitrary: fc.Arbitrary<Register> = fc.record({
  kind: fc.constant('register'),
  incarnation: positive,
  version: text,
  capabilities: fc.record({
    os: text,
    arch: text,
    cpus: fc.nat(),
    memoryBytes: whole,
    gpus: fc.array(word, { maxLength: 2 }),
    labels: fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), text, { maxKeys: 3, noNullPrototype: true }),
    projectTypes: fc.array(word, { maxLength: 2 }),
    slots: fc.nat({ max: limits.slotsMax }),
    host: text,
  }),
  inventory: fc.array(
    fc.record({
      taskId: word.map(asTaskId),
      attempt: small,
      fence: positive.map(fenceOf),
      state: fc.constantFrom('starting', 'running', 'paused', 'stopping', 'ended'),
      pid: pidOrNull,
      outBytes: whole,
      errBytes: whole,
    }),
    { maxLength: 3 },
  ),
  agents,
  ackedUplinkSeq: whole,
  term: whole,
  commandSeq: whole,
  logId: text,
  url: wordOrNull,
})

const evidence = fc.record({
  lines: fc.array(text, { maxLength: limits.stallEvidenceLines }),
  processes: fc.array(
    fc.record({
      pid: whole,
      parentPid: whole,
      command: text,
      state: fc.constantFrom('R', 'S', 'D', 'T', 'Z'),
      cpuMs: whole,
      memoryBytes: whole,
    }),
    { maxLength: 3 },
  ),
  cpuCores: quantity,
  waitingFor: text,
})

const durable: fc.Arbitrary<DurableUpdate> = fc.oneof(
  fc.record({
    kind: fc.constant('run' as const),
    ...run,
    state: fc.constantFrom('starting' as const, 'running' as const, 'paused' as const, 'stopping' as const),
    pid: pidOrNull,
  }),
  fc.record({
    kind: fc.constant('ended' as const),
    ...run,
    end: fc.record({
      outcome: fc.constantFrom('succeeded', 'exit', 'spawn_failed', 'timeout', 'lost', 'cancelled'),
      exitCode: fc.option(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
      signal: wordOrNull,
      value: json,
      tail: text,
      message: wordOrNull,
      outBytes: whole,
      errBytes: whole,
      progress: shareOrNull,
    }),
  }),
  fc
    .tuple(
      fc.record(run),
      fc.constantFrom('silent' as const, 'repeated_line' as const, 'waiting_input' as const),
      positive,
      evidence,
    )
    .map(([ref, kind, sinceMs, seen]) => ({
      kind: 'stall' as const,
      ...ref,
      stall: { kind, sinceMs, lines: seen.lines },
      evidence: seen,
    })),
  fc.record({
    kind: fc.constant('declined' as const),
    ...run,
    code: fc.constantFrom('no_memory' as const, 'no_disk' as const, 'policy' as const, 'leaving' as const),
    text,
    retryAfterMs: whole,
  }),
  fc.record({ kind: fc.constant('stall_cleared' as const), ...run }),
  fc.record({ kind: fc.constant('agents' as const), agents }),
  fc.record({
    kind: fc.constant('receipt' as const),
    commandId: word,
    state: fc.constantFrom(
      'received' as const,
      'acting' as const,
      'stopped' as const,
      'killed' as const,
      'done' as const,
      'refused' as const,
    ),
    detail: text,
  }),
)

const lines = fc
  .tuple(
    fc.record(run),
    stream,
    fc.nat(),
    fc.nat(),
    fc.oneof(
      fc.record({ lines: fc.constant([]), gapReason: word }),
      fc.record({
        lines: fc.array(
          fc.record({
            atMs: positive,
            level: fc.constantFrom('debug' as const, 'info' as const, 'warning' as const, 'error' as const),
            text,
          }),
          { maxLength: 5 },
        ),
        gapReason: fc.constant(null),
      }),
    ),
  )
  .map(([ref, which, offset, length, rest]) => ({
    kind: 'lines' as const,
    ...ref,
    stream: which,
    offset,
    nextOffset: offset + length,
    ...rest,
  }))

/** Any update but register. */
export const updateArbitrary: fc.Arbitrary<Exclude<NodeUpdate, Register>> = fc.oneof(
  fc.record({
    kind: fc.constant('durable' as const),
    incarnation: positive,
    uplinkSeq: positive,
    atMs: positive,
    update: durable,
  }),
  lines,
  fc.record({
    kind: fc.constant('progress' as const),
    ...run,
    atMs: positive,
    progress: shareOrNull,
    text: wordOrNull,
    pid: pidOrNull,
    cpuCores: quantity,
    memoryBytes: whole,
  }),
  fc.record({
    kind: fc.constant('progress' as const),
    ...run,
    atMs: positive,
    progress: shareOrNull,
    text: wordOrNull,
    pid: pidOrNull,
    cpuCores: quantity,
    memoryBytes: whole,
    partial: fc.record({ value: json }),
  }),
  fc.record({
    kind: fc.constant('metrics' as const),
    atMs: positive,
    cpu: share,
    memory: share,
    disk: share,
    rxBytesPerS: whole,
    txBytesPerS: whole,
  }),
  fc.record({ kind: fc.constantFrom('ping' as const, 'pong' as const), nonce: whole }),
  fc.record({ kind: fc.constant('ack' as const), commandSeq: whole }),
  fc.record({ kind: fc.constant('lease' as const), sentAtMs: whole }),
  fc.record({
    kind: fc.constant('call' as const),
    nonce: positive,
    token: word,
    tool: word,
    argsJson: json.map((value) => JSON.stringify(value)),
    waitMs: fc.nat({ max: 60_000 }),
    idempotencyKey: wordOrNull,
  }),
)

const lineOffsets: fc.Arbitrary<LineOffset[]> = fc.array(
  fc.record({ fence: positive, stream, offset: whole }),
  { maxLength: 3 },
)

const numberedCommand: fc.Arbitrary<NumberedCommand> = fc.oneof(
  fc.record({
    kind: fc.constant('task_request' as const),
    commandSeq: positive,
    ...run,
    agentId: word,
    projectId: word,
    name: text,
    type: text,
    payloadJson: json.map((value) => JSON.stringify(value)),
    timeoutMs: whole,
    stallAfterMs: whole,
    leaseClass: fc.constantFrom('steady' as const, 'strict' as const),
    onDisconnect: fc.constantFrom('restart' as const, 'wait' as const, 'keep' as const),
    idempotencyKey: text,
    traceId: text,
    inputsJson: text,
    memoryBytes: whole,
  }),
  fc.record({
    kind: fc.constant('control' as const),
    commandSeq: positive,
    ...run,
    commandId: word,
    action: fc.constantFrom('pause' as const, 'resume' as const, 'cancel' as const),
    deadlineMs: whole,
  }),
  fc.record({ kind: fc.constant('restart' as const), commandSeq: positive, commandId: word }),
  fc.record({
    kind: fc.constant('agent' as const),
    commandSeq: positive,
    commandId: word,
    action: fc.constantFrom('create' as const, 'delete' as const),
    agentId: word,
    agentKind: fc.constantFrom('process' as const, 'browser' as const),
    accountIdx: fc.option(fc.nat({ max: 1_000 }), { nil: null }),
  }),
)

export const commandArbitrary: fc.Arbitrary<LeaderCommand> = fc.oneof(
  numberedCommand,
  fc.record({
    kind: fc.constant('welcome' as const),
    term: positive,
    leaderId: word,
    logId: word,
    ackedUplinkSeq: whole,
    resumed: fc.boolean(),
    lines: lineOffsets,
    pingIntervalMs: positive,
    leaseRenewMs: positive,
    strictRenewMs: positive,
    httpUrl: fc.option(word, { nil: null }),
  }),
  fc.record({ kind: fc.constant('ack' as const), uplinkSeq: whole, incarnation: whole, lines: lineOffsets }),
  fc.record({ kind: fc.constantFrom('ping' as const, 'pong' as const), nonce: whole }),
  fc.record({ kind: fc.constant('credit' as const), messages: whole, bytes: whole }),
  fc.record({
    kind: fc.constant('moving' as const),
    leaders: fc.array(word, { maxLength: 3 }),
    spreadMs: whole,
  }),
  fc.record({ kind: fc.constant('lease' as const), sentAtMs: whole, ttlMs: positive, strictTtlMs: positive }),
  fc.record({
    kind: fc.constant('answer' as const),
    nonce: positive,
    outcome: fc.oneof(
      fc.record({ ok: fc.constant(true as const), json: text }),
      text.map((message) => ({
        ok: false as const,
        error: new ControlError('task_not_found', message).toBody().error,
      })),
    ),
  }),
  fc.record({ kind: fc.constant('goodbye' as const), code: text, message: text }),
)
