import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { LinePage } from '../../src/contract/line.js'
import type { Receipt, Task } from '../../src/contract/task.js'
import type { Worker } from '../../src/contract/worker.js'
import { Mailbox } from '../../src/testing/mailbox.js'
import { poll } from './poll.js'

/**
 * A whole master in another language, written from docs/protocol.md: Debian's python3-grpcio with stubs that protoc
 * makes here.
 */
const root = fileURLToPath(new URL('../../', import.meta.url))
const python = '/usr/bin/python3'
let scratch = ''
let stubs = ''

beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'agentflow-python-'))
  stubs = join(scratch, 'stubs')
  mkdirSync(stubs)
  execFileSync('protoc', [
    `--proto_path=${root}proto`,
    `--python_out=${stubs}`,
    `--grpc_out=${stubs}`,
    '--plugin=protoc-gen-grpc=/usr/bin/grpc_python_plugin',
    'agentflow/v1/node_sync.proto',
  ])
})
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

interface Ready {
  readonly api: string
  readonly token: string
  readonly joinFile: string
}

/** A process of ours: its JSON lines, and its end on clean-up. */
function start(program: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env) {
  const child = spawn(program, args, { cwd: root, env, stdio: ['pipe', 'pipe', 'pipe'] })
  const events = new Mailbox<Record<string, unknown>>(`line of ${program}`)
  const errors: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => events.push(JSON.parse(line)))
  createInterface({ input: child.stderr }).on('line', (line) => errors.push(line))
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()))
  cleanups.push(async () => {
    child.kill('SIGTERM')
    await exited
  })
  return { child, events, errors, exited }
}

async function startLeader(args: readonly string[] = []) {
  const dataDir = mkdtempSync(join(scratch, 'leader-'))
  const leader = start(process.execPath, [
    'dist/cli/main.js',
    'leader',
    '--json',
    '--allow-root',
    ...['--http', '127.0.0.1:0', '--grpc', '127.0.0.1:0', '--data', dataDir],
    ...args,
  ])
  const ready = (await leader.events.next(() => true, 20_000)) as unknown as Ready
  const call = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await fetch(`${ready.api}${path}`, {
      method,
      headers: { authorization: `Bearer ${ready.token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const answer = (await response.json()) as T
    if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`)
    return answer
  }
  return {
    ready,
    submit: (command: string, more: object = {}) =>
      call<Task>('POST', '/api/tasks', {
        type: 'command',
        payload: { command: ['sh', '-c', command] },
        ...more,
      }),
    control: (taskId: string, action: string) =>
      call<Receipt>('POST', `/api/tasks/${taskId}/${action}?wait=10000`, {}),
    lines: (taskId: string) => call<LinePage>('GET', `/api/tasks/${taskId}/logs`),
    task: (taskId: string, wanted: (task: Task) => boolean) =>
      poll(`task ${taskId}`, async () => {
        const task = await call<Task>('GET', `/api/tasks/${taskId}`)
        return wanted(task) ? task : null
      }),
    worker: (wanted: (worker: Worker) => boolean) =>
      poll('worker py-1', async () => {
        const { workers } = await call<{ workers: Worker[] }>('GET', '/api/workers')
        return workers.find((worker) => worker.workerId === 'py-1' && wanted(worker)) ?? null
      }),
  }
}

function startMaster(joinFile: string) {
  const dataDir = mkdtempSync(join(scratch, 'master-'))
  const program = join(root, 'test/e2e/python-master/master.py')
  const master = start(python, [program, joinFile, 'py-1', dataDir], {
    ...process.env,
    PYTHONPATH: stubs,
    PYTHONDONTWRITEBYTECODE: '1',
  })
  const event = (name: string) => master.events.next((value) => value.event === name, 20_000)
  const say = (word: string): void => void master.child.stdin.write(`${word}\n`)
  return { ...master, event, say }
}

describe('a master in Python', () => {
  it('registers, runs a task for real and reports its output, result and end', async () => {
    const leader = await startLeader()
    const master = startMaster(leader.ready.joinFile)
    expect(await master.event('welcome')).toMatchObject({ resumed: false })
    expect(await leader.worker((worker) => worker.status === 'online')).toMatchObject({
      os: 'linux',
      maxAgents: 2,
      labels: { language: 'python' },
      projectTypes: ['command'],
    })
    const command =
      'echo one; echo two >&2; printf "[%s]" "$AGENTFLOW_FENCE" > "$AGENTFLOW_RESULT_FILE"; exit 3'
    const { taskId } = await leader.submit(command)
    const task = await leader.task(taskId, ({ status }) => status === 'failed')
    expect(task).toMatchObject({
      phase: 'exit',
      workerId: 'py-1',
      result: { exitCode: 3, value: [task.fence] },
    })
    const lines = await poll('both lines', async () => {
      const page = await leader.lines(taskId)
      return page.lines.length === 2 ? page.lines : null
    })
    expect(lines).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ stream: 'out', text: 'one' }),
        expect.objectContaining({ stream: 'err', text: 'two' }),
      ]),
    )
    const missing = await leader.submit('true', { payload: { command: ['/no/such/program'] } })
    expect(await leader.task(missing.taskId, ({ status }) => status === 'failed')).toMatchObject({
      phase: 'spawn_failed',
      error: { message: expect.stringContaining('/no/such/program') },
    })
  })

  it('pauses, resumes and cancels with receipts', async () => {
    const leader = await startLeader()
    startMaster(leader.ready.joinFile)
    const { taskId } = await leader.submit('sleep 60')
    await leader.task(taskId, ({ phase }) => phase === 'running')
    expect(await leader.control(taskId, 'pause')).toMatchObject({ state: 'done' })
    expect(await leader.task(taskId, () => true)).toMatchObject({ phase: 'paused' })
    expect(await leader.control(taskId, 'resume')).toMatchObject({ state: 'done' })
    const receipt = await leader.control(taskId, 'cancel')
    expect(receipt.steps.map((step) => step.state)).toEqual(['sent', 'received', 'acting', 'stopped'])
    await leader.task(taskId, ({ status }) => status === 'cancelled')
  })

  it('[ST3] [ST5] resumes after a cut: what happened meanwhile arrives once, without a hole', async () => {
    const leader = await startLeader()
    const master = startMaster(leader.ready.joinFile)
    await master.event('welcome')
    const go = join(scratch, `go-${process.hrtime.bigint()}`)
    const { taskId } = await leader.submit(
      `echo before; while [ ! -e ${go} ]; do sleep 0.05; done; for i in 1 2 3; do echo after $i; done`,
    )
    await leader.task(taskId, ({ phase }) => phase === 'running')
    master.say('cut')
    await leader.worker((worker) => worker.status === 'unknown')
    expect(await leader.task(taskId, () => true)).toMatchObject({ phase: 'unknown' })
    writeFileSync(go, '')
    await master.event('run_ended')
    master.say('join')
    expect(await master.event('welcome')).toMatchObject({ resumed: true })
    const task = await leader.task(taskId, ({ status }) => status === 'completed')
    expect(task).toMatchObject({ attempt: 1, attempts: [{ outcome: 'succeeded' }] })
    const lines = await poll('all lines', async () => {
      const page = await leader.lines(taskId)
      return page.lines.length >= 4 ? page.lines : null
    })
    expect(lines.map((line) => [line.n, 'text' in line ? line.text : 'gap'])).toEqual([
      [1, 'before'],
      [2, 'after 1'],
      [3, 'after 2'],
      [4, 'after 3'],
    ])
  })

  it('[AC6] joins over TLS by the pinned authority, and is refused with another key', async () => {
    const leader = await startLeader(['--tls', 'auto'])
    const master = startMaster(leader.ready.joinFile)
    await master.event('welcome')
    const file = JSON.parse(readFileSync(leader.ready.joinFile, 'utf8'))
    expect(file.caPem).toContain('BEGIN CERTIFICATE')
    const stolen = join(scratch, 'wrong-key.json')
    writeFileSync(stolen, JSON.stringify({ ...file, key: 'afj_wrong' }))
    expect(await startMaster(stolen).event('ended')).toMatchObject({
      status: 'UNAUTHENTICATED',
      code: 'not_authenticated',
    })
  })

  it('[ST10] a second process with the same id is told so', async () => {
    const leader = await startLeader()
    await startMaster(leader.ready.joinFile).event('welcome')
    expect(await startMaster(leader.ready.joinFile).event('goodbye')).toMatchObject({ code: 'node_conflict' })
  })
})
