import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeMessage, encodeOutput, type Frame, FrameReader } from './frames.js'

const message = fc.jsonValue().map((value) => ({ value }))
const output = fc.record({
  fence: fc.nat(),
  stream: fc.constantFrom('out' as const, 'err' as const),
  generation: fc.nat(),
  offset: fc.maxSafeNat(),
  bytes: fc.uint8Array({ maxLength: 200 }),
})
const frame = fc.oneof(
  message.map((value) => ({ kind: 'message' as const, value })),
  output.map((one) => ({ kind: 'output' as const, output: one })),
)

const encode = (one: Frame): Buffer =>
  one.kind === 'message' ? encodeMessage(one.value) : Buffer.concat(encodeOutput(one.output))

/** The same with plain bytes, to compare. */
const plain = (one: Frame): unknown =>
  one.kind === 'message' ? one : { ...one, output: { ...one.output, bytes: [...one.output.bytes] } }

describe('frames', () => {
  it('come out as they went in, however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(frame, { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 60 })),
        (frames, cuts) => {
          const bytes = Buffer.concat(frames.map(encode))
          const reader = new FrameReader(10_000)
          const read: Frame[] = []
          let at = 0
          for (const cut of [...cuts, bytes.length]) {
            read.push(...reader.push(bytes.subarray(at, at + cut)))
            at += cut
          }
          const same = frames.map((one) => (one.kind === 'message' ? JSON.parse(JSON.stringify(one)) : one))
          expect(read.map(plain)).toEqual(same.map(plain))
        },
      ),
    )
  })

  it('over the limit, or of an unknown mark, end the reading', () => {
    expect(() => new FrameReader(100).push(encodeMessage('x'.repeat(200)))).toThrow('a frame of 203 bytes')
    const odd = encodeMessage('x')
    odd.writeUInt8(9, 4)
    expect(() => new FrameReader(100).push(odd)).toThrow('mark 9')
  })
})
