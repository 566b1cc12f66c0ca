import { readdirSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../adapters/clock/system-clock.js'
import { createProcessHost } from '../adapters/process-host/process-host.js'
import { ControlError } from '../core/errors.js'
import type { RunAsk } from '../ports/task-host.js'
import { shellRun, temporaryFolder } from '../testing/host-fixture.js'
import { silentLog } from '../testing/silent-log.js'
import { TaskHostRecorder } from '../testing/task-host-recorder.js'
import { serveWarden, type WardenServer } from './serve.js'
import { Warden } from './warden.js'
import { createWardenClient, type WardenHost } from './warden-client.js'

const dataId = `warden-client-${process.pid}`

let folder: ReturnType<typeof temporaryFolder>
let server: WardenServer | null
let launches: number
const closers: (() => Promise<void>)[] = []

/** A master on the folder of this test. */
function master(socket = 'warden.sock'): { readonly host: WardenHost; readonly told: TaskHostRecorder } {
  const host = createWardenClient({
    socketPath: join(folder.path, socket),
    dataId,
    environment: { PATH: process.env.PATH ?? '' },
    launch: () => {
      launches += 1
      void launch()
    },
    log: silentLog,
  })
  return { host, told: new TaskHostRecorder() }
}

async function launch(): Promise<void> {
  const warden = new Warden({
    host: createProcessHost({ dataDir: folder.path, dataId, environment: {}, log: silentLog }),
    dataId,
    pid: process.pid,
    clock: systemClock,
    log: silentLog,
    onEnd: () => void server?.close(),
  })
  await warden.start()
  server = await serveWarden(join(folder.path, 'warden.sock'), warden)
}

beforeEach(() => {
  folder = temporaryFolder('warden-client')
  server = null
  launches = 0
})
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
  folder.close()
})

/** One line to the socket of a run, and the answer. */
const tell = (line: object): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(join(folder.path, 'run.sock'), () => socket.write(`${JSON.stringify(line)}\n`))
    socket.once('error', reject)
    socket.setEncoding('utf8').once('data', (text: string) => {
      socket.end()
      resolve(text.trim())
    })
  })

describe('a master and its warden', () => {
  it('[EF6] what a run asks goes to the leader, and its answer back to the run', async () => {
    const { host, told } = master()
    const asked: unknown[] = []
    const effect = { key: 'pay', state: 'done', attempt: 1, fence: 1, intentAt: 1, settledAt: 2, value: null }
    const onAsk = async (fence: number, ask: RunAsk): Promise<string> => {
      asked.push([fence, ask])
      if (ask.kind === 'effect' && ask.state === 'done') return JSON.stringify(effect)
      throw new ControlError('effect_ambiguous', 'who knows', { details: { attempt: 1 } })
    }
    await host.attach(Object.assign(told, { onAsk }))
    closers.push(() => host.shutdown(0))
    host.start(shellRun(1, 'sleep 60'))
    await told.until(() => told.started.has(1))
    const note = { key: 'pay', state: 'done', value: { a: 1 } }
    expect(JSON.parse(await tell({ fence: 1, effect: note }))).toEqual({ effect })
    expect(JSON.parse(await tell({ fence: 1, effect: { key: 'pay', state: 'intent' } }))).toEqual({
      error: 'who knows',
      code: 'effect_ambiguous',
      details: { attempt: 1 },
    })
    expect(asked).toEqual([
      [1, { kind: 'effect', key: 'pay', state: 'done', valueJson: '{"a":1}', again: false }],
      [1, { kind: 'effect', key: 'pay', state: 'intent', valueJson: null, again: false }],
    ])
    expect(JSON.parse(await tell({ fence: 9, effect: note }))).toMatchObject({ code: 'stale_fence' })
    host.leave()
    await vi.waitFor(async () =>
      expect(JSON.parse(await tell({ fence: 1, effect: note }))).toMatchObject({ code: 'unavailable' }),
    )
    const next = master()
    await next.host.attach(next.told)
    closers.push(() => next.host.shutdown(0))
  })

  it('[WD1] a new master adopts what goes on, with its terms, and is told the end once, after the output', async () => {
    const first = master()
    await first.host.attach(first.told)
    const gate = join(folder.path, 'gate')
    const terms = {
      agentId: 'a',
      timeoutMs: 60_000,
      stallAfterMs: 5,
      leaseClass: 'strict',
      onDisconnect: 'keep',
    }
    first.host.start(
      shellRun(1, `echo one; until [ -e ${gate} ]; do sleep 0.01; done; echo two; exit 4`, {
        terms: terms as never,
      }),
    )
    await first.told.until(() => first.told.text(1, 'out') === 'one\n')
    first.host.leave()
    const second = master()
    await second.host.attach(second.told)
    closers.push(() => second.host.shutdown(0))
    expect(launches).toBe(1)
    expect(second.told.adopted).toMatchObject([
      { fence: 1, state: 'running', pid: first.told.started.get(1), terms, outBytes: 4 },
    ])
    await second.told.until(() => second.told.text(1, 'out') === 'one\n')
    second.host.start(shellRun(2, `touch ${gate}`))
    await second.told.until(() => second.told.exitOf(1) !== undefined)
    expect(second.told.text(1, 'out')).toBe('one\ntwo\n')
    expect(second.told.exits.filter(({ fence }) => fence === 1)).toMatchObject([{ exit: { exitCode: 4 } }])
    second.host.release(1)
    await second.told.until(() => second.told.exitOf(2) !== undefined)
    await vi.waitFor(() => expect(readdirSync(join(folder.path, 'runs'))).toEqual(['2']))
  })

  it('[WD1] a cut leaves no hole and no repeat in the output, and what was asked meanwhile is done after it', async () => {
    const proxy = await startProxy()
    const { host, told } = master('proxy.sock')
    closers.push(() => host.shutdown(0), proxy.close)
    await host.attach(told)
    told.hold = true
    host.start(shellRun(1, `awk 'BEGIN { for (n = 1; n <= 60000; n++) print "line " n }'`))
    await told.until(() => told.held.length === 1)
    proxy.cut()
    // Not connected yet: it is sent when there is a connection again.
    host.start(shellRun(2, 'exit 5'))
    await told.until(() => told.exitOf(2) !== undefined)
    expect(told.exitOf(2)).toMatchObject({ exitCode: 5 })
    expect(told.exitOf(1)).toBeUndefined()
    told.hold = false
    for (const done of told.held.splice(0)) done()
    await told.until(() => told.exitOf(1) !== undefined)
    const lines = told.text(1, 'out').trimEnd().split('\n')
    expect(lines).toHaveLength(60_000)
    expect(lines.every((line, index) => line === `line ${index + 1}`)).toBe(true)
    expect(told.exits).toHaveLength(2)
    expect(told.started.size).toBe(2)
  })
})

/** A socket in front of the warden's, whose connections can be cut. */
async function startProxy(): Promise<{ cut(): void; close(): Promise<void> }> {
  const sockets = new Set<Socket>()
  const cut = (): void => {
    for (const socket of sockets) socket.destroy()
    sockets.clear()
  }
  const proxy = createServer((socket) => {
    const upstream = connect(join(folder.path, 'warden.sock'))
    for (const [one, other] of [
      [socket, upstream],
      [upstream, socket],
    ] as const) {
      sockets.add(one)
      one.on('error', () => other.destroy()).on('close', () => other.destroy())
      one.pipe(other)
    }
  })
  await launch()
  await new Promise<void>((resolve) => proxy.listen(join(folder.path, 'proxy.sock'), resolve))
  return {
    cut,
    close: () =>
      new Promise((resolve) => {
        proxy.close(() => resolve())
        cut()
      }),
  }
}
