import { expect, it } from 'vitest'
import type { TaskHostEvents } from '../ports/task-host.js'
import { FakeMachine } from '../testing/fake-machine.js'
import { FakeTaskHost } from '../testing/fake-task-host.js'
import { ManualClock } from '../testing/manual-clock.js'
import { kindsOf, linkedMaster, requestOf } from '../testing/master-fixture.js'
import { plainTerms } from '../testing/plain-terms.js'

/** Holds one run of an earlier master, which ran for 9 of its 10 s. */
class AdoptingHost extends FakeTaskHost {
  readonly stopped: number[] = []

  override async attach(events: TaskHostEvents): Promise<void> {
    await super.attach(events)
    events.onAdopted({
      taskId: 't1',
      attempt: 1,
      fence: 1,
      state: 'running',
      pid: 7,
      outBytes: 0,
      errBytes: 0,
      terms: { ...plainTerms, agentId: 'master-1/p3', timeoutMs: 10_000 },
      stdinOpen: false,
      ranMs: 9_000,
      progress: { value: 0.5, text: 'half' },
    })
  }

  override stop(fence: number): void {
    this.stopped.push(fence)
  }
}

it('[ST12] an adopted run is in the register, keeps its agent and its time limit, and is not started again', async () => {
  const clock = new ManualClock()
  const machine = new FakeMachine(clock)
  const host = new AdoptingHost(machine)
  const { dial, pass, master } = await linkedMaster({ clock, machine, host })
  expect(dial.register?.inventory).toMatchObject([{ taskId: 't1', fence: 1, state: 'running', pid: 7 }])
  expect(master.agents().filter(({ status }) => status === 'busy')).toMatchObject([
    { agentId: 'master-1/p3', currentTask: 't1' },
  ])
  dial.say(requestOf(1, 1, 'sim:exit=0'))
  await pass(900)
  expect(machine.history).toEqual([])
  expect(kindsOf(dial)).toEqual(['running'])
  expect(dial.updates.find(({ kind }) => kind === 'progress')).toMatchObject({
    progress: 0.5,
    text: 'half',
    pid: 7,
  })
  expect(host.stopped).toEqual([])
  await pass(200)
  expect(host.stopped).toEqual([1])
  expect(kindsOf(dial)).toEqual(['running', 'stopping'])
})
