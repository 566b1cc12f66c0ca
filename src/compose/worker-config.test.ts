import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { limits } from '../core/limits.js'
import { temporaryFolder } from '../testing/host-fixture.js'
import { type WorkerSettings, workerConfig } from './worker-config.js'

let folder: ReturnType<typeof temporaryFolder>
let joinFile: string
const joins = { clusterId: 'c', leaders: ['127.0.0.1:1'], key: 'afj_k', caPem: null }

beforeEach(() => {
  folder = temporaryFolder('worker-config')
  joinFile = join(folder.path, 'join.json')
  writeFileSync(joinFile, JSON.stringify(joins))
})
afterEach(() => folder.close())

const config = (given: Partial<WorkerSettings>, environment: Record<string, string> = {}) =>
  workerConfig({ types: ['email'], joinFile, ...given }, environment)

it('takes its leaders from what it is given, else from the environment, else from the join file', () => {
  const environment = { AGENTFLOW_LEADERS: '127.0.0.1:2,127.0.0.1:3' }
  expect(config({}).leaders).toEqual(['127.0.0.1:1'])
  expect(config({}, environment).leaders).toEqual(['127.0.0.1:2', '127.0.0.1:3'])
  expect(config({ leader: '127.0.0.1:4' }, environment).leaders).toEqual(['127.0.0.1:4'])
  expect(config({ leader: ['127.0.0.1:5', '[::1]:6'] }).leaders).toEqual(['127.0.0.1:5', '[::1]:6'])
})

it('finds the join file where a master does', () => {
  expect(config({ joinFile: undefined }, { AGENTFLOW_JOIN_FILE: joinFile }).join).toEqual(joins)
  expect(config({ joinFile: undefined }, { AGENTFLOW_DATA: folder.path }).join).toEqual(joins)
})

it('has defaults', () => {
  expect(config({})).toMatchObject({
    name: null,
    concurrency: limits.slotsDefault,
    labels: {},
    logLevel: 'warn',
  })
})

it.each<[Partial<WorkerSettings>, string]>([
  [{ concurrency: 0 }, 'createWorker.concurrency: Too small'],
  [{ concurrency: 1_001 }, 'createWorker.concurrency: Too big'],
  [{ leader: 'nowhere' }, 'createWorker.leader: give HOST:PORT'],
  [{ name: 'a b' }, 'createWorker.name: use letters'],
  [{ types: [] }, 'createWorker.types: give at least one function.'],
  [
    { types: ['command'] },
    'createWorker.types.0: "command" is the name of a program\'s type; choose another.',
  ],
  [{ joinFile: '/nowhere/join.json' }, 'There is no join file at /nowhere/join.json; copy join.json'],
  [{ leader: '10.0.0.1:1' }, 'is on another machine and the join file has no certificate authority'],
])('refuses %j with one sentence', (given, sentence) => {
  expect(() => config(given)).toThrow(sentence)
})
