import { execFileSync, spawn } from 'node:child_process'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { goneAll, HostFixture, stateOf } from '../../testing/host-fixture.js'
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

describe('a predecessor', () => {
  /** A master in another process that starts `shell` as run 1 and is then killed. */
  async function killedMaster(shell: string): Promise<readonly number[]> {
    const script = `
      import { createProcessHost } from ${JSON.stringify(join(import.meta.dirname, 'process-host.ts'))}
      const log = { debug() {}, info() {}, warn() {}, error() {} }
      const host = createProcessHost({ dataDir: ${JSON.stringify(fixture.path)}, dataId: ${JSON.stringify(dataId)}, environment: process.env, log })
      await host.attach({
        onAdopted() {}, onStarted() {}, onOutputGap() {}, onProgress() {},
        onOutput(fence, stream, offset, bytes, done) { process.stdout.write(bytes); done() },
        onExit(fence, exit) { process.stdout.write('exit ' + JSON.stringify(exit)) },
      })
      host.start({ taskId: 't1', attempt: 1, fence: 1, argv: null, shell: ${JSON.stringify(shell)}, cwd: null, env: {}, stdin: null, stdinOpen: false, terms: {} })
    `
    const file = join(fixture.path, 'master.mts')
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

  beforeEach(() => fixture.host.shutdown(0))

  it('[WD2] leaves nothing running, and its runs are lost', async () => {
    const pids = await killedMaster(
      `echo $$; setsid sh -c 'trap "" TERM; echo $$; echo ready; exec sleep 600' & wait`,
    )
    expect(pids).toHaveLength(2)
    expect(pids.every((pid) => stateOf(pid) !== null)).toBe(true)
    await fixture.reopen()
    expect(goneAll(pids)).toBe(true)
    expect(fixture.told.exits).toEqual([
      { fence: 1, exit: { kind: 'lost', message: expect.stringMatching(/2 processes.*stopped\.$/) } },
    ])
    expect(fixture.told.text(1, 'out')).toContain('ready')
    expect(fixture.host.inventory()).toMatchObject([{ taskId: 't1', fence: 1, state: 'ended' }])
    fixture.host.release(1)
    expect(existsSync(join(fixture.path, 'runs', '1'))).toBe(false)
  }, 60_000)

  it('that saw an end passes it on', async () => {
    await killedMaster(`echo '{"a":1}' > $AGENTFLOW_RESULT_FILE; exit 4`)
    await fixture.reopen()
    expect(fixture.told.exits).toEqual([
      {
        fence: 1,
        exit: { kind: 'exited', exitCode: 4, signal: null, valueJson: '{"a":1}', valueError: null },
      },
    ])
  }, 60_000)

  it('of another boot is lost without a signal to anyone', async () => {
    const bystander = spawn('sleep', ['600'])
    const run = join(fixture.path, 'runs', '1')
    execFileSync('mkdir', ['-p', run])
    for (const name of ['out', 'err']) writeFileSync(join(run, name), '')
    writeFileSync(
      join(run, 'record.jsonl'),
      `{"note":"run","taskId":"t1","attempt":1,"fence":1,"bootId":"another"}\n{"note":"started","pid":${bystander.pid},"startTicks":1}\n`,
    )
    await fixture.reopen()
    expect(fixture.told.exits).toEqual([
      { fence: 1, exit: { kind: 'lost', message: 'The machine was restarted while it ran.' } },
    ])
    expect(stateOf(bystander.pid ?? 0)).not.toBeNull()
    bystander.kill('SIGKILL')
  })

  it('that came to no start leaves nothing', async () => {
    const run = join(fixture.path, 'runs', '1')
    execFileSync('mkdir', ['-p', run])
    writeFileSync(join(run, 'record.jsonl'), '{"note":"run","ta')
    await fixture.reopen()
    expect(fixture.told.exits).toEqual([])
    expect(readdirSync(join(fixture.path, 'runs'))).toEqual([])
  })
})
