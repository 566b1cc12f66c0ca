import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromUnknown } from '../core/errors.js'
import { limits } from '../core/limits.js'
import type { BatchItemRequest } from '../ports/control-plane.js'
import { readBatch } from './batch-body.js'

/** Reads a body that arrives in pieces of `size` bytes. */
async function read(text: string, size = 7) {
  const items: BatchItemRequest[] = []
  const bytes = new TextEncoder().encode(text)
  async function* pieces() {
    for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size)
  }
  const intake = {
    add: async (more: readonly BatchItemRequest[]) => {
      items.push(...more)
    },
  }
  const end = await readBatch(pieces(), intake)
  return { ...end, items }
}
const refusal = (text: string, size?: number) =>
  read(text, size).then(String, (thrown) => fromUnknown(thrown).message)
const command = (name: string) => ({ type: 'command', name, payload: { command: ['true'] } })

describe('reading a batch', () => {
  it('[WI4] gives every item in order, however the body is cut, as JSON.parse would', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            type: fc.constant('f'),
            payload: fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })),
          }),
        ),
        fc.integer({ min: 1, max: 50 }),
        fc.boolean(),
        fc.boolean(),
        async (tasks, size, atomic, merge) => {
          const clean = tasks.filter((task) => !JSON.stringify(task).includes('__proto__'))
          const { items, ...end } = await read(JSON.stringify({ items: clean, atomic, merge }), size)
          expect(end).toMatchObject({ atomic, merge })
          const payloads = items.map((item) =>
            item.kind === 'task' ? JSON.stringify(item.spec.payload) : item.message,
          )
          expect(payloads).toEqual(
            clean.map((task) => JSON.stringify(JSON.parse(JSON.stringify(task.payload)))),
          )
        },
      ),
      { numRuns: 100 },
    ))

  it('[WI4] judges each item by itself', async () => {
    const { items } = await read(
      JSON.stringify({ items: [command('a'), { type: 'command' }, 7, command('b')] }),
    )
    expect(items.map((item) => (item.kind === 'task' ? item.spec.name : item.code))).toEqual([
      'a',
      'invalid_request',
      'invalid_request',
      'b',
    ])
  })

  it('[WI4] takes an item with its own key', async () => {
    const { items } = await read(JSON.stringify({ items: [{ ...command('a'), idempotencyKey: 'k' }] }))
    expect(items[0]).toMatchObject({ kind: 'task', spec: { idempotencyKey: 'k' } })
  })

  it.each([
    ['[1]', 'body: expected object'],
    ['5', 'body: expected object'],
    ['', 'body: expected object'],
    ['{}', 'body.items: is missing (array)'],
    ['{"items":5}', 'body.items: expected array'],
    ['{"items":{"x":{}}}', 'body.items: expected array'],
    ['{"items":[],"items":[]}', 'body.items: is given twice'],
    ['{"items":[],"more":1}', 'body: unknown key "more"'],
    ['{"items":[],"atomic":"yes"}', 'body.atomic: expected boolean'],
    ['{"items":[', 'The body is not valid JSON.'],
    ['{"items":[]} x', 'The body is not valid JSON.'],
    ['{"items":[1,]}', 'The body is not valid JSON.'],
    ['{"items":[{"__proto__":{}}]}', 'item 0 has a key named __proto__'],
  ])('[AC7] refuses %s', async (text, message) => {
    expect(await refusal(text)).toBe(message)
  })

  it('[AC7] refuses a deep value before it is complete', async () => {
    const deep = `{"items":[${'['.repeat(limits.jsonDepthMax + 1)}`
    expect(await refusal(deep)).toContain('nested deeper')
  })

  it('[WI8] refuses a body over limits.batchBytesMax', async () => {
    const item = JSON.stringify({ type: 'f', payload: { text: 'x'.repeat(60_000) } })
    const count = Math.ceil(limits.batchBytesMax / item.length) + 1
    const text = `{"items":[${Array.from({ length: count }, () => item).join(',')}]}`
    expect(await refusal(text, 65_536)).toContain(`over ${limits.batchBytesMax} bytes`)
  })
})
