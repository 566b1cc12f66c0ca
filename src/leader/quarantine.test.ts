import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Alert } from '../contract/alert.js'
import { AssertionError } from '../core/assert.js'
import type { Input } from '../core/input.js'
import type { DurableUpdate } from '../ports/node-link.js'
import { endOf } from '../testing/core-fixture.js'
import { admin, durable, heldRun, LeaderFixture, registerOf } from '../testing/leader-fixture.js'

/** What the rules break on. */
const planted = vi.hoisted(() => ({ breaksOn: (_input: Input): boolean => false }))

vi.mock('../core/decide.js', async (load) => {
  const real = await load<typeof import('../core/decide.js')>()
  const decide: typeof real.decide = (state, input, nowMs) => {
    if (planted.breaksOn(input)) throw new AssertionError('planted')
    return real.decide(state, input, nowMs)
  }
  return { ...real, decide }
})

const names = (name: Input['command']['name']) => (input: Input) => input.command.name === name

describe('quarantine', () => {
  let fixture: LeaderFixture
  beforeEach(async () => {
    fixture = new LeaderFixture()
    await fixture.start()
  })
  afterEach(() => {
    planted.breaksOn = () => false
  })

  const alerts = async (): Promise<Alert[]> =>
    (JSON.parse(await fixture.leader.plane.alerts(admin)) as { alerts: Alert[] }).alerts

  /** A master that runs one task, and whatever it tells next. */
  const running = async () => {
    const node = await fixture.connect(registerOf(1))
    const taskId = await fixture.submit({ retry: { attemptsMax: 1 } })
    const ref = { taskId, attempt: 1, fence: node.of('task_request')[0]?.fence ?? 0 }
    await node.send(durable(1, { kind: 'run', state: 'running', pid: 7, ...ref }))
    return { node, taskId, ref }
  }

  /** Sends it, the leader ends, and the next one is started, twice. */
  const crashTwice = async (send: () => Promise<unknown>): Promise<void> => {
    for (let crash = 1; crash <= 2; crash += 1) {
      await expect(send()).rejects.toThrow('a rule is broken')
      await fixture.start()
    }
  }

  /** The master comes back with its run in this state and sends what is un-acked. */
  const comeBack = async (ref: { taskId: string; fence: number }, ended: boolean, update: DurableUpdate) => {
    const held = heldRun(ref.taskId, ref.fence, ended ? { state: 'ended' } : {})
    const node = await fixture.connect(registerOf(1, { inventory: [held], ackedUplinkSeq: 1 }))
    await node.send(durable(2, update))
    return node
  }

  it('[QU2] [QU3] an end is set aside, the run counts as lost and its master registers anew', async () => {
    const { ref, taskId } = await running()
    const ended = { kind: 'ended', end: endOf('succeeded'), ...ref } as const
    planted.breaksOn = names('report_run')
    await crashTwice(() => comeBack(ref, true, ended))
    const other = await fixture.connect(registerOf(1), 'master-2')
    const third = await comeBack(ref, true, ended)
    expect(third.of('goodbye')).toMatchObject([{ code: 'internal' }])
    expect(third.closed).toHaveLength(1)
    expect(other.closed).toEqual([])
    expect(await fixture.read(taskId)).toMatchObject({ phase: 'lost' })
    expect(await alerts()).toMatchObject([
      { kind: 'quarantined', level: 'error', state: 'raised', nodeId: 'master-1', taskId: null },
    ])
    const [alert] = await alerts()
    expect(alert?.message).toContain(`master-1 sent the end of a run of task ${taskId}`)

    const again = await fixture.connect(registerOf(1, { ackedUplinkSeq: 1 }))
    expect(again.of('welcome')).toMatchObject([{ ackedUplinkSeq: 2 }])
    expect((await alerts())[0]?.state).toBe('raised')
    again.session.closed('restarted')
    await fixture.connect(registerOf(2))
    expect((await alerts())[0]?.state).toBe('cleared')
  })

  it('[QU2] an update is set aside as often as it takes, its own closing included', async () => {
    const { ref, taskId } = await running()
    const ended = { kind: 'ended', end: endOf('succeeded'), ...ref } as const
    planted.breaksOn = ({ command }) =>
      command.name === 'report_run' || (command.name === 'set_aside' && command.closes)
    await crashTwice(() => comeBack(ref, true, ended))
    await expect(comeBack(ref, true, ended)).rejects.toThrow('a rule is broken')
    await fixture.start()
    await comeBack(ref, true, ended)
    expect(await alerts()).toHaveLength(1)
    await fixture.connect(registerOf(1, { ackedUplinkSeq: 2 }))
    expect(await fixture.read(taskId)).toMatchObject({ phase: 'lost' })
  })

  it('[QU2] a command whose receipt is set aside counts as refused and may be given again', async () => {
    const { node, ref, taskId } = await running()
    await fixture.control(taskId, 'cancel')
    const commandId = node.of('control')[0]?.commandId ?? ''
    const acting = { kind: 'receipt', commandId, state: 'acting', detail: '' } as const
    planted.breaksOn = names('report_receipt')
    await crashTwice(() => comeBack(ref, false, acting))
    await comeBack(ref, false, acting)
    const receipt = await fixture.settled(() => fixture.leader.plane.receipt(admin, commandId, 0))
    expect(JSON.parse(receipt)).toMatchObject({ state: 'refused' })
    expect(await fixture.control(taskId, 'cancel')).toMatchObject({ kind: 'receipt' })
  })

  it('[QU4] a register is refused until its master is restarted; the others go on', async () => {
    await fixture.connect(registerOf(1))
    planted.breaksOn = ({ command }) => command.name === 'register_node' && command.incarnation === 2
    await fixture.start()
    await crashTwice(() => fixture.connect(registerOf(2)))
    const other = await fixture.connect(registerOf(1), 'master-2')
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const refused = await fixture.connect(registerOf(2))
      expect(refused.of('welcome')).toEqual([])
      expect(refused.of('goodbye')).toMatchObject([{ code: 'unprocessable' }])
    }
    expect(await alerts()).toMatchObject([{ kind: 'quarantined', nodeId: 'master-1', state: 'raised' }])
    const restarted = await fixture.connect(registerOf(3))
    expect(restarted.of('welcome')).toHaveLength(1)
    expect((await alerts())[0]?.state).toBe('cleared')
    expect(other.closed).toEqual([])
  })
})
