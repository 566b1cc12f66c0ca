import fc from 'fast-check'
import { expect, it } from 'vitest'
import { limits } from '../../core/limits.js'
import { chunksOf, eventsOf } from './journal-chunks.js'

const events = fc
  .array(fc.record({ isLater: fc.boolean(), text: fc.string({ maxLength: 2_000 }) }), {
    minLength: 1,
    maxLength: 200,
  })
  .map((drafts) => {
    let atMs = 1
    return drafts.map(({ isLater, text }, index) => {
      if (isLater) atMs += 1
      return { seq: index + 7, atMs, json: JSON.stringify({ text }) }
    })
  })

it('gives back every event, from few rows', () => {
  fc.assert(
    fc.property(events, (group) => {
      const chunks = chunksOf(group)
      expect(chunks.flatMap(eventsOf)).toEqual(group)
      const times = new Set(group.map(({ atMs }) => atMs)).size
      const chars = group.reduce((sum, { json }) => sum + json.length + 1, 0)
      expect(chunks.length).toBeLessThanOrEqual(times + chars / limits.journalChunkChars)
    }),
  )
})
