import fc from 'fast-check'
import { expect, it } from 'vitest'
import { limits } from '../core/limits.js'
import type { LinesUpdate } from '../ports/node-link.js'
import { ManualClock } from '../testing/manual-clock.js'
import { utf8Text } from '../testing/utf8-text.js'
import { OutputStream } from './output-stream.js'
import type { LinesEntry } from './uplink.js'

const ref = { taskId: 't1', attempt: 1, fence: 1 }

/**
 * A spool that hands over as a host does, a link that takes lines while it has credit, and a leader that stores them:
 * it drops repeats and accepts neither holes nor overlaps.
 */
class World {
  readonly clock = new ManualClock()
  readonly #spool: number[] = []
  #position = 0
  #handing = false
  #generation = 0
  hasLink = true
  credit = Number.POSITIVE_INFINITY
  /** Entries that the link took but did not send yet. */
  #queue: LinesEntry[] = []
  stored = 0
  readonly received: string[] = []
  readonly seen: string[] = []
  readonly stream: OutputStream
  readonly #chunkBytes: number

  constructor(chunkBytes: number) {
    this.#chunkBytes = chunkBytes
    this.stream = new OutputStream(ref, 'out', {
      clock: this.clock,
      text: utf8Text,
      rewind: (offset) => {
        this.#position = offset
        this.#generation += 1
        this.#handing = false
      },
      offer: (entry) => {
        if (this.hasLink && this.credit > 0) this.#queue.push(entry)
        else entry.refused()
      },
      onActivity: () => undefined,
      onLine: (text) => this.seen.push(text),
    })
  }

  get size(): number {
    return this.#spool.length
  }

  write(bytes: Uint8Array): void {
    this.#spool.push(...bytes)
  }

  /** Hands over one chunk if the receiver is done with the last. */
  read(): void {
    if (this.#handing || this.#position >= this.#spool.length) return
    const offset = this.#position
    const bytes = Uint8Array.from(this.#spool.slice(offset, offset + this.#chunkBytes))
    const generation = this.#generation
    this.#handing = true
    this.#position += bytes.length
    this.stream.receive(offset, bytes, () => {
      if (generation === this.#generation) this.#handing = false
    })
  }

  /** The link sends what it took, as far as its credit goes. */
  send(): void {
    for (let entry = this.#queue.shift(); entry !== undefined; entry = this.#queue.shift()) {
      if (this.credit <= 0) {
        entry.refused()
        continue
      }
      this.credit -= 1
      this.#store(entry.update)
      entry.sent()
    }
  }

  cut(): void {
    this.hasLink = false
    for (const entry of this.#queue.splice(0)) entry.refused()
  }

  relink(): void {
    this.hasLink = true
    this.stream.relink(this.stored)
  }

  #store(update: LinesUpdate): void {
    if (update.nextOffset <= this.stored) return
    expect(update.offset).toBe(this.stored)
    this.received.push(...update.lines.map(({ text }) => text))
    this.stored = update.nextOffset
  }
}

const acts = fc.array(
  fc.oneof(
    fc.record({
      act: fc.constant('write' as const),
      text: fc.constantFrom('a\n', 'bb', 'ccc\nd', '\n', 'é'),
    }),
    fc.record({
      act: fc.constantFrom(
        'read' as const,
        'send' as const,
        'cut' as const,
        'relink' as const,
        'ready' as const,
      ),
    }),
    fc.record({ act: fc.constant('credit' as const), credit: fc.integer({ min: 0, max: 3 }) }),
    fc.record({ act: fc.constant('pass' as const), ms: fc.constantFrom(10, limits.linePartialMs) }),
  ),
  { maxLength: 80 },
)

it('[ST5] brings every byte to the leader once and in order, whatever the link does', () => {
  fc.assert(
    fc.property(acts, fc.integer({ min: 1, max: 7 }), (steps, chunkBytes) => {
      const world = new World(chunkBytes)
      let written = ''
      for (const step of steps) {
        if (step.act === 'write') {
          written += step.text
          world.write(utf8Text.encode(step.text))
        } else if (step.act === 'credit') world.credit = step.credit
        else if (step.act === 'pass') world.clock.pass(step.ms)
        else if (step.act === 'ready') {
          if (world.hasLink && world.credit > 0) world.stream.ready()
        } else world[step.act]()
      }
      // Heal: a link with credit, the run over, time for everything.
      world.cut()
      world.credit = Number.POSITIVE_INFINITY
      world.relink()
      world.stream.ready()
      for (let round = 0; round < 500; round += 1) {
        world.read()
        world.send()
      }
      world.stream.finish(world.size)
      world.send()
      expect(world.stored).toBe(world.size)
      world.stream.acked(world.stored)
      expect(world.stream.isAcked).toBe(true)
      const shown = (text: string): string => text.replaceAll('\n', '')
      expect(shown(world.received.join(''))).toBe(shown(written))
    }),
    { numRuns: 400 },
  )
})

it('looks at every line once, however often it is read again', () => {
  const world = new World(4)
  world.write(utf8Text.encode('one\ntwo\nthree\n'))
  for (let round = 0; round < 10; round += 1) world.read()
  world.cut()
  world.relink()
  world.stream.ready()
  for (let round = 0; round < 10; round += 1) {
    world.read()
    world.send()
  }
  expect(world.seen).toEqual(['one', 'two', 'three'])
  expect(world.received).toEqual(['one', 'two', 'three'])
})

it('tells lost bytes as a gap, after the line before it', () => {
  const world = new World(100)
  const updates: LinesUpdate[] = []
  const stream = new OutputStream(ref, 'out', {
    clock: world.clock,
    text: utf8Text,
    rewind: () => undefined,
    offer: ({ update, sent }) => {
      updates.push(update)
      sent()
    },
    onActivity: () => undefined,
    onLine: () => undefined,
  })
  stream.receive(0, utf8Text.encode('one\ntw'), () => undefined)
  stream.gap(6, 100)
  stream.receive(100, utf8Text.encode('three\n'), () => undefined)
  expect(
    updates.map(({ offset, nextOffset, gapReason, lines }) => [
      offset,
      nextOffset,
      gapReason !== null,
      lines.map(({ text }) => text).join(),
    ]),
  ).toEqual([
    [0, 4, false, 'one'],
    [4, 6, false, 'tw'],
    [6, 100, true, ''],
    [100, 106, false, 'three'],
  ])
})

it('sends many short lines in updates of a bounded size', () => {
  const sizes: number[] = []
  const stream = new OutputStream(ref, 'err', {
    clock: new ManualClock(),
    text: utf8Text,
    rewind: () => undefined,
    offer: ({ update, sent }) => {
      sizes.push(update.lines.length)
      sent()
    },
    onActivity: () => undefined,
    onLine: () => undefined,
  })
  let isDone = false
  stream.receive(0, utf8Text.encode('\n'.repeat(2 * limits.linesPerUpdateMax + 1)), () => {
    isDone = true
  })
  expect(sizes).toEqual([limits.linesPerUpdateMax, limits.linesPerUpdateMax, 1])
  expect(isDone).toBe(true)
})
