import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { Task } from '../../src/contract/task.js'
import { agentSchema } from '../../src/contract/worker.js'
import { agentflow, Fleet, freePort, JsonProcess, temporaryFolder } from './fleet.js'
import { poll } from './poll.js'

const fleets: Fleet[] = []
const folders: string[] = []
const processes: JsonProcess[] = []
const start = async (args: readonly string[] = ['--masters', '1'], folder?: string): Promise<Fleet> => {
  const fleet = await Fleet.start(args, folder)
  fleets.push(fleet)
  return fleet
}
const folderOf = (): string => {
  const folder = temporaryFolder()
  folders.push(folder)
  return folder
}
afterEach(async () => {
  for (const process of processes.splice(0)) await process.stop()
  for (const fleet of fleets.splice(0)) await fleet.stop()
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

const root = process.getuid?.() === 0 ? ['--allow-root'] : []

/** Processes whose environment names one of this folder's masters. */
function descendants(folder: string): number[] {
  const ids = readdirSync(join(folder, 'masters')).map(
    (name) =>
      (JSON.parse(readFileSync(join(folder, 'masters', name, 'node.json'), 'utf8')) as { dataId: string })
        .dataId,
  )
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, 'latin1')
        return ids.some((id) => environment.includes(`AGENTFLOW_DATA_ID=${id}`))
      } catch {
        return false
      }
    })
}
/** Processes that were started for this folder. */
const namedInCommand = (folder: string): string[] =>
  readdirSync('/proc').filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, 'latin1').includes(folder)
    } catch {
      return false
    }
  })
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
const answers = (fleet: Fleet) =>
  poll('the leader', () =>
    fleet.call('/readyz').then(
      (response) => (response.ok ? true : null),
      () => null,
    ),
  )

describe('up', () => {
  it('puts the processes on the ports of the interface', async () => {
    const port = await freePort()
    const fleet = await start(['--masters', '1', '--port', String(port)])
    expect(fleet.ready.api).toBe(`http://127.0.0.1:${port}`)
    expect(fleet.ready.grpc).toBe(`127.0.0.1:${port + 50}`)
    expect((await fleet.json<{ url: string }>('/api/workers/master-1')).url).toBe(
      `http://127.0.0.1:${port + 1}`,
    )
    expect(fleet.ready.walls).toEqual({ 'master-1': `http://127.0.0.1:${port + 1}` })
    const own = await fetch(`http://127.0.0.1:${port + 1}/api/agents`, {
      headers: { authorization: `Bearer ${fleet.ready.token}` },
    })
    const { agents } = (await own.json()) as { agents: unknown[] }
    expect(agents.map((agent) => agentSchema.strict().parse(agent).workerId)).toEqual(
      Array(10).fill('master-1'),
    )
    expect((await fetch(`http://127.0.0.1:${port + 1}/readyz`)).status).toBe(200)

    const second = await agentflow(['up', '--no-sample', '--port', String(port), '--data', folderOf()])
    expect([second.code, second.stdout.includes('http')]).toEqual([2, false])
    expect(second.stderr).toMatch(/^agentflow: Port \d+ on 127\.0\.0\.1 is in use; .*$/m)
    const third = await agentflow(['up', '--json', '--no-sample', '--port', '0', '--data', fleet.folder])
    expect([third.code, third.stdout]).toEqual([2, ''])
    expect(third.stderr).toMatch(/"code":"invalid_configuration".*data directory/)
  })

  it('[UP1] starts a dead leader or master again on the same ports and data, and says so', async () => {
    const fleet = await start()
    const before = await fleet.submit(['true'])
    const { leader, 'master-1': master } = fleet.ready.pids
    process.kill(Number(leader), 'SIGKILL')
    const killedAt = performance.now()
    expect(await fleet.event('leader', 'exited')).toMatchObject({ pid: leader })
    const started = await fleet.event('leader', 'started')
    expect(performance.now() - killedAt).toBeLessThan(1_000)
    expect(Object.keys(started)).toEqual(['event', 'name', 'pid', 'state'])
    await answers(fleet)
    expect((await fleet.json<Task>(`/api/tasks/${before}`)).taskId).toBe(before)

    process.kill(Number(master), 'SIGKILL')
    await fleet.event('master-1', 'started')
    const after = await fleet.submit(['true'])
    await poll('work on the new master', async () =>
      (await fleet.json<Task>(`/api/tasks/${after}`)).phase === 'succeeded' ? true : null,
    )
  })

  it('[AC2] [AC3] a session and the admin token survive a restart of the leader, kept as hashes', async () => {
    const fleet = await start()
    const code = fleet.ready.url.split('#login=')[1]
    const { token } = (await (await fleet.post('/api/login', { code })).json()) as { token: string }
    process.kill(Number(fleet.ready.pids.leader), 'SIGKILL')
    await fleet.event('leader', 'started')
    await answers(fleet)
    expect((await fleet.call('/api/stats', { token })).status).toBe(200)
    expect((await fleet.call('/api/stats')).status).toBe(200)
    const stores = readdirSync(fleet.folder).filter((name) => name.includes('.db'))
    expect(stores).toEqual(expect.arrayContaining(['journal.db', 'views.db', 'streams.db']))
    for (const store of stores) {
      const content = readFileSync(join(fleet.folder, store), 'latin1')
      for (const secret of [token, code ?? '', fleet.ready.token]) expect(content).not.toContain(secret)
    }
  })

  it('--no-restart leaves what ended', async () => {
    const fleet = await start(['--masters', '1', '--no-restart'])
    process.kill(Number(fleet.ready.pids['master-1']), 'SIGKILL')
    await fleet.event('master-1', 'exited')
    await poll('its silence', async () =>
      (await fleet.json<{ status: string }>('/api/workers/master-1')).status === 'unknown' ? true : null,
    )
    expect(fleet.process.lines.filter(({ state }) => state === 'started')).toEqual([])
  })

  it('leaves nothing when it is killed itself', async () => {
    const fleet = await start()
    const taskId = await fleet.submit(['sleep', '300'])
    await poll('the run', async () =>
      (await fleet.json<Task>(`/api/tasks/${taskId}`)).phase === 'running' ? true : null,
    )
    await fleet.process.stop('SIGKILL')
    await poll('the end of all', () => (Object.values(fleet.ready.pids).some(isAlive) ? null : true))
    expect(descendants(fleet.folder)).toEqual([])
  })

  it('[UP3] submits the sample once, however often it starts', async () => {
    const folder = folderOf()
    const sample = async (): Promise<number> => {
      const up = new JsonProcess(['up', '--json', '--port', '0', '--masters', '0', '--data', folder])
      processes.push(up)
      const ready = await up.line('READY', () => true)
      const total = await poll('the sample', async () => {
        const response = await fetch(`${String(ready.api)}/api/tasks?project=sample`, {
          headers: { authorization: `Bearer ${String(ready.token)}` },
        })
        const page = (await response.json()) as { total: number; tasks: Task[] }
        return page.tasks.some(({ name }) => name.includes('silent')) ? page.total : null
      })
      expect(await up.stop()).toBe(0)
      return total
    }
    expect(await sample()).toBe(5)
    expect(await sample()).toBe(5)
  })
})

describe('[UP2] [WD3] a signal ends up and everything below it within 10 s', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('%s: also what hides or ignores TERM', async (signal) => {
    const fleet = await start()
    const hiding =
      'setsid sh -c "trap : TERM; while :; do sleep 1; done" & trap : TERM; echo up; while :; do sleep 1; done'
    const taskId = await fleet.submit(hiding)
    await poll('the tree', async () =>
      (await fleet.json<{ lines: unknown[] }>(`/api/tasks/${taskId}/logs`)).lines.length > 0 ? true : null,
    )
    expect(descendants(fleet.folder).length).toBeGreaterThan(1)
    const { folder } = fleet
    const kept = folderOf()
    rmSync(kept, { recursive: true })
    const asked = performance.now()
    expect(await fleet.process.stop(signal)).toBe(0)
    expect(performance.now() - asked).toBeLessThan(10_000)
    expect(descendants(folder)).toEqual([])
    expect(Object.values(fleet.ready.pids).filter(isAlive)).toEqual([])
  })

  it('also while it is still starting', async () => {
    const folder = folderOf()
    const up = new JsonProcess(['up', '--json', '--port', '0', '--no-sample', '--data', folder])
    processes.push(up)
    await poll('the leader to be up', () => (existsSync(join(folder, 'cli.json')) ? true : null), {
      everyMs: 10,
    })
    expect(await up.stop()).toBe(0)
    await poll('the end of all', () => (namedInCommand(folder).length === 0 ? true : null))
  })
})

describe('leader and master', () => {
  it("run on their own, joined by the join file or by the leader's web address", async () => {
    const folder = folderOf()
    const leader = new JsonProcess([
      'leader',
      '--json',
      '--id',
      'l1',
      '--http',
      '127.0.0.1:0',
      '--grpc',
      '127.0.0.1:0',
      '--data',
      folder,
      ...root,
    ])
    processes.push(leader)
    const ready = await leader.line('READY', () => true)
    expect(ready).toMatchObject({
      ready: true,
      role: 'leader',
      id: 'l1',
      pid: leader.child.pid,
      api: expect.any(String),
      grpc: expect.any(String),
    })
    const master = (id: string, ...how: string[]) => {
      const one = new JsonProcess([
        'master',
        '--json',
        '--id',
        id,
        '--http',
        '127.0.0.1:0',
        '--data',
        folder,
        '--slots',
        '3',
        '--label',
        'pool=a',
        ...how,
        ...root,
      ])
      processes.push(one)
      return one
    }
    const one = master('m1', '--leader', String(ready.grpc), '--join-file', String(ready.joinFile))
    expect(await one.line('READY', () => true)).toMatchObject({
      ready: true,
      role: 'master',
      id: 'm1',
      pid: one.child.pid,
    })
    const two = master('m2', `--master=${String(ready.api)}`)
    expect(await two.line('READY', () => true)).toMatchObject({ id: 'm2', leaders: [ready.grpc] })
    const call = (path: string) =>
      fetch(`${String(ready.api)}${path}`, { headers: { authorization: `Bearer ${String(ready.token)}` } })
    const workers = await poll('both', async () => {
      const { workers: list } = (await (await call('/api/workers')).json()) as {
        workers: { workerId: string; status: string }[]
      }
      return list.filter(({ status }) => status === 'online').length === 2 ? list : null
    })
    expect(workers[0]).toMatchObject({ workerId: 'm1', maxAgents: 3, labels: { pool: 'a' } })
    expect(await one.stop()).toBe(0)
    expect(await leader.stop()).toBe(0)
  })

  it('a leader that is not there: exit 3 when its address must be asked', async () => {
    const folder = folderOf()
    const leader = new JsonProcess([
      'leader',
      '--json',
      '--http',
      '127.0.0.1:0',
      '--grpc',
      '127.0.0.1:0',
      '--data',
      folder,
      ...root,
    ])
    const { api } = await leader.line('READY', () => true)
    await leader.stop()
    const { code, stderr } = await agentflow(
      ['master', `--master=${String(api)}`, '--http', '127.0.0.1:0', ...root],
      { env: { AGENTFLOW_DATA: folder } },
    )
    expect([code, stderr]).toEqual([3, `agentflow: No leader answers at ${String(api)}.\n`])
  })

  it('is started by root only on purpose', async () => {
    const words = root.length > 0 ? 'add --allow-root' : 'There is no join file'
    const { code, stderr } = await agentflow(['master'], { env: { AGENTFLOW_DATA: folderOf() } })
    expect([code, stderr]).toEqual([2, expect.stringContaining(words)])
  })
})

describe('[AC5] a configuration that cannot be', () => {
  it.each<[string, readonly string[], string]>([
    ['another address without TLS', ['leader', '--http', '0.0.0.0:0'], 'without TLS'],
    ['an address that is none', ['leader', '--grpc', '8150'], '--grpc is "8150"'],
    ['an address of another machine', ['leader', '--http', '192.0.2.1:8100', '--tls', 'auto'], '192.0.2.1'],
    ['no join file', ['master', '--id', 'm'], 'There is no join file'],
    ['an id that is none', ['master', '--id', '-'], '--id'],
  ])('%s: exit 2 and one sentence', async (_, args, words) => {
    const { code, stdout, stderr } = await agentflow([...args, ...root], {
      env: { AGENTFLOW_DATA: folderOf() },
    })
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(words)
    expect(
      stderr
        .trim()
        .split('\n')
        .filter((line) => line.startsWith('agentflow: ')),
    ).toHaveLength(1)
  })
})
