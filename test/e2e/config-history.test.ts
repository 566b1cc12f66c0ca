import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ConfigPage } from '../../src/contract/config-history.js'
import { Fleet } from './fleet.js'
import { poll } from './poll.js'

let fleet: Fleet
beforeAll(async () => {
  fleet = await Fleet.start(['--masters', '1'])
})
afterAll(() => fleet.stop())

const put = (path: string, body: object): Promise<Response> =>
  fleet.call(path, {
    method: 'PUT',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  })
const history = (query = ''): Promise<ConfigPage> => fleet.json<ConfigPage>(`/api/config-history${query}`)

it('[CH1] [CH2] every change of configuration is told with who, how and what was before, over a killed leader', async () => {
  await put('/api/settings/placement', { strategy: 'least-connections' })
  expect((await history()).changes[0]).toMatchObject({ kind: 'placement', by: 'admin', via: 'rest' })
  await put('/api/settings/placement', { strategy: 'round-robin' })
  await put('/api/settings/alert-rules', { rules: { cpu: { above: 0.95 } } })
  await fleet.cli(['limits', 'set', 'key', 'deploy', '--runs', '1'])
  await fleet.post('/api/limits', { scope: 'key', value: 'deploy', runsMax: 3 })
  await fleet.post('/api/workers/master-1/cordon')
  const task = { type: 'command', payload: { command: ['true'] } }
  await fleet.post('/api/schedules', { name: 'nightly', cron: '0 3 * * *', timeZone: 'UTC', task })
  await fleet.post('/api/schedules/nightly/pause')
  const { leader = 0 } = fleet.ready.pids
  process.kill(leader, 'SIGKILL')
  await fleet.successor('leader', leader)
  await poll('the next leader', async () => ((await history().catch(() => null)) === null ? null : true))
  await fleet.call('/api/schedules/nightly', { method: 'DELETE' })

  const { changes } = await history()
  expect(changes.map(({ kind, name, act }) => `${kind} ${name} ${act}`)).toEqual([
    'schedule nightly removed',
    'schedule nightly paused',
    'schedule nightly created',
    'hold master-1 changed',
    'limit key:deploy changed',
    'limit key:deploy changed',
    'alert_rule cpu changed',
    'placement placement changed',
    'placement placement changed',
  ])
  expect(changes[1]?.fields).toEqual([{ path: 'paused', before: null, after: true }])
  expect(changes[4]?.fields).toEqual([{ path: 'runsMax', before: 1, after: 3 }])
  expect(changes[7]?.fields).toEqual([
    { path: 'strategy', before: 'least-connections', after: 'round-robin' },
  ])
})

it('[CH2] it is asked by kind and time, page by page, and on the command line', async () => {
  const all = (await history()).changes
  const first = await history('?limit=4')
  expect(first.changes).toEqual(all.slice(0, 4))
  const second = await history(`?limit=500&cursor=${first.nextCursor}`)
  expect(second).toEqual({ changes: all.slice(4), nextCursor: null })
  const limitsOnly = await history('?kind=limit')
  expect(limitsOnly.changes.map(({ kind }) => kind)).toEqual(['limit', 'limit'])
  const at = all[3]?.at ?? 0
  expect((await history(`?from=${at}&to=${at + 1}`)).changes).toContainEqual(all[3])
  expect((await fleet.call('/api/config-history?cursor=x')).status).toBe(400)
  expect((await fleet.call('/api/config-history?kind=weather')).status).toBe(400)
  const told = await fleet.cli(['config', 'history', '--kind', 'limit'])
  expect(told.stdout).toContain('limit key:deploy changed by admin')
  expect(told.stdout).toContain('runsMax: 1 → 3')
})
