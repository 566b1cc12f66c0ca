import { describe, expect, it } from 'vitest'
import type { WorkBodies } from '../ports/work-bodies.js'

export interface WorkBodiesHarness {
  readonly bodies: WorkBodies
  reopen(): Promise<WorkBodiesHarness>
  close(): Promise<void>
}

const all = { itemsMax: 100, charsMax: 1_000 }

/** What every WorkBodies keeps. */
export function workBodiesContract(name: string, open: () => Promise<WorkBodiesHarness>): void {
  describe(`WorkBodies contract: ${name}`, () => {
    it('[WI1] keeps items in order through a restart', async () => {
      const first = await open()
      await first.bodies.put('b1', 0, ['zero', 'one'])
      await first.bodies.put('b1', 2, ['two'])
      await first.bodies.put('b2', 0, ['other'])
      const second = await first.reopen()
      expect(await second.bodies.read('b1', 0, all)).toEqual(['zero', 'one', 'two'])
      expect(await second.bodies.read('b1', 1, all)).toEqual(['one', 'two'])
      expect(await second.bodies.read('b1', 3, all)).toEqual([])
      expect(await second.bodies.bodyIds()).toEqual(['b1', 'b2'])
      await second.close()
    })

    it('reads at most so many items, and stops once it has the characters', async () => {
      const { bodies, close } = await open()
      await bodies.put('b1', 0, ['aaaa', 'bbbb', 'cccc'])
      expect(await bodies.read('b1', 0, { itemsMax: 2, charsMax: 1_000 })).toEqual(['aaaa', 'bbbb'])
      expect(await bodies.read('b1', 0, { itemsMax: 100, charsMax: 1 })).toEqual(['aaaa'])
      expect(await bodies.read('b1', 0, { itemsMax: 100, charsMax: 5 })).toEqual(['aaaa', 'bbbb'])
      await close()
    })

    it('[ID3] leaves what is there when it is put again', async () => {
      const { bodies, close } = await open()
      await bodies.put('b1', 0, ['first'])
      await bodies.put('b1', 0, ['again', 'next'])
      expect(await bodies.read('b1', 0, all)).toEqual(['first', 'next'])
      await close()
    })

    it('[WI6] forgets a body whole, and no other', async () => {
      const { bodies, close } = await open()
      await bodies.put('b1', 0, ['one'])
      await bodies.put('b2', 0, ['two'])
      await bodies.drop('b1')
      await bodies.drop('b1')
      expect(await bodies.bodyIds()).toEqual(['b2'])
      expect(await bodies.read('b1', 0, all)).toEqual([])
      await close()
    })
  })
}
