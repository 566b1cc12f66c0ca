import { describe, expect, it } from 'vitest'
import { limits } from '../core/limits.js'
import { Rules } from '../testing/core-fixture.js'
import { sampleTrigger } from '../testing/plan-samples.js'
import { TriggerTail } from './trigger-tail.js'
import { encodeEvent } from './turn-loop.js'

/** A log whose events from `firstSeq` to `headSeq` are kept; each is the end of a task. */
function tailOf(firstSeq: number, headSeq: number) {
  const rules = new Rules()
  rules.user({ name: 'create_trigger', definition: sampleTrigger(1, 1).definition })
  const taskId = rules.submit({ type: 'nobody-has-it' })
  rules.control(taskId, 'cancel')
  const sample = rules.log.find(({ type }) => type === 'TaskFinished')
  if (sample === undefined) throw new Error('no task ended')
  Object.assign(rules.state, { headSeq })
  const asked: number[] = []
  const tail = new TriggerTail({
    state: rules.state,
    journal: {
      read: async (afterSeq, limit) => {
        asked.push(afterSeq)
        const from = Math.max(firstSeq, afterSeq + 1)
        const count = Math.max(0, Math.min(limit, headSeq + 1 - from))
        return Array.from({ length: count }, (_, n) =>
          encodeEvent({ ...sample, seq: from + n } as typeof sample),
        )
      },
    },
  })
  return { tail, asked }
}

describe('[TG9] what triggers are too far behind with', () => {
  it('is given up beyond limits.triggerTailMax, and told', async () => {
    const { tail, asked } = tailOf(1, limits.triggerTailMax + 10)
    tail.resumeAfter(10)
    expect((await tail.take()).lost).toBeNull()
    const late = tailOf(1, limits.triggerTailMax + 10)
    late.tail.resumeAfter(9)
    const { lost, events } = await late.tail.take()
    expect([lost, events[0]?.seq, events.length]).toEqual([{ fromSeq: 9, toSeq: 10 }, 11, limits.pageMax])
    expect([asked, late.asked]).toEqual([[10], [10]])
  })

  it('is given up when it is not kept any more, and told', async () => {
    const { tail } = tailOf(50, 60)
    tail.resumeAfter(5)
    const { lost, events, throughSeq } = await tail.take()
    expect([lost, events.map(({ seq }) => seq), throughSeq]).toEqual([
      { fromSeq: 5, toSeq: 49 },
      [50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60],
      60,
    ])
    expect(tail.isEmpty).toBe(true)
  })
})
