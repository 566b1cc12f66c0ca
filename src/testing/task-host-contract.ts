import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { StartRun, TaskHost } from '../ports/task-host.js'
import { plainTerms } from './plain-terms.js'
import { TaskHostRecorder } from './task-host-recorder.js'

/** What to run, in the host's own terms. */
export type Program = Pick<StartRun, 'argv' | 'shell'>

/** A host under test. */
export interface TaskHostHarness {
  readonly host: TaskHost
  readonly programs: {
    /** Prints `lines` lines `line N` and exits. */
    prints(lines: number, exitCode: number): Program
    /** Prints `ready` and runs until it is ended; obeys TERM. */
    waits(): Program
    /** The same, deaf to TERM. */
    ignoresTerm(): Program
    /** Cannot be started. */
    missing(): Program
  }
  /** Lets time pass until the recorder's condition holds. */
  settle(condition: Promise<void>): Promise<void>
  close(): Promise<void>
}

const shell = (text: string): Program => ({ argv: null, shell: text })

/** The programs of a host that runs real processes. */
export const shellPrograms: TaskHostHarness['programs'] = {
  prints: (lines, exitCode) =>
    shell(`awk 'BEGIN { for (n = 1; n <= ${lines}; n++) print "line " n }'; exit ${exitCode}`),
  waits: () => shell('echo ready; exec sleep 600'),
  ignoresTerm: () => shell(`trap '' TERM; echo ready; while :; do sleep 600; done`),
  missing: () => ({ argv: ['/no/such/program'], shell: null }),
}

const graceMs = 200

/** What every TaskHost keeps. */
export function taskHostContract(name: string, open: () => Promise<TaskHostHarness>): void {
  describe(`TaskHost contract: ${name}`, () => {
    let harness: TaskHostHarness
    let told: TaskHostRecorder

    beforeEach(async () => {
      harness = await open()
      told = new TaskHostRecorder()
      await harness.host.attach(told)
    })
    afterEach(() => harness.close())

    const until = (condition: () => boolean): Promise<void> => harness.settle(told.until(condition))
    const start = (fence: number, program: Program): void =>
      harness.host.start({
        taskId: `t${fence}`,
        attempt: 1,
        fence,
        cwd: null,
        env: {},
        stdin: null,
        stdinOpen: false,
        terms: plainTerms,
        ...program,
      })
    const viewOf = (fence: number) => harness.host.inventory().find((run) => run.fence === fence)

    it('tells start, output and exit in this order, and keeps the run until it is released', async () => {
      start(1, harness.programs.prints(3, 7))
      await until(() => told.exitOf(1) !== undefined)
      expect(told.started.get(1)).toBeGreaterThan(0)
      expect(told.text(1, 'out')).toBe('line 1\nline 2\nline 3\n')
      expect(told.exitOf(1)).toEqual({
        kind: 'exited',
        exitCode: 7,
        signal: null,
        valueJson: null,
        valueError: null,
      })
      expect(viewOf(1)).toMatchObject({ taskId: 't1', attempt: 1, state: 'ended', outBytes: 21, errBytes: 0 })
      harness.host.release(1)
      expect(viewOf(1)).toBeUndefined()
    })

    it('says one sentence for what cannot be started', async () => {
      start(1, harness.programs.missing())
      await until(() => told.exitOf(1) !== undefined)
      expect(told.exitOf(1)).toEqual({ kind: 'spawn_failed', message: expect.stringMatching(/^The .*\.$/) })
      expect(told.started.size).toBe(0)
    })

    it('hands over a stream again from any byte, also after the exit', async () => {
      start(1, harness.programs.prints(3, 0))
      await until(() => told.exitOf(1) !== undefined)
      told.chunks.length = 0
      harness.host.rewind(1, 'out', 7)
      await until(() => told.text(1, 'out').length === 14)
      expect(told.chunks[0]?.offset).toBe(7)
      expect(told.text(1, 'out')).toBe('line 2\nline 3\n')
      expect(told.exits).toHaveLength(1)
    })

    it('waits for the receiver before it hands over more', async () => {
      told.hold = true
      start(1, harness.programs.prints(30_000, 0))
      await until(() => told.held.length === 1)
      start(2, harness.programs.prints(1, 0))
      await until(() => told.text(2, 'out') !== '')
      expect(told.chunks.filter(({ fence }) => fence === 1)).toHaveLength(1)
      expect(told.exitOf(1)).toBeUndefined()
      told.hold = false
      for (const done of told.held.splice(0)) done()
      await until(() => told.exitOf(1) !== undefined)
      expect(told.text(1, 'out').split('\n')).toHaveLength(30_001)
    })

    it('pauses and resumes', async () => {
      start(1, harness.programs.waits())
      await until(() => told.text(1, 'out') === 'ready\n')
      expect(await harness.host.pause(1)).toBeGreaterThan(0)
      expect(viewOf(1)?.state).toBe('paused')
      expect(await harness.host.resume(1)).toBeGreaterThan(0)
      expect(viewOf(1)?.state).toBe('running')
      expect((await harness.host.usage(1))?.processes).toBeGreaterThan(0)
    })

    it('stops with TERM alone when that is enough, also when paused', async () => {
      start(1, harness.programs.waits())
      await until(() => told.text(1, 'out') === 'ready\n')
      await harness.host.pause(1)
      const steps: string[] = []
      harness.host.stop(1, { graceMs: 5_000, onStep: (step) => steps.push(step) })
      await until(() => told.exitOf(1) !== undefined)
      expect(steps).toEqual(['term'])
      expect(told.exitOf(1)).toMatchObject({ kind: 'exited', signal: 'SIGTERM' })
    })

    it('kills after the grace what ignores TERM', async () => {
      start(1, harness.programs.ignoresTerm())
      await until(() => told.text(1, 'out') === 'ready\n')
      const steps: string[] = []
      harness.host.stop(1, { graceMs, onStep: (step, processes) => steps.push(`${step} ${processes > 0}`) })
      await until(() => told.exitOf(1) !== undefined)
      expect(steps).toEqual(['term true', 'kill true'])
      expect(told.exitOf(1)).toMatchObject({ kind: 'exited', signal: 'SIGKILL' })
    })

    it('tells the end of a stop as lost when that is asked', async () => {
      start(1, harness.programs.waits())
      await until(() => told.text(1, 'out') === 'ready\n')
      harness.host.stop(1, { graceMs: 5_000, onStep: () => undefined, lostMessage: 'Nobody wants it.' })
      await until(() => told.exitOf(1) !== undefined)
      expect(told.exitOf(1)).toEqual({ kind: 'lost', message: 'Nobody wants it.' })
    })

    it('refuses to pause what has ended', async () => {
      start(1, harness.programs.prints(1, 0))
      await until(() => told.exitOf(1) !== undefined)
      await expect(harness.host.pause(1)).rejects.toThrow('The run is ended.')
      expect(await harness.host.usage(1)).toBeNull()
      expect(await harness.host.evidence(1)).toBeNull()
    })

    it('ends everything on shutdown', async () => {
      start(1, harness.programs.waits())
      start(2, harness.programs.ignoresTerm())
      await until(() => told.text(1, 'out') === 'ready\n' && told.text(2, 'out') === 'ready\n')
      await harness.settle(harness.host.shutdown(graceMs))
      expect(told.exits.map(({ fence }) => fence).sort()).toEqual([1, 2])
      expect(harness.host.inventory().map(({ state }) => state)).toEqual(['ended', 'ended'])
    })
  })
}
