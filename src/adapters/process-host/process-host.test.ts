import { execFileSync, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { StartRun, TaskHost } from '../../ports/task-host.js'
import { shellRun, stateOf, temporaryFolder } from '../../testing/host-fixture.js'
import { silentLog } from '../../testing/silent-log.js'
import { TaskHostRecorder } from '../../testing/task-host-recorder.js'
import { createProcessHost } from './process-host.js'

const dataId = `host-test-${process.pid}`
const environment = { PATH: process.env.PATH ?? '', HOME: '/nowhere' }

let folder: ReturnType<typeof temporaryFolder>
let host: TaskHost
let told: TaskHostRecorder

const newHost = (
  options: { readonly spoolBytesMax?: number; readonly useCgroups?: boolean } = {},
): TaskHost => createProcessHost({ dataDir: folder.path, dataId, environment, log: silentLog, ...options })

beforeEach(async () => {
  folder = temporaryFolder('host')
  host = newHost()
  told = new TaskHostRecorder()
  await host.attach(told)
})
afterEach(async () => {
  await host.shutdown(0)
  folder.close()
})

const start = (run: StartRun): void => host.start(run)
const ended = async (fence: number) => {
  await told.until(() => told.exitOf(fence) !== undefined)
  return told.exitOf(fence)
}
const output = async (fence: number, text: string): Promise<void> =>
  told.until(() => told.text(fence, 'out').includes(text))

/** Pids that the run prints, one a line, once there are `count`. */
async function printedPids(fence: number, count: number): Promise<readonly number[]> {
  await told.until(() => told.text(fence, 'out').trim().split('\n').filter(Boolean).length >= count)
  return told.text(fence, 'out').trim().split('\n').map(Number)
}

const gone = (pids: readonly number[]): boolean => pids.every((pid) => stateOf(pid) === null)

// Each prints the pids of what it leaves behind, then its own.
const escapees = {
  'a process of another session': `setsid sh -c 'echo $$; exec sleep 600' & sleep 0.1; echo $$; wait`,
  'a daemon that forked twice and lost its parent': `(setsid sh -c 'sh -c "echo \\$\\$; exec sleep 600" &' &) ; sleep 0.1; echo $$; exec sleep 600`,
  'one that ignores TERM and HUP': `(trap '' TERM HUP; sh -c 'echo $$; exec sleep 600' &) ; echo $$; exec sleep 600`,
  'one that cleared its environment': `env -i setsid sh -c 'echo $$; exec sleep 600' & echo $$; wait`,
}

describe.each([true, false])('the whole tree, cgroups where they can be made: %s', (useCgroups) => {
  beforeEach(async () => {
    await host.shutdown(0)
    host = newHost({ useCgroups })
    await host.attach(told)
  })

  it.each(Object.entries(escapees))('[RN12] %s ends with a stop', async (_name, shell) => {
    start(shellRun(1, shell))
    const pids = await printedPids(1, 2)
    expect(pids.every((pid) => stateOf(pid) !== null)).toBe(true)
    // One look while everyone is there, as the sampler takes each second.
    expect(host.usage(1)?.processes).toBeGreaterThanOrEqual(2)
    host.stop(1, { graceMs: 100, onStep: () => undefined })
    await ended(1)
    expect(gone(pids)).toBe(true)
  })

  it('[RN12] what is left when the main program exits is ended before the exit is told', async () => {
    start(shellRun(1, `(setsid sh -c 'trap "" TERM; echo $$; exec sleep 600' &); sleep 0.2; exit 3`))
    expect(await ended(1)).toMatchObject({ kind: 'exited', exitCode: 3 })
    expect(gone(await printedPids(1, 1))).toBe(true)
  })

  it('[RC5] TERM, the grace, then KILL; each step says how many', async () => {
    start(
      shellRun(
        1,
        `trap '' TERM; sh -c 'trap "" TERM; echo $$; while :; do sleep 1; done' & echo $$; wait; while :; do sleep 1; done`,
      ),
    )
    await printedPids(1, 2)
    const steps: { step: string; processes: number }[] = []
    host.stop(1, { graceMs: 150, onStep: (step, processes) => steps.push({ step, processes }) })
    expect(await ended(1)).toMatchObject({ signal: 'SIGKILL' })
    expect(steps.map(({ step }) => step)).toEqual(['term', 'kill'])
    expect(steps[0]?.processes).toBeGreaterThanOrEqual(2)
  })

  it('a child may use the grace although its parent is gone', async () => {
    const file = join(folder.path, 'cleaned')
    start(
      shellRun(
        1,
        `sh -c 'trap "sleep 0.3; echo yes > ${file}; exit" TERM; echo ready; while :; do sleep 0.05; done' & wait`,
      ),
    )
    await output(1, 'ready')
    host.stop(1, { graceMs: 5_000, onStep: () => undefined })
    await ended(1)
    expect(readFileSync(file, 'utf8')).toBe('yes\n')
  })

  it('[RC6] pause stops every process until all read T; resume continues each', async () => {
    start(
      shellRun(
        1,
        `setsid sh -c 'echo $$; while :; do sleep 0.01; done' & (sh -c 'echo $$; exec sleep 600' &); echo $$; while :; do sleep 0.01; done`,
      ),
    )
    const pids = await printedPids(1, 3)
    expect(await host.pause(1)).toBeGreaterThanOrEqual(3)
    expect(pids.map(stateOf)).toEqual(pids.map(() => 'T'))
    expect(await host.resume(1)).toBeGreaterThanOrEqual(3)
    expect(pids.map(stateOf)).not.toContain('T')
    host.stop(1, { graceMs: 2_000, onStep: () => undefined })
    await ended(1)
  })

  it('counts CPU of children that are gone', async () => {
    start(shellRun(1, `sh -c 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done'; echo done; exec sleep 600`))
    await output(1, 'done')
    await vi.waitFor(() => expect(host.usage(1)?.cpuMs).toBeGreaterThanOrEqual(20), { timeout: 2_000 })
    expect(host.usage(1)?.memoryBytes).toBeGreaterThan(0)
  })
})

describe('start', () => {
  it('[RN9] names a program that does not exist', async () => {
    start(shellRun(1, '', { argv: ['no-such-program-here', '--flag'], shell: null }))
    expect(await ended(1)).toEqual({
      kind: 'spawn_failed',
      message: 'The program no-such-program-here does not exist.',
    })
  })

  it('[RN9] names a working directory that does not exist', async () => {
    start(shellRun(1, 'true', { cwd: join(folder.path, 'nowhere') }))
    expect(await ended(1)).toEqual({
      kind: 'spawn_failed',
      message: `The working directory ${join(folder.path, 'nowhere')} does not exist.`,
    })
  })

  it('[RN9] tells a program without the right to run, and one with an interpreter that is missing', async () => {
    const plain = join(folder.path, 'plain')
    const script = join(folder.path, 'script')
    writeFileSync(plain, 'x', { mode: 0o644 })
    writeFileSync(script, '#!/no/such/interpreter\n', { mode: 0o755 })
    start(shellRun(1, '', { argv: [plain], shell: null }))
    start(shellRun(2, '', { argv: [script], shell: null }))
    expect(await ended(1)).toMatchObject({ message: `The program ${plain} may not be executed.` })
    expect(await ended(2)).toMatchObject({
      message: `The interpreter that the program ${script} names does not exist.`,
    })
  })

  it('[RN11] gives the task its marks, its own variables and its working directory', async () => {
    const env = { GREETING: 'hi', AGENTFLOW_FENCE: '999', AGENTFLOW_IDEMPOTENCY_KEY: 'key-1' }
    start(shellRun(5, 'env; pwd', { cwd: folder.path, env, attempt: 2 }))
    await ended(5)
    const lines = told.text(5, 'out').trim().split('\n')
    expect(lines).toEqual(
      expect.arrayContaining([
        'AGENTFLOW_TASK_ID=t5',
        'AGENTFLOW_ATTEMPT=2',
        'AGENTFLOW_FENCE=5',
        `AGENTFLOW_DATA_ID=${dataId}`,
        'AGENTFLOW_IDEMPOTENCY_KEY=key-1',
        `AGENTFLOW_RESULT_FILE=${join(folder.path, 'runs', '5', 'result.json')}`,
        `AGENTFLOW_SOCKET=${join(folder.path, 'run.sock')}`,
        'GREETING=hi',
        'HOME=/nowhere',
        folder.path,
      ]),
    )
  })

  it('has its own session', async () => {
    start(shellRun(1, 'ps -o sid= -p $$; echo $$'))
    await ended(1)
    const [session, pid] = told.text(1, 'out').trim().split(/\s+/)
    expect(session).toBe(pid)
  })
})

describe('standard input', () => {
  it('is empty when nothing is given', async () => {
    start(shellRun(1, 'cat; echo end'))
    await ended(1)
    expect(told.text(1, 'out')).toBe('end\n')
  })

  it('is written and closed', async () => {
    const stdin = 'x'.repeat(200_000)
    start(shellRun(1, 'wc -c', { stdin }))
    await ended(1)
    expect(Number(told.text(1, 'out'))).toBe(stdin.length)
  })

  it('may be left unread', async () => {
    start(shellRun(1, 'exec true', { stdin: 'x'.repeat(1_000_000) }))
    expect(await ended(1)).toMatchObject({ exitCode: 0 })
  })

  it('[SL3] stays open when asked, and whoever blocks reading it is found', async () => {
    start(shellRun(1, 'echo ready; cat | cat; echo never', { stdinOpen: true }))
    await output(1, 'ready')
    await vi.waitFor(() => expect(host.evidence(1)?.waitsForInput).toBe(true), { timeout: 3_000 })
    expect(host.evidence(1)?.waitingFor).toContain('cat')
    expect(told.exitOf(1)).toBeUndefined()
  })

  it('[SL3] a pipe between two programs is not it', async () => {
    start(shellRun(1, 'echo ready; sleep 600 | cat', { stdinOpen: true }))
    await output(1, 'ready')
    await vi.waitFor(() => expect(host.evidence(1)?.processes.length).toBeGreaterThanOrEqual(3))
    expect(host.evidence(1)?.waitsForInput).toBe(false)
    expect(host.evidence(1)?.waitingFor).not.toBe('')
  })
})

describe('output', () => {
  it('hands over a flood exactly, byte for byte', async () => {
    start(shellRun(1, `awk 'BEGIN { for (n = 1; n <= 100000; n++) print "line " n; }'; echo err >&2`))
    await ended(1)
    const expected = `${Array.from({ length: 100_000 }, (_, n) => `line ${n + 1}`).join('\n')}\n`
    expect(told.text(1, 'out') === expected).toBe(true)
    expect(told.text(1, 'err')).toBe('err\n')
    let offset = 0
    for (const chunk of told.chunks.filter(({ stream }) => stream === 'out')) {
      expect(chunk.offset).toBe(offset)
      offset += chunk.bytes.length
    }
    expect(host.inventory()[0]).toMatchObject({ outBytes: expected.length, errBytes: 4 })
    expect(told.gaps).toEqual([])
  })

  it('comes while the program runs', async () => {
    start(shellRun(1, 'echo first; exec sleep 600'))
    await output(1, 'first')
    expect(told.exitOf(1)).toBeUndefined()
  })

  it('follows `> /dev/stderr`, which empties the file behind it', async () => {
    start(
      shellRun(
        1,
        'echo a long first line >&2; sleep 0.2; echo second > /dev/stderr; sleep 0.2; echo third >&2',
      ),
    )
    await ended(1)
    expect(told.text(1, 'err')).toBe('a long first line\nsecond\nthird\n')
  })

  it('is cut at its limit without losing what was handed over, and the cut is a gap', async () => {
    await host.shutdown(0)
    host = newHost({ spoolBytesMax: 256 * 1024 })
    await host.attach(told)
    const burst = `awk 'BEGIN { for (n = 1; n <= 20000; n++) print "line " n; }'; sleep 0.05;`
    start(shellRun(1, burst.repeat(8)))
    await ended(1)
    const expected = Array.from({ length: 8 * 20_000 }, (_, n) => `line ${(n % 20_000) + 1}\n`).join('')
    const lost = told.gaps.reduce((sum, { from, to }) => sum + to - from, 0)
    expect(told.text(1, 'out').length + lost).toBe(expected.length)
    for (const { offset, bytes } of told.chunks) {
      expect(Buffer.from(bytes).toString()).toBe(expected.slice(offset, offset + bytes.length))
    }
    told.chunks.length = 0
    told.gaps.length = 0
    host.rewind(1, 'out', 0)
    await told.until(
      () => told.gaps.length > 0 && (told.gaps[0]?.to ?? 0) + told.text(1, 'out').length === expected.length,
    )
    expect(told.gaps).toMatchObject([{ from: 0 }])
    expect(told.gaps[0]?.to).toBeGreaterThanOrEqual(expected.length - 2 * 256 * 1024)
  })
})

describe('result', () => {
  it('is the JSON that the task left', async () => {
    start(shellRun(1, `echo '{"answer": [42, null]}' > $AGENTFLOW_RESULT_FILE`))
    expect(await ended(1)).toMatchObject({ exitCode: 0, valueJson: '{"answer":[42,null]}', valueError: null })
  })

  it.each([
    ['is not JSON', 'echo nope > $AGENTFLOW_RESULT_FILE'],
    ['is not a file', 'mkfifo $AGENTFLOW_RESULT_FILE'],
    ['at most 1048576', 'head -c 1048577 /dev/zero > $AGENTFLOW_RESULT_FILE'],
    [
      'levels deep',
      `printf '[%.0s' $(seq 100) > $AGENTFLOW_RESULT_FILE; printf ']%.0s' $(seq 100) >> $AGENTFLOW_RESULT_FILE`,
    ],
    [
      'when written out',
      `awk 'BEGIN { printf "["; for (n = 0; n < 100000; n++) printf "1e20,"; print "1]" }' > $AGENTFLOW_RESULT_FILE`,
    ],
  ])('says why it does not count: it %s', async (words, shell) => {
    start(shellRun(1, shell))
    expect(await ended(1)).toMatchObject({
      exitCode: 0,
      valueJson: null,
      valueError: expect.stringContaining(words),
    })
  })
})

describe('progress', () => {
  const report = (line: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(join(folder.path, 'run.sock'), () => socket.write(line))
      socket.setEncoding('utf8')
      socket.once('data', (answer: string) => {
        socket.destroy()
        resolve(answer)
      })
      socket.once('close', () => resolve('closed'))
      socket.once('error', reject)
    })

  it('is taken from a live run, and refused of another', async () => {
    start(shellRun(1, 'echo ready; exec sleep 600'))
    await output(1, 'ready')
    expect(await report('{"fence":1,"progress":0.4,"text":"halfway","partial":{"rows":3}}\n')).toBe(
      '{"ok":true}\n',
    )
    expect(told.progress).toEqual([{ fence: 1, progress: 0.4, text: 'halfway', partialJson: '{"rows":3}' }])
    expect(await report('{"fence":2,"progress":0.4}\n')).toContain('no live run with fence 2')
    expect(await report('{"fence":1,"progress":7}\n')).toContain('error')
    expect(await report('not json\n')).toContain('error')
    expect(await report(`${'x'.repeat(100_000)}`)).toBe('closed')
    expect(told.progress).toHaveLength(1)
  })
})

describe('a predecessor', () => {
  /** A master in another process that starts `shell` as run 1 and is then killed. */
  async function killedMaster(shell: string): Promise<readonly number[]> {
    const script = `
      import { createProcessHost } from ${JSON.stringify(join(import.meta.dirname, 'process-host.ts'))}
      const log = { debug() {}, info() {}, warn() {}, error() {} }
      const host = createProcessHost({ dataDir: ${JSON.stringify(folder.path)}, dataId: ${JSON.stringify(dataId)}, environment: process.env, log })
      await host.attach({
        onStarted() {}, onOutputGap() {}, onProgress() {},
        onOutput(fence, stream, offset, bytes, done) { process.stdout.write(bytes); done() },
        onExit(fence, exit) { process.stdout.write('exit ' + JSON.stringify(exit)) },
      })
      host.start({ taskId: 't1', attempt: 1, fence: 1, argv: null, shell: ${JSON.stringify(shell)}, cwd: null, env: {}, stdin: null, stdinOpen: false })
    `
    const file = join(folder.path, 'master.mts')
    writeFileSync(file, script)
    const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let text = ''
    await new Promise<void>((resolve) => {
      child.stdout.on('data', (bytes: Buffer) => {
        text += bytes.toString()
        if (text.includes('ready') || text.includes('exit')) resolve()
      })
    })
    child.kill('SIGKILL')
    await new Promise((resolve) => child.once('exit', resolve))
    return text
      .split('\n')
      .filter((line) => /^\d+$/.test(line))
      .map(Number)
  }

  beforeEach(() => host.shutdown(0))

  it('[ST12] leaves nothing running, and its runs are lost', async () => {
    const pids = await killedMaster(
      `setsid sh -c 'trap "" TERM; echo $$; exec sleep 600' & sleep 0.1; echo $$; echo ready; wait`,
    )
    expect(pids).toHaveLength(2)
    expect(pids.every((pid) => stateOf(pid) !== null)).toBe(true)
    host = newHost()
    await host.attach(told)
    expect(gone(pids)).toBe(true)
    expect(told.exits).toEqual([
      { fence: 1, exit: { kind: 'lost', message: expect.stringMatching(/2 processes.*stopped\.$/) } },
    ])
    expect(told.text(1, 'out')).toContain('ready')
    expect(host.inventory()).toMatchObject([{ taskId: 't1', fence: 1, state: 'ended' }])
    host.release(1)
    expect(existsSync(join(folder.path, 'runs', '1'))).toBe(false)
  }, 20_000)

  it('that saw an end passes it on', async () => {
    await killedMaster(`echo '{"a":1}' > $AGENTFLOW_RESULT_FILE; exit 4`)
    host = newHost()
    await host.attach(told)
    expect(told.exits).toEqual([
      {
        fence: 1,
        exit: { kind: 'exited', exitCode: 4, signal: null, valueJson: '{"a":1}', valueError: null },
      },
    ])
  }, 20_000)

  it('of another boot is lost without a signal to anyone', async () => {
    const bystander = spawn('sleep', ['600'])
    const run = join(folder.path, 'runs', '1')
    execFileSync('mkdir', ['-p', run])
    for (const name of ['out', 'err']) writeFileSync(join(run, name), '')
    writeFileSync(
      join(run, 'record.jsonl'),
      `{"note":"run","taskId":"t1","attempt":1,"fence":1,"bootId":"another"}\n{"note":"started","pid":${bystander.pid},"startTicks":1}\n`,
    )
    host = newHost()
    await host.attach(told)
    expect(told.exits).toEqual([
      { fence: 1, exit: { kind: 'lost', message: 'The machine was restarted while it ran.' } },
    ])
    expect(stateOf(bystander.pid ?? 0)).not.toBeNull()
    bystander.kill('SIGKILL')
  })

  it('that came to no start leaves nothing', async () => {
    const run = join(folder.path, 'runs', '1')
    execFileSync('mkdir', ['-p', run])
    writeFileSync(join(run, 'record.jsonl'), '{"note":"run","ta')
    host = newHost()
    await host.attach(told)
    expect(told.exits).toEqual([])
    expect(readdirSync(join(folder.path, 'runs'))).toEqual([])
  })
})
