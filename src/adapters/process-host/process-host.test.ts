import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ControlError } from '../../core/errors.js'
import { HostFixture, shellRun } from '../../testing/host-fixture.js'
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

describe('start', () => {
  it('[RN9] names a program that does not exist', async () => {
    fixture.host.start(shellRun(1, '', { argv: ['no-such-program-here', '--flag'], shell: null }))
    expect(await fixture.ended(1)).toEqual({
      kind: 'spawn_failed',
      message: 'The program no-such-program-here does not exist.',
    })
  })

  it('[RN9] names a working directory that does not exist', async () => {
    fixture.host.start(shellRun(1, 'true', { cwd: join(fixture.path, 'nowhere') }))
    expect(await fixture.ended(1)).toEqual({
      kind: 'spawn_failed',
      message: `The working directory ${join(fixture.path, 'nowhere')} does not exist.`,
    })
  })

  it('[RN9] tells a program without the right to run, and one with an interpreter that is missing', async () => {
    const plain = join(fixture.path, 'plain')
    const script = join(fixture.path, 'script')
    writeFileSync(plain, 'x', { mode: 0o644 })
    writeFileSync(script, '#!/no/such/interpreter\n', { mode: 0o755 })
    fixture.host.start(shellRun(1, '', { argv: [plain], shell: null }))
    fixture.host.start(shellRun(2, '', { argv: [script], shell: null }))
    expect(await fixture.ended(1)).toMatchObject({ message: `The program ${plain} may not be executed.` })
    expect(await fixture.ended(2)).toMatchObject({
      message: `The interpreter that the program ${script} names does not exist.`,
    })
  })

  it('says when there is no room for its output', async () => {
    writeFileSync(join(fixture.path, 'runs', '1'), 'a file where a folder should be')
    fixture.host.start(shellRun(1, 'true'))
    expect(await fixture.ended(1)).toEqual({
      kind: 'spawn_failed',
      message: "The folder for the run's output cannot be made (EEXIST).",
    })
  })

  it('[RN11] gives the task its marks, its own variables and its working directory', async () => {
    const env = { GREETING: 'hi', AGENTFLOW_FENCE: '999', AGENTFLOW_IDEMPOTENCY_KEY: 'key-1' }
    fixture.host.start(shellRun(5, 'env; pwd', { cwd: fixture.path, env, attempt: 2 }))
    await fixture.ended(5)
    const lines = fixture.told.text(5, 'out').trim().split('\n')
    expect(lines).toEqual(
      expect.arrayContaining([
        'AGENTFLOW_TASK_ID=t5',
        'AGENTFLOW_ATTEMPT=2',
        'AGENTFLOW_FENCE=5',
        `AGENTFLOW_DATA_ID=${dataId}`,
        'AGENTFLOW_IDEMPOTENCY_KEY=key-1',
        `AGENTFLOW_RESULT_FILE=${join(fixture.path, 'runs', '5', 'result.json')}`,
        `AGENTFLOW_SOCKET=${join(fixture.path, 'run.sock')}`,
        'GREETING=hi',
        'HOME=/nowhere',
        fixture.path,
      ]),
    )
  })

  it('has its own session', async () => {
    fixture.host.start(shellRun(1, 'ps -o sid= -p $$; echo $$'))
    await fixture.ended(1)
    const [session, pid] = fixture.told.text(1, 'out').trim().split(/\s+/)
    expect(session).toBe(pid)
  })
})

describe('standard input', () => {
  it('is empty when nothing is given', async () => {
    fixture.host.start(shellRun(1, 'cat; echo end'))
    await fixture.ended(1)
    expect(fixture.told.text(1, 'out')).toBe('end\n')
  })

  it('is written and closed', async () => {
    const stdin = 'x'.repeat(200_000)
    fixture.host.start(shellRun(1, 'wc -c', { stdin }))
    await fixture.ended(1)
    expect(Number(fixture.told.text(1, 'out'))).toBe(stdin.length)
  })

  it('may be left unread', async () => {
    fixture.host.start(shellRun(1, 'exec true', { stdin: 'x'.repeat(1_000_000) }))
    expect(await fixture.ended(1)).toMatchObject({ exitCode: 0 })
  })

  it('[SL3] stays open when asked, and whoever blocks reading it is found', async () => {
    fixture.host.start(shellRun(1, 'echo ready; cat | cat; echo never', { stdinOpen: true }))
    await fixture.output(1, 'ready')
    // The shell's child is a shell too until it has become cat.
    await vi.waitFor(
      async () =>
        expect(await fixture.host.evidence(1)).toMatchObject({
          waitsForInput: true,
          waitingFor: expect.stringContaining('cat'),
        }),
      { timeout: 20_000 },
    )
    expect(fixture.told.exitOf(1)).toBeUndefined()
  })

  it('[SL3] a pipe between two programs is not it', async () => {
    fixture.host.start(shellRun(1, 'echo ready; sleep 600 | cat', { stdinOpen: true }))
    await fixture.output(1, 'ready')
    await vi.waitFor(
      async () => expect((await fixture.host.evidence(1))?.processes.length).toBeGreaterThanOrEqual(3),
      {
        timeout: 20_000,
      },
    )
    expect((await fixture.host.evidence(1))?.waitsForInput).toBe(false)
    expect((await fixture.host.evidence(1))?.waitingFor).not.toBe('')
  })
})

describe('result', () => {
  it('is the JSON that the task left', async () => {
    fixture.host.start(shellRun(1, `echo '{"answer": [42, null]}' > $AGENTFLOW_RESULT_FILE`))
    expect(await fixture.ended(1)).toMatchObject({
      exitCode: 0,
      valueJson: '{"answer":[42,null]}',
      valueError: null,
    })
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
    fixture.host.start(shellRun(1, shell))
    expect(await fixture.ended(1)).toMatchObject({
      exitCode: 0,
      valueJson: null,
      valueError: expect.stringContaining(words),
    })
  })
})

describe('progress', () => {
  const report = (line: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(join(fixture.path, 'run.sock'), () => socket.write(line))
      socket.setEncoding('utf8')
      socket.once('data', (answer: string) => {
        socket.destroy()
        resolve(answer)
      })
      socket.once('close', () => resolve('closed'))
      socket.once('error', reject)
    })

  it('is taken from a live run, and refused of another', async () => {
    fixture.host.start(shellRun(1, 'echo ready; exec sleep 600'))
    await fixture.output(1, 'ready')
    expect(await report('{"fence":1,"progress":0.4,"text":"halfway","partial":{"rows":3}}\n')).toBe(
      '{"ok":true}\n',
    )
    expect(fixture.told.progress).toEqual([
      { fence: 1, progress: 0.4, text: 'halfway', partialJson: '{"rows":3}' },
    ])
    expect(await report('{"fence":2,"progress":0.4}\n')).toContain('no live run with fence 2')
    expect(await report('{"fence":1,"progress":7}\n')).toContain('error')
    expect(await report('not json\n')).toContain('error')
    expect(await report(`${'x'.repeat(100_000)}`)).toBe('closed')
    expect(fixture.told.progress).toHaveLength(1)
  })
  it('[FC1] a run whose lease is over is what the leader says it is', async () => {
    const said: (() => Promise<string>)[] = [
      async () => '{"fence":"current"}',
      async () => '{"fence":"stale"}',
      () => Promise.reject(new ControlError('unavailable', 'no leader')),
      async () => '{"fence":"who knows"}',
    ]
    let isHeld = true
    const asked: unknown[] = []
    Object.assign(fixture.told, {
      holdsLease: () => isHeld,
      onAsk: (fence: number, ask: unknown) => {
        asked.push([fence, ask])
        return said.shift()?.()
      },
    })
    fixture.host.start(shellRun(1, 'echo ready; exec sleep 600'))
    await fixture.output(1, 'ready')
    const check = '{"fence":1,"check":true}\n'
    expect(await report(check)).toBe('{"fence":"current"}\n')
    expect(await report('{"fence":2,"check":true}\n')).toBe('{"fence":"stale"}\n')
    expect(asked).toEqual([])
    isHeld = false
    const answers = [await report(check), await report(check), await report(check), await report(check)]
    expect(answers.map((answer) => JSON.parse(answer).fence)).toEqual([
      'current',
      'stale',
      'unknown',
      'unknown',
    ])
    expect(asked).toEqual(Array(4).fill([1, { kind: 'fence' }]))
  })

  it('answers in order, and reads no further while it waits for the leader', async () => {
    let answer: (json: string) => void = () => undefined
    const effect = {
      key: 'pay',
      state: 'intent',
      attempt: 1,
      fence: 1,
      intentAt: 1,
      settledAt: null,
      value: null,
    }
    Object.assign(fixture.told, { onAsk: () => new Promise((resolve) => (answer = resolve)) })
    fixture.host.start(shellRun(1, 'echo ready; exec sleep 600'))
    await fixture.output(1, 'ready')
    const heard: string[] = []
    const socket = connect(join(fixture.path, 'run.sock'), () => {
      socket.write('{"fence":1,"effect":{"key":"pay","state":"intent"}}\n{"fence":1,"progress":0.5}\n')
    })
    socket.setEncoding('utf8').on('data', (text: string) => heard.push(...text.split('\n').slice(0, -1)))
    await vi.waitFor(() => expect(answer.length).toBe(1))
    expect([heard, fixture.told.progress]).toEqual([[], []])
    answer(JSON.stringify(effect))
    await vi.waitFor(() => expect(heard).toEqual([JSON.stringify({ effect }), '{"ok":true}']))
    socket.destroy()
  })
})
