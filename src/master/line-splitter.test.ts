import fc from 'fast-check'
import { expect, it } from 'vitest'
import { utf8Text } from '../adapters/text/utf8-text.js'
import { LineSplitter, type SplitLine } from './line-splitter.js'

const lineBytesMax = 16

function split(chunks: readonly Uint8Array[], offset = 0): SplitLine[] {
  const splitter = new LineSplitter(utf8Text, lineBytesMax)
  splitter.reset(offset)
  const lines = chunks.flatMap((chunk) => splitter.push(chunk))
  const last = splitter.flush({ last: true })
  return last === null ? lines : [...lines, last]
}

const texts = (chunks: readonly string[]): string[] =>
  split(chunks.map(utf8Text.encode)).map(({ text }) => text)

/** Bytes that hit what is hard: line ends, returns, characters of several bytes, and what is no character. */
const hardBytes = fc
  .array(
    fc
      .constantFrom('\n', '\r', '\r\n', 'a', 'bc', 'é', '汉', '🙂', '\u0000')
      .map((text) => [...utf8Text.encode(text)]),
    { maxLength: 60 },
  )
  .chain((parts) =>
    fc.tuple(
      fc.constant(parts.flat()),
      fc.array(fc.record({ at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }) }), { maxLength: 3 }),
    ),
  )
  .map(([bytes, damages]) => {
    for (const { at, byte } of damages) if (bytes.length > 0) bytes[at % bytes.length] = byte
    return Uint8Array.from(bytes)
  })

const cutAt = (bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] => {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  return places.slice(1).map((end, index) => bytes.subarray(places[index] ?? 0, end))
}

it('gives the same lines and offsets however the bytes are chunked', () => {
  fc.assert(
    fc.property(hardBytes, fc.array(fc.nat()), (bytes, cuts) => {
      expect(split(cutAt(bytes, cuts))).toEqual(split([bytes]))
    }),
    { numRuns: 500 },
  )
})

it('accounts for every byte once, and goes on from any line on as if it had never stopped', () => {
  fc.assert(
    fc.property(hardBytes, fc.nat(), (bytes, pick) => {
      const lines = split([bytes])
      const ends = [0, ...lines.map(({ nextOffset }) => nextOffset)]
      expect(lines.map(({ offset }) => offset)).toEqual(ends.slice(0, -1))
      expect(ends.at(-1)).toBe(bytes.length)
      const from = ends[pick % ends.length] ?? 0
      expect(split([bytes.subarray(from)], from)).toEqual(lines.filter(({ offset }) => offset >= from))
    }),
    { numRuns: 500 },
  )
})

it('never cuts inside a character of well-formed text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), (text) => {
      const plain = text.replaceAll(/[\r\n]/g, '')
      expect(texts([plain]).join('')).toBe(plain)
    }),
  )
})

it('ends lines at newlines and shows what a terminal would show', () => {
  expect(texts(['one\ntwo\r\n\nlast'])).toEqual(['one', 'two', '', 'last'])
  expect(texts([' 10%\r 50%\r100%\n'])).toEqual(['100%'])
  expect(texts([' 10%\r 50%\r'])).toEqual([' 50%'])
})

it('cuts a long line before its limit', () => {
  expect(texts(['x'.repeat(16), '\n'])).toEqual(['x'.repeat(16)])
  expect(texts(['x'.repeat(17), '\n'])).toEqual(['x'.repeat(16), 'x'])
  expect(texts([`${'x'.repeat(15)}é\n`])).toEqual(['x'.repeat(15), 'é'])
})

it('shows a prompt when asked, and does not show its line end as a line of its own', () => {
  const splitter = new LineSplitter(utf8Text, lineBytesMax)
  expect(splitter.push(utf8Text.encode('Name? '))).toEqual([])
  expect(splitter.flush({ last: false })).toEqual({ offset: 0, nextOffset: 6, text: 'Name? ' })
  expect(splitter.push(utf8Text.encode('\nnext\n'))).toEqual([{ offset: 7, nextOffset: 12, text: 'next' }])
})

it('keeps the beginning of a character until the rest comes', () => {
  const splitter = new LineSplitter(utf8Text, lineBytesMax)
  const bytes = utf8Text.encode('aé')
  splitter.push(bytes.subarray(0, 2))
  expect(splitter.flush({ last: false })).toEqual({ offset: 0, nextOffset: 1, text: 'a' })
  expect(splitter.flush({ last: false })).toBeNull()
  splitter.push(bytes.subarray(2))
  expect(splitter.flush({ last: false })).toEqual({ offset: 1, nextOffset: 3, text: 'é' })
})
