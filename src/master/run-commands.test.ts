import { describe, expect, it } from 'vitest'
import { limits } from '../core/limits.js'
import { endOf, kindsOf, linkedMaster, receiptsOf, requestOf, signalOf } from '../testing/master-fixture.js'

describe('commands', () => {
  it('[RC1] pause and resume tell each step', async () => {
    const { dial, pass } = await linkedMaster()
    dial.say(requestOf(1, 1, 'sim:forever'))
    await pass(5)
    dial.say(signalOf(2, 1, 'pause'))
    await pass(5)
    dial.say(signalOf(3, 1, 'resume'))
    await pass(5)
    expect(receiptsOf(dial)).toEqual([
      'received',
      'acting STOP sent to its processes',
      'done 1 process stopped',
      'received',
      'acting CONT sent to its processes',
      'done 1 process continued',
    ])
    expect(kindsOf(dial).filter((kind) => kind === 'paused' || kind === 'running')).toEqual([
      'running',
      'paused',
      'running',
    ])
  })

  it('[RC5] cancel sends TERM, then KILL after the grace', async () => {
    const { dial, pass } = await linkedMaster()
    dial.say(requestOf(1, 1, 'sim:forever:deaf'))
    await pass(5)
    dial.say(signalOf(2, 1, 'cancel'))
    await pass(limits.cancelGraceMs + 50)
    expect(receiptsOf(dial)).toEqual([
      'received',
      'acting TERM sent to 1 process',
      `acting KILL sent to 1 process after ${limits.cancelGraceMs} ms`,
      'killed ended by SIGKILL',
    ])
    expect(endOf(dial)).toMatchObject({ end: { outcome: 'cancelled', signal: 'SIGKILL' } })
  })

  it('cancel of a paused run works', async () => {
    const { dial, pass } = await linkedMaster()
    dial.say(requestOf(1, 1, 'sim:forever'))
    await pass(5)
    dial.say(signalOf(2, 1, 'pause'))
    await pass(20)
    dial.say(signalOf(3, 1, 'cancel'))
    await pass(20)
    expect(receiptsOf(dial).at(-1)).toBe('stopped ended by SIGTERM')
  })

  it('a cancel overtakes a pause that is still acting, which says so', async () => {
    const { dial, pass } = await linkedMaster()
    dial.say(requestOf(1, 1, 'sim:forever'))
    await pass(5)
    dial.say(signalOf(2, 1, 'pause'), signalOf(3, 1, 'cancel'))
    await pass(20)
    expect(receiptsOf(dial)).toContain('stopped ended by SIGTERM')
    expect(receiptsOf(dial)).toContain('refused The run is ended by now.')
  })

  it('[RC3] the same command twice is one act', async () => {
    const { dial, pass } = await linkedMaster()
    dial.say(requestOf(1, 1, 'sim:forever'))
    await pass(5)
    dial.say(signalOf(2, 1, 'pause', { commandId: 'x' }), signalOf(3, 1, 'pause', { commandId: 'x' }))
    await pass(5)
    expect(receiptsOf(dial)).toHaveLength(3)
  })

  it('on a run that is not held, over, or past its deadline is refused with a sentence', async () => {
    const { dial, pass, clock } = await linkedMaster()
    dial.say(signalOf(1, 9, 'pause'), requestOf(2, 1, 'sim:exit=0'), requestOf(3, 2, 'sim:forever'))
    await pass(10)
    dial.say(signalOf(4, 1, 'cancel'), signalOf(5, 2, 'pause', { deadlineMs: clock.wallMs() - 1 }))
    await pass(10)
    expect(receiptsOf(dial)).toEqual([
      'refused This master holds no run with fence 9.',
      'received',
      'refused The run has already ended: exit code 0',
      'received',
      'refused Its deadline passed before it could begin.',
    ])
  })

  it('[LV2] a ping is answered, in its place among the commands', async () => {
    const { dial, pass } = await linkedMaster()
    dial.say(requestOf(1, 1, 'sim:exit=0'), { kind: 'ping', nonce: 7 })
    await pass(1)
    expect(dial.updates).toContainEqual({ kind: 'pong', nonce: 7 })
  })
})
