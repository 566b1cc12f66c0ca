import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { goneAll, HostFixture, shellRun, stateOf } from '../../testing/host-fixture.js'
import { silentLog } from '../../testing/silent-log.js'
import { createProcessHost } from './process-host.js'

const dataId = `host-test-${process.pid}`
const environment = { PATH: process.env.PATH ?? '', HOME: '/nowhere' }

let fixture: HostFixture

beforeEach(async () => {
  fixture = new HostFixture((dataDir, choices) =>
    createProcessHost({ dataDir, dataId, environment, log: silentLog, ...choices }),
  )
  await fixture.attach()
})
afterEach(() => fixture.close())

// Each prints the pids of what it leaves behind, then its own.
const escapees = {
  'a process of another session': `setsid sh -c 'echo $$; exec sleep 600' & sleep 0.1; echo $$; wait`,
  'a daemon that forked twice and lost its parent': `(setsid sh -c 'sh -c "echo \\$\\$; exec sleep 600" &' &) ; sleep 0.1; echo $$; exec sleep 600`,
  'one that ignores TERM and HUP': `(trap '' TERM HUP; sh -c 'echo $$; exec sleep 600' &) ; echo $$; exec sleep 600`,
  'one that cleared its environment': `env -i setsid sh -c 'echo $$; exec sleep 600' & echo $$; wait`,
}

describe.each([true, false])('the whole tree, cgroups where they can be made: %s', (useCgroups) => {
  beforeEach(async () => {
    await fixture.reopen({ useCgroups })
  })

  it.each(Object.entries(escapees))('[RN12] %s ends with a stop', async (_name, shell) => {
    fixture.host.start(shellRun(1, shell))
    const pids = await fixture.printedPids(1, 2)
    expect(pids.every((pid) => stateOf(pid) !== null)).toBe(true)
    // One look while everyone is there, as the sampler takes each second.
    expect((await fixture.host.usage(1))?.processes).toBeGreaterThanOrEqual(2)
    fixture.host.stop(1, { graceMs: 100, onStep: () => undefined })
    await fixture.ended(1)
    expect(goneAll(pids)).toBe(true)
  })

  it('[RN12] what is left when the main program exits is ended before the exit is told', async () => {
    const printed = join(fixture.path, 'printed')
    fixture.host.start(
      shellRun(
        1,
        `(setsid sh -c 'trap "" TERM; echo $$; : > ${printed}; exec sleep 600' &); until [ -e ${printed} ]; do sleep 0.01; done; exit 3`,
      ),
    )
    expect(await fixture.ended(1)).toMatchObject({ kind: 'exited', exitCode: 3 })
    expect(goneAll(await fixture.printedPids(1, 1))).toBe(true)
  })

  it('[RC5] TERM, the grace, then KILL; each step says how many', async () => {
    fixture.host.start(
      shellRun(
        1,
        `trap '' TERM; sh -c 'trap "" TERM; echo $$; while :; do sleep 1; done' & echo $$; wait; while :; do sleep 1; done`,
      ),
    )
    await fixture.printedPids(1, 2)
    const steps: { step: string; processes: number }[] = []
    fixture.host.stop(1, { graceMs: 150, onStep: (step, processes) => steps.push({ step, processes }) })
    expect(await fixture.ended(1)).toMatchObject({ signal: 'SIGKILL' })
    expect(steps.map(({ step }) => step)).toEqual(['term', 'kill'])
    expect(steps[0]?.processes).toBeGreaterThanOrEqual(2)
  })

  it('a child may use the grace although its parent is gone', async () => {
    const file = join(fixture.path, 'cleaned')
    fixture.host.start(
      shellRun(
        1,
        `sh -c 'trap "sleep 0.3; echo yes > ${file}; exit" TERM; echo ready; while :; do sleep 0.05; done' & wait`,
      ),
    )
    await fixture.output(1, 'ready')
    fixture.host.stop(1, { graceMs: 5_000, onStep: () => undefined })
    await fixture.ended(1)
    expect(readFileSync(file, 'utf8')).toBe('yes\n')
  })

  it('[RC6] pause stops every process until all read T; resume continues each', async () => {
    fixture.host.start(
      shellRun(
        1,
        `setsid sh -c 'echo $$; while :; do sleep 0.01; done' & (sh -c 'echo $$; exec sleep 600' &); echo $$; while :; do sleep 0.01; done`,
      ),
    )
    const pids = await fixture.printedPids(1, 3)
    expect(await fixture.host.pause(1)).toBeGreaterThanOrEqual(3)
    expect(pids.map(stateOf)).toEqual(pids.map(() => 'T'))
    expect(await fixture.host.resume(1)).toBeGreaterThanOrEqual(3)
    expect(pids.map(stateOf)).not.toContain('T')
    fixture.host.stop(1, { graceMs: 2_000, onStep: () => undefined })
    await fixture.ended(1)
  })

  it('[RC6] stops programs that start others all the time, also between fork and exec', async () => {
    fixture.host.start(
      shellRun(
        1,
        'for n in 1 2 3; do (n=0; while [ $n -lt 20000 ]; do /bin/true; n=$((n + 1)); done) & done; echo $$; wait',
      ),
    )
    await fixture.printedPids(1, 1)
    for (let round = 0; round < 15; round += 1) {
      expect(await fixture.host.pause(1)).toBeGreaterThanOrEqual(4)
      await fixture.host.resume(1)
    }
    fixture.host.stop(1, { graceMs: 0, onStep: () => undefined })
    await fixture.ended(1)
  })

  it('counts CPU of children that are gone', async () => {
    fixture.host.start(
      shellRun(1, `sh -c 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done'; echo done; exec sleep 600`),
    )
    await fixture.output(1, 'done')
    await vi.waitFor(async () => expect((await fixture.host.usage(1))?.cpuMs).toBeGreaterThanOrEqual(20), {
      timeout: 20_000,
    })
    expect((await fixture.host.usage(1))?.memoryBytes).toBeGreaterThan(0)
  })
})
