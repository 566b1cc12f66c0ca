import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { TaskPage } from '../../src/contract/task.js'
import { Mailbox } from '../../src/testing/mailbox.js'
import { Fleet } from './fleet.js'

let fleet: Fleet
beforeAll(async () => {
  fleet = await Fleet.start(['--masters', '0'])
})
afterAll(async () => {
  await fleet.stop()
})

type Said = Readonly<Record<string, unknown>>

/** A program of somebody else and its lines of JSON. */
function program(source: string) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
    env: { PATH: process.env.PATH, AGENTFLOW_DATA: fleet.folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const said = new Mailbox<Said>('line of the program')
  createInterface({ input: child.stdout }).on('line', (line) => said.push(JSON.parse(line) as Said))
  const hears = (key: string): Promise<Said> => said.next((line) => key in line, 40_000)
  return { hears, ended: once(child, 'exit') }
}

const total = async (): Promise<number> => (await fleet.json<TaskPage>('/api/tasks?limit=1')).total

it('[SB1] the submitter of docs/worker.md runs as it stands', async () => {
  const document = readFileSync('docs/worker.md', 'utf8')
  const block = /```js submitter\n([\s\S]*?)```/.exec(document)?.[1] ?? ''
  const before = await total()
  const { hears, ended } = program(block)
  const { taskIds } = await hears('taskIds')
  expect(new Set(taskIds as string[]).size).toBe(1_000)
  expect(await ended).toEqual([0, null])
  expect(await total()).toBe(before + 1_000)
})

/** Submits from 50 lanes for ever more tasks, until it was cut twice or so; says when it is half done, and what came. */
const submitSource = `
import { createSubmitter } from 'agentflow/worker'

const say = (line) => console.log(JSON.stringify(line))
const submitter = createSubmitter({ log: { debug() {}, info() {}, warn() {}, error() {} } })
const ids = []
let left = 3000
const lane = async () => {
  while (left > 0) {
    left -= 1
    const { taskId, created } = await submitter.submit({ type: 'nobody', payload: { left } })
    if (!created) throw new Error(taskId + ' was known')
    ids.push(taskId)
    if (ids.length === 500) say({ under: 'way' })
  }
}
await Promise.all(Array.from({ length: 50 }, lane))
await submitter.close()
say({ submitted: ids.length, different: new Set(ids).size })
`

it('[SB4] [ID3] every task is there once, although the leader was killed while they came', async () => {
  const before = await total()
  const { hears, ended } = program(submitSource)
  await hears('under')
  const leader = fleet.ready.pids.leader ?? 0
  process.kill(leader, 'SIGKILL')
  await fleet.successor('leader', leader)
  expect(await hears('submitted')).toEqual({ submitted: 3_000, different: 3_000 })
  expect(await ended).toEqual([0, null])
  expect(await total()).toBe(before + 3_000)
})
