import { beforeEach, describe, expect, it } from 'vitest'
import { limits } from '../../core/limits.js'
import type { StopCause } from '../../ports/task-host.js'
import { ManualClock } from '../../testing/manual-clock.js'
import { plainTerms } from '../../testing/plain-terms.js'
import { TaskHostRecorder } from '../../testing/task-host-recorder.js'
import { FunctionAbort, type FunctionContext, type FunctionHandler } from './function-context.js'
import { FunctionHost } from './function-host.js'

let clock: ManualClock
let told: TaskHostRecorder
beforeEach(() => {
  clock = new ManualClock()
  told = new TaskHostRecorder()
})

async function hostOf(handler: FunctionHandler): Promise<FunctionHost> {
  const host = new FunctionHost({ handlers: new Map([['email', handler]]), clock })
  await host.attach(told)
  return host
}

function start(host: FunctionHost, fence = 1, type = 'email'): void {
  const nothing = {
    argv: null,
    shell: null,
    cwd: null,
    env: {},
    stdin: null,
    stdinOpen: false,
    terms: plainTerms,
  }
  const call = { type, name: 'hello', payload: { to: 'a' }, traceId: 'trace' }
  host.start({ taskId: `t${fence}`, attempt: 2, fence, ...nothing, call })
}

const exit = (fence = 1): Promise<unknown> =>
  told.until(() => told.exitOf(fence) !== undefined).then(() => told.exitOf(fence))

const stop = (host: FunctionHost, steps: string[] = [], cause: StopCause = 'cancel'): void =>
  host.stop(1, { graceMs: 100, cause, onStep: (step) => steps.push(step) })

/** Ends when its signal says so, by throwing the signal's reason. */
const untilAborted = ({ signal }: FunctionContext): Promise<never> =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))

/** Never ends. */
const deaf = (): Promise<never> => new Promise(() => undefined)

describe('a call', () => {
  it('is told what the task is, and its result is the exit', async () => {
    const host = await hostOf(({ task }) => ({ seen: task }))
    start(host)
    expect(host.inventory()).toMatchObject([{ taskId: 't1', state: 'starting' }])
    expect(await exit()).toEqual({
      kind: 'returned',
      valueJson: JSON.stringify({
        seen: {
          id: 't1',
          type: 'email',
          name: 'hello',
          payload: { to: 'a' },
          attempt: 2,
          fence: 1,
          traceId: 'trace',
          inputs: {},
        },
      }),
    })
    expect(told.started.get(1)).toBe(process.pid)
    expect(host.inventory()).toMatchObject([{ state: 'ended', outBytes: 0 }])
    host.release(1)
    expect(host.inventory()).toEqual([])
  })

  it('may return nothing', async () => {
    start(await hostOf(() => undefined))
    expect(await exit()).toEqual({ kind: 'returned', valueJson: null })
  })

  const circular: Record<string, unknown> = {}
  circular.self = circular
  it.each<[string, FunctionHandler, RegExp]>([
    ['throws', () => Promise.reject(new TypeError('no address')), /^TypeError: no address$/],
    ['throws what is no error', () => Promise.reject('nothing'), /^'nothing'$/],
    ['returns what is no JSON', () => circular, /circular/],
    ['returns a BigInt', () => ({ n: 1n }), /BigInt/],
    ['returns too much', () => 'x'.repeat(limits.resultValueBytesMax), /^RangeError: Its result has 1048578/],
    [
      'returns what the leader would refuse',
      () => JSON.parse('['.repeat(limits.jsonDepthMax + 2) + ']'.repeat(limits.jsonDepthMax + 2)),
      /nested deeper/,
    ],
    ['reports progress that is none', ({ progress }) => progress(2), /^RangeError: progress\(2\)/],
  ])('[FN2] that %s has failed', async (_what, handler, message) => {
    start(await hostOf(handler))
    expect(await exit()).toEqual({ kind: 'threw', message: expect.stringMatching(message) })
  })

  it('for which there is no function cannot be started', async () => {
    start(await hostOf(() => 1), 1, 'sms')
    expect(await exit()).toEqual({
      kind: 'spawn_failed',
      message: 'The worker has no function for tasks of type "sms".',
    })
  })

  it('reports progress while it runs, and nothing after', async () => {
    let context: FunctionContext | null = null
    const host = await hostOf((own) => {
      context = own
      own.progress(0.5, 'half')
    })
    start(host)
    await exit()
    const late = context as FunctionContext | null
    late?.progress(1)
    late?.log('late')
    expect(told.progress).toEqual([{ fence: 1, progress: 0.5, text: 'half', partialJson: null }])
    expect(host.inventory()).toMatchObject([{ outBytes: 0 }])
  })
})

describe('its log', () => {
  it('is its output, handed over before the exit and again from any byte', async () => {
    const host = await hostOf(({ log }) => {
      log('one')
      log('two\n')
    })
    start(host)
    await exit()
    expect(told.text(1, 'out')).toBe('one\ntwo\n')
    expect(told.chunks).toHaveLength(1)
    host.rewind(1, 'out', 4)
    await told.until(() => told.chunks.length === 2)
    expect(told.chunks[1]).toMatchObject({ offset: 4, bytes: Buffer.from('two\n') })
    expect(told.exits).toHaveLength(1)
  })

  it('has the stack of what was thrown', async () => {
    start(await hostOf(() => Promise.reject(new Error('no address'))))
    expect(await exit()).toEqual({ kind: 'threw', message: 'no address' })
    expect(told.text(1, 'out')).toMatch(/^Error: no address\n {4}at .*function-host.test/)
  })

  it('holds the exit back until it is taken', async () => {
    told.hold = true
    start(await hostOf(({ log }) => log('one')))
    await told.until(() => told.held.length === 1)
    expect(told.exits).toEqual([])
    told.held[0]?.()
    expect(await exit()).toMatchObject({ kind: 'returned' })
  })

  it('over its limit is a gap at its beginning', async () => {
    told.hold = true
    const line = 'x'.repeat(99_999)
    const host = await hostOf(({ log }) => {
      for (let n = 0; n < 20; n += 1) log(line)
    })
    start(host)
    const cut = 2_000_000 - limits.functionLogBytesMax
    await told.until(() => told.chunks.length === 1)
    expect(told.gaps.at(0)?.from).toBe(0)
    expect(told.gaps.at(-1)?.to).toBe(cut)
    expect(told.chunks[0]?.offset).toBe(cut)
    told.hold = false
    told.held[0]?.()
    await exit()
    expect(told.text(1, 'out')).toHaveLength(limits.functionLogBytesMax)
    host.rewind(1, 'out', 0)
    expect(told.gaps.at(-1)).toEqual({ fence: 1, stream: 'out', from: 0, to: cut })
  })
})

it('a single text over the limit of its log keeps its end', async () => {
  const host = await hostOf(({ log }) => {
    log('before')
    log(`${'x'.repeat(limits.functionLogBytesMax)}end`)
  })
  start(host)
  await exit()
  expect(told.gaps).toEqual([{ fence: 1, stream: 'out', from: 0, to: 7 + 4 }])
  expect(told.text(1, 'out')).toHaveLength(limits.functionLogBytesMax)
  expect(told.text(1, 'out')).toMatch(/xend\n$/)
})

describe('a stop', () => {
  it('[FN3] aborts the signal with its reason, once', async () => {
    const steps: string[] = []
    let reason: unknown = null
    const host = await hostOf((context) => {
      context.signal.addEventListener('abort', () => {
        reason = context.signal.reason
      })
      return untilAborted(context)
    })
    start(host)
    await told.until(() => told.started.has(1))
    stop(host, steps)
    stop(host, steps)
    expect(steps).toEqual(['abort'])
    expect(reason).toBeInstanceOf(FunctionAbort)
    expect(reason).toMatchObject({ name: 'AbortError', reason: 'cancel' })
    expect(await exit()).toEqual({ kind: 'threw', message: 'AbortError: The task was cancelled.' })
  })

  it('before the call leaves it uncalled', async () => {
    let calls = 0
    const host = await hostOf(() => {
      calls += 1
    })
    start(host)
    stop(host)
    expect(await exit()).toMatchObject({ kind: 'threw' })
    expect(calls).toBe(0)
    expect(told.started.size).toBe(0)
  })

  it('[FN4] abandons a function that goes on after the grace, and drops what it returns', async () => {
    let finish: () => void = () => undefined
    const host = await hostOf(
      () =>
        new Promise<void>((resolve) => {
          finish = resolve
        }),
    )
    start(host)
    await told.until(() => told.started.has(1))
    stop(host, [], 'timeout')
    clock.pass(99)
    expect(told.exits).toEqual([])
    clock.pass(1)
    expect(await exit()).toEqual({
      kind: 'abandoned',
      message: 'Its function has not ended 100 ms after its abort signal and may still run.',
    })
    finish()
    await Promise.resolve()
    expect(told.exits).toHaveLength(1)
  })

  it('that comes again with less grace brings the end forward, and never back', async () => {
    const host = await hostOf(deaf)
    start(host)
    await told.until(() => told.started.has(1))
    stop(host)
    host.stop(1, { graceMs: 10, onStep: () => undefined })
    stop(host)
    clock.pass(10)
    expect(await exit()).toMatchObject({ kind: 'abandoned' })
  })

  it('of a function is no pause', async () => {
    const host = await hostOf(deaf)
    await expect(host.pause()).rejects.toThrow('A function cannot be paused; cancel it instead.')
    await expect(host.resume()).rejects.toThrow('A function is never paused.')
  })

  it('of all ends with the last of them', async () => {
    const host = await hostOf((context) => (context.task.id === 't1' ? deaf() : untilAborted(context)))
    start(host, 1)
    start(host, 2)
    await told.until(() => told.started.size === 2)
    const down = host.shutdown(100)
    expect(await exit(2)).toMatchObject({ kind: 'threw' })
    clock.pass(100)
    await down
    expect(told.exitOf(1)).toMatchObject({ kind: 'abandoned' })
    await host.shutdown(100)
  })
})
