import { FakeMachine } from './fake-machine.js'
import { FakeTaskHost } from './fake-task-host.js'
import { ManualClock } from './manual-clock.js'
import { taskHostContract } from './task-host-contract.js'

const shell = (text: string) => ({ argv: null, shell: text })

taskHostContract('fake-task-host', async () => {
  const clock = new ManualClock()
  let closed = false
  return {
    host: new FakeTaskHost(new FakeMachine(clock)),
    programs: {
      prints: (lines, exitCode) => shell(`sim:lines=${lines}:exit=${exitCode}:after=5`),
      waits: () => shell('sim:text=ready:forever'),
      ignoresTerm: () => shell('sim:text=ready:forever:deaf'),
      missing: () => shell('sim:missing'),
    },
    settle: async (condition) => {
      let settled = false
      void condition.then(() => {
        settled = true
      })
      // Time passes until the condition holds; awaiting lets what is promised happen in between.
      for (let step = 0; !settled && !closed && step < 10_000; step += 1) {
        clock.pass(1)
        await Promise.resolve()
      }
    },
    close: async () => {
      closed = true
    },
  }
})
