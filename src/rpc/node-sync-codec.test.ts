import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ControlError } from '../core/errors.js'
import { limits } from '../core/limits.js'
import {
  type LeaderCommand as LeaderCommandMessage,
  LeaderCommandSchema,
  NodeUpdateSchema,
  type RunState,
} from '../gen/agentflow/v1/node_sync_pb.js'
import { commandArbitrary, registerArbitrary, updateArbitrary } from '../testing/node-link-arbitraries.js'
import { commandToWire } from './command-to-wire.js'
import { protobufCodec as codec } from './node-sync-codec.js'

const sender = { nodeId: 'master-1', nowMs: 1_700_000_000_000 }
const stream = { nodeId: 'master-1', incarnation: 7 }

type UpdateInit = MessageInitShape<typeof NodeUpdateSchema>
const decode = (init: UpdateInit) =>
  codec.decodeUpdates(toBinary(NodeUpdateSchema, create(NodeUpdateSchema, init)), stream)
const runRef = { taskId: 't1', attempt: 1, fence: 5n }
const stamp = { timestamp: 1n, uplinkSeq: 1n }

describe('encode and decode are inverse', () => {
  it('for register', () => {
    fc.assert(
      fc.property(registerArbitrary, (register) => {
        expect(codec.decodeRegister(codec.encodeUpdates([register], sender))).toEqual({
          nodeId: 'master-1',
          register,
        })
      }),
      { numRuns: 200 },
    )
  })

  it('for one update and for batches of them', () => {
    fc.assert(
      fc.property(fc.array(updateArbitrary, { minLength: 1, maxLength: 12 }), (updates) => {
        expect(codec.decodeUpdates(codec.encodeUpdates(updates, sender), stream)).toEqual(updates)
      }),
      { numRuns: 500 },
    )
  })

  it('for commands, byte by byte as the generated code would write them', () => {
    fc.assert(
      fc.property(commandArbitrary, (command) => {
        expect(codec.encodeCommand(command)).toEqual(toBinary(LeaderCommandSchema, commandToWire(command)))
      }),
      { numRuns: 1_000 },
    )
  })

  it('for commands', () => {
    fc.assert(
      fc.property(commandArbitrary, (command) => {
        expect(codec.decodeCommands(codec.encodeCommand(command))).toEqual([command])
      }),
      { numRuns: 500 },
    )
  })
})

it('takes the incarnation of the stream when a durable update names none', () => {
  const [update] = decode({ ...stamp, payload: { case: 'alert', value: { ...runRef, cleared: true } } })
  expect(update).toMatchObject({ kind: 'durable', incarnation: 7, uplinkSeq: 1 })
})

it('cuts free text and rounds a fraction down to 1 instead of refusing it', () => {
  const detail = 'x'.repeat(limits.linkTextLengthMax + 1)
  expect(
    decode({ ...stamp, payload: { case: 'receipt', value: { commandId: 'c1', state: 1, detail } } }),
  ).toMatchObject([{ update: { detail: 'x'.repeat(limits.linkTextLengthMax) } }])
  expect(decode({ timestamp: 1n, payload: { case: 'metrics', value: { cpu: 1.0001 } } })).toMatchObject([
    { cpu: 1 },
  ])
})

it.each<[string, UpdateInit, string]>([
  ['no payload', {}, 'the update has no payload that this leader knows'],
  [
    'another node',
    { nodeId: 'master-2', payload: { case: 'ping', value: {} } },
    'on the stream of "master-1"',
  ],
  [
    'a second register',
    { payload: { case: 'register', value: {} } },
    'register may only be the first update',
  ],
  [
    'a durable update without a number',
    { timestamp: 1n, payload: { case: 'agents', value: {} } },
    'uplink_seq is missing',
  ],
  ['a numbered ping', { uplinkSeq: 1n, payload: { case: 'ping', value: {} } }, 'must not have an uplink_seq'],
  [
    'a negative number',
    { payload: { case: 'ack', value: { seq: -1n } } },
    'ack.seq is -1, not a whole number',
  ],
  [
    'a number over 2^53',
    { payload: { case: 'lease', value: { sentAt: 2n ** 53n } } },
    'lease.sent_at is 9007199254740992, not a whole number',
  ],
  [
    'a fraction that is not a number',
    { timestamp: 1n, payload: { case: 'metrics', value: { cpu: Number.NaN } } },
    'metrics.cpu is NaN',
  ],
  [
    'a run without a fence',
    { ...stamp, payload: { case: 'taskUpdate', value: { taskId: 't1', attempt: 1, state: 2 } } },
    'fence is missing',
  ],
  [
    'an unspecified enum',
    { ...stamp, payload: { case: 'taskUpdate', value: runRef } },
    'run state 0 is not known',
  ],
  [
    'an unknown enum',
    { ...stamp, payload: { case: 'taskUpdate', value: { ...runRef, state: 99 as RunState } } },
    'run state 99 is not known',
  ],
  [
    'an end without its part',
    { ...stamp, payload: { case: 'taskUpdate', value: { ...runRef, state: 5 } } },
    'task_update.end is missing',
  ],
  [
    'an end on a live state',
    { ...stamp, payload: { case: 'taskUpdate', value: { ...runRef, state: 2, end: { outcome: 1 } } } },
    'stands only with RUN_STATE_ENDED',
  ],
  [
    'a value that is not JSON',
    {
      ...stamp,
      payload: {
        case: 'taskUpdate',
        value: { ...runRef, state: 5, end: { outcome: 1, progress: -1, valueJson: '{' } },
      },
    },
    'end.value_json is not JSON',
  ],
  [
    'a value nested without end',
    {
      ...stamp,
      payload: {
        case: 'taskUpdate',
        value: { ...runRef, state: 5, end: { outcome: 1, valueJson: '['.repeat(100_000) } },
      },
    },
    'end.value_json is nested deeper than 64 levels',
  ],
  [
    'lines that end before they start',
    { payload: { case: 'lines', value: { ...runRef, stream: 1, offset: 9n, nextOffset: 8n } } },
    'lines.next_offset 8 is before lines.offset 9',
  ],
  [
    'a batch in a batch',
    {
      payload: {
        case: 'batch',
        value: { updates: [{ payload: { case: 'batch', value: { updates: [] } } }] },
      },
    },
    'a batch may not hold a batch',
  ],
  [
    'a batch over its limit',
    {
      payload: {
        case: 'batch',
        value: {
          updates: Array.from({ length: limits.linkBatchUpdatesMax + 1 }, () => ({
            payload: { case: 'ping' as const, value: {} },
          })),
        },
      },
    },
    `batch has ${limits.linkBatchUpdatesMax + 1} entries`,
  ],
])('refuses %s', (_, init, sentence) => {
  expect(() => decode(init)).toThrow(
    expect.objectContaining({ code: 'invalid_request', message: expect.stringContaining(sentence) }),
  )
})

it.each<[string, UpdateInit, string]>([
  ['another first update', { payload: { case: 'ping', value: {} } }, 'the first update of a stream must be'],
  [
    'another protocol',
    { nodeId: 'm', payload: { case: 'register', value: { protocol: 2 } } },
    'protocol is 2',
  ],
  ['no node id', { payload: { case: 'register', value: { protocol: 1 } } }, 'node_id is missing'],
  [
    'a node id with other letters',
    { nodeId: 'a:b', payload: { case: 'register', value: { protocol: 1 } } },
    'node_id may hold letters',
  ],
])('refuses a stream that starts with %s', (_, init, sentence) => {
  const bytes = toBinary(NodeUpdateSchema, create(NodeUpdateSchema, init))
  expect(() => codec.decodeRegister(bytes)).toThrow(sentence)
})

it('refuses a command that it does not know', () => {
  const bytes = toBinary(LeaderCommandSchema, create(LeaderCommandSchema, {}))
  expect(() => codec.decodeCommands(bytes)).toThrow('no payload that this master knows')
})

it('throws nothing but invalid_request, whatever the bytes are', () => {
  const valid = fc.array(updateArbitrary, { minLength: 1, maxLength: 3 }).map((updates) => {
    return codec.encodeUpdates(updates, sender)
  })
  const damaged = fc
    .tuple(valid, fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 4 }), fc.nat())
    .map(([bytes, writes, cut]) => {
      const copy = bytes.slice(0, bytes.length - (cut % 8))
      for (const [at, byte] of writes) copy[at % Math.max(1, copy.length)] = byte
      return copy
    })
  const decoders = [
    (bytes: Uint8Array) => codec.decodeUpdates(bytes, stream),
    codec.decodeRegister,
    codec.decodeCommands,
  ]
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), damaged), (bytes) => {
      for (const decoder of decoders) {
        try {
          decoder(bytes)
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(ControlError)
          expect(thrown).toHaveProperty('code', 'invalid_request')
        }
      }
    }),
    { numRuns: 2_000 },
  )
})

it('carries the commands of a tick in as few messages as its limits allow, in their order', () => {
  const pings = Array.from({ length: 2 * limits.linkBatchCommandsMax + 1 }, (_, index) => ({
    kind: 'ping' as const,
    nonce: index + 1,
  }))
  const messages = codec.encodeCommands(pings)
  expect(messages).toHaveLength(3)
  expect(messages.flatMap((bytes) => codec.decodeCommands(bytes))).toEqual(pings)
  expect(codec.encodeCommands([])).toEqual([])
})

it('a batch of commands stays within what a message may weigh', () => {
  const moving = { kind: 'moving' as const, leaders: ['x'.repeat(300 * 1024)], spreadMs: 1 }
  const messages = codec.encodeCommands(Array.from({ length: 10 }, () => moving))
  expect(messages).toHaveLength(4)
  for (const bytes of messages) expect(bytes.length).toBeLessThan(limits.linkMessageBytesMax)
  expect(messages.flatMap((bytes) => codec.decodeCommands(bytes))).toHaveLength(10)
})

it('refuses a batch in a batch, and one of too many commands', () => {
  const ping = create(LeaderCommandSchema, { payload: { case: 'ping', value: { nonce: 1n } } })
  const batchOf = (commands: LeaderCommandMessage[]) =>
    create(LeaderCommandSchema, { payload: { case: 'batch', value: { commands } } })
  const bytesOf = (message: LeaderCommandMessage) => toBinary(LeaderCommandSchema, message)
  expect(() => codec.decodeCommands(bytesOf(batchOf([batchOf([ping])])))).toThrow(
    'a batch may not hold a batch',
  )
  const many = Array.from({ length: limits.linkBatchCommandsMax + 1 }, () => ping)
  expect(() => codec.decodeCommands(bytesOf(batchOf(many)))).toThrow(`at most ${limits.linkBatchCommandsMax}`)
})
