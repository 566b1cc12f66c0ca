import { execFileSync } from 'node:child_process'
import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { nodeRandom } from '../adapters/random/node-random.js'
import { temporaryFolder } from '../testing/host-fixture.js'
import { environmentOfTasks, openMasterData } from './master-data.js'

let folder: ReturnType<typeof temporaryFolder>
beforeEach(() => {
  folder = temporaryFolder('master')
})
afterEach(() => folder.close())

it('keeps its id, and its incarnation rises with each start, also when the clock was set back', () => {
  const first = openMasterData(folder.path, nodeRandom, 5_000)
  first.release()
  const second = openMasterData(folder.path, nodeRandom, 1_000)
  second.release()
  expect(first.dataId).toMatch(/^[0-9a-f]{16}$/)
  expect(second.dataId).toBe(first.dataId)
  expect([first.incarnation, second.incarnation]).toEqual([5_000, 5_001])
  expect(statSync(join(folder.path, 'node.json')).mode & 0o777).toBe(0o600)
})

it('refuses a second master on the same folder with one sentence', () => {
  const first = openMasterData(folder.path, nodeRandom, 1)
  expect(() => openMasterData(folder.path, nodeRandom, 1)).toThrow(
    `Another master runs on the data directory ${folder.path}; stop it, or give this one a folder of its own with --data or another --id.`,
  )
  first.release()
  openMasterData(folder.path, nodeRandom, 1).release()
})

it('refuses a folder that cannot be one', () => {
  const file = join(folder.path, 'file')
  writeFileSync(file, '')
  expect(() => openMasterData(join(file, 'data'), nodeRandom, 1)).toThrow('cannot be written')
})

it('refuses a damaged identity and lets the folder go', () => {
  writeFileSync(join(folder.path, 'node.json'), '{')
  expect(() => openMasterData(folder.path, nodeRandom, 1)).toThrow('is damaged')
  writeFileSync(join(folder.path, 'node.json'), '{"dataId":"x","incarnation":3}')
  const data = openMasterData(folder.path, nodeRandom, 1)
  expect([data.dataId, data.incarnation]).toEqual(['x', 4])
  data.release()
})

it('gives tasks the environment without settings and secrets of AgentFlow', () => {
  const environment = environmentOfTasks(
    {
      PATH: '/usr/bin',
      HOME: '/home/a',
      AGENTFLOW_TOKEN: 'secret',
      ANTHROPIC_API_KEY: 'secret',
      MASTER_URL: 'http://x',
      EMPTY: undefined,
    },
    folder.path,
  )
  expect(Object.keys(environment).sort()).toEqual(['HOME', 'PATH'])
  expect(environment.PATH).toMatch(/(^|:)\/usr\/bin$/)
  expect(execFileSync('sh', ['-c', 'echo ok'], { env: environment }).toString()).toBe('ok\n')
})
