import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createClient } from '../../src/client/index.js'
import type { Effect } from '../../src/contract/effect.js'
import type { Task } from '../../src/contract/task.js'
import { Fleet } from './fleet.js'
import { poll } from './poll.js'

let fleet: Fleet
beforeAll(async () => {
  fleet = await Fleet.start(['--masters', '1'])
})
afterAll(async () => {
  await fleet.stop()
})

const agentflow = `'${process.execPath}' '${join(process.cwd(), 'dist/cli/main.js')}'`
const retry = { attemptsMax: 2, on: ['exit', 'lost'], backoffMs: 10 }
const taskOf = (taskId: string) => fleet.json<Task>(`/api/tasks/${taskId}`)
const effectsOf = async (taskId: string): Promise<Effect[]> =>
  (await fleet.json<{ effects: Effect[] }>(`/api/tasks/${taskId}/effects`)).effects
const linesOf = async (taskId: string): Promise<string[]> =>
  (await fleet.json<{ lines: { text: string }[] }>(`/api/tasks/${taskId}/logs`)).lines.map(({ text }) => text)
const line = (taskId: string, text: string) =>
  poll(`the line ${text}`, async () => ((await linesOf(taskId)).includes(text) ? true : null))
const until = (taskId: string, is: (task: Task) => boolean): Promise<Task> =>
  poll(`task ${taskId}`, async () => {
    const task = await taskOf(taskId)
    return is(task) ? task : null
  })

/** Another leader answers. */
async function killLeader(): Promise<void> {
  const before = await fleet.json<{ term: number }>('/api/stats')
  const pid = leaderPid()
  process.kill(pid, 'SIGKILL')
  await fleet.successor('leader', pid)
  await poll('another leader', async () => {
    const answer = await fleet.call('/api/stats').catch(() => null)
    const stats = answer?.ok === true ? ((await answer.json()) as { term: number }) : null
    return stats !== null && stats.term > before.term ? true : null
  })
}

function leaderPid(): number {
  const starts = fleet.process.lines.filter(({ name, state }) => name === 'leader' && state === 'started')
  return Number(starts.at(-1)?.pid ?? fleet.ready.pids.leader)
}

it('[EF1] [EF2] [EF3] [EF4] [EF7] an intent outlives leader and run, and the next attempt hears that it is ambiguous', async () => {
  const go = join(fleet.folder, 'go')
  const say = (words: string): string =>
    `${agentflow} effect ${words} --json; echo "${words.slice(0, 11)} $?"`
  const taskId = await fleet.submit(
    `if [ "$AGENTFLOW_ATTEMPT" = 1 ]; then
      ${say('intent mail')}; ${say('done mail --value 7')}
      ${say('intent pay')}; ${say('intent pay')}; exec sleep 600
    fi
    ${say('intent mail')}; ${say('intent pay')}
    AGENTFLOW_FENCE=$((AGENTFLOW_FENCE - 1)) ${agentflow} effect done pay; echo "old $?"
    until [ -e '${go}' ]; do sleep 0.05; done
    ${say('done pay --value \'{"found":true}\'')}; ${say('intent pay')}`,
    { retry },
  )
  await poll('the repeat', async () =>
    (await linesOf(taskId)).filter((text) => text === 'intent pay 0').length === 2 ? true : null,
  )
  const first = await taskOf(taskId)
  expect(first.effects).toEqual({ intent: 1, done: 1, failed: 0, ambiguous: 0 })
  await killLeader()
  expect(await effectsOf(taskId)).toMatchObject([
    { key: 'mail', state: 'done', attempt: 1, value: 7 },
    { key: 'pay', state: 'intent', attempt: 1, fence: first.fence, settledAt: null },
  ])
  const running = await until(taskId, ({ phase, pid }) => phase === 'running' && pid !== null)
  process.kill(running.pid ?? 0, 'SIGKILL')
  await line(taskId, 'old 10')
  const second = await taskOf(taskId)
  expect(second).toMatchObject({ attempt: 2, effects: { intent: 0, done: 1, ambiguous: 1 } })
  expect(await effectsOf(taskId)).toMatchObject([
    { key: 'mail' },
    { key: 'pay', state: 'ambiguous', attempt: 1 },
  ])

  const stale = await fleet.post(`/api/tasks/${taskId}/effects`, {
    key: 'pay',
    state: 'done',
    fence: first.fence,
  })
  expect([stale.status, await stale.json()]).toMatchObject([409, { error: { code: 'stale_fence' } }])
  writeFileSync(go, '')
  await until(taskId, ({ phase }) => phase === 'succeeded')
  const codes = (await linesOf(taskId)).filter((text) => / \d+$/.test(text))
  expect(codes).toEqual([
    'intent mail 0',
    'done mail - 0',
    'intent pay 0',
    'intent pay 0',
    'intent mail 12',
    'intent pay 13',
    'old 10',
    'done pay -- 0',
    'intent pay 12',
  ])
  expect((await effectsOf(taskId)).slice(1)).toMatchObject([
    { key: 'pay', state: 'ambiguous', attempt: 1 },
    { key: 'pay', state: 'done', attempt: 2, fence: second.fence, intentAt: null, value: { found: true } },
  ])
  expect((await taskOf(taskId)).effects).toEqual({ intent: 0, done: 2, failed: 0, ambiguous: 0 })
  const list = await fleet.cli(['effect', 'list', taskId])
  expect([list.code, list.stdout]).toEqual([
    0,
    expect.stringMatching(/pay +ambiguous +1[\s\S]*pay +done +2 .*"found":true/),
  ])
  expect((await fleet.cli(['task', 'show', taskId])).stdout).toContain('ambiguous')
}, 90_000)

it('[EF1] [EF3] [EF5] a program outside notes by REST, by name, and with the client', async () => {
  const client = createClient({ url: fleet.ready.api, token: fleet.ready.token })
  const taskId = await fleet.submit(['sleep', '600'])
  const { fence } = await until(taskId, ({ phase }) => phase === 'running')
  const given = await fleet.post(`/api/tasks/${taskId}/effects`, { key: 'a', state: 'intent', fence })
  expect([given.status, await given.json()]).toMatchObject([
    200,
    { key: 'a', state: 'intent', fence, value: null },
  ])
  const called = await fleet.post('/rpc/note_effect', {
    args: { taskId, key: 'a', state: 'done', value: ['x'] },
  })
  expect(await called.json()).toMatchObject({ result: { state: 'done', value: ['x'] } })
  expect(await client.noteEffect(taskId, { key: 'a', state: 'intent' })).toMatchObject({ state: 'done' })
  await expect(client.noteEffect(taskId, { key: 'b', state: 'done' })).rejects.toMatchObject({
    code: 'wrong_phase',
  })
  const value = 'x'.repeat(5_000)
  await expect(client.noteEffect(taskId, { key: 'a', state: 'done', value })).rejects.toMatchObject({
    code: 'too_large',
  })
  for (const body of [{ key: '', state: 'intent' }, { key: 'a', state: 'begun' }, { key: 'a' }]) {
    const refused = await fleet.post(`/api/tasks/${taskId}/effects`, body)
    expect([refused.status, await refused.json()]).toMatchObject([
      400,
      { error: { code: 'invalid_request' } },
    ])
  }
  await fleet.post(`/api/tasks/${taskId}/cancel?wait=20000`)
  await expect(client.noteEffect(taskId, { key: 'b', state: 'intent' })).rejects.toMatchObject({
    code: 'stale_fence',
  })
  expect(await client.effects(taskId)).toMatchObject([{ key: 'a', state: 'done' }])
  expect((await fleet.call('/api/tasks/tnone/effects')).status).toBe(404)
}, 60_000)

it('[EF6] [EF7] an effect that the leader does not answer is 11, and noted again it is 0', async () => {
  const [asks, again] = [join(fleet.folder, 'asks'), join(fleet.folder, 'again')]
  const taskId = await fleet.submit(
    `echo ready; until [ -e '${asks}' ]; do sleep 0.05; done
    ${agentflow} effect intent pay; echo "first $?"; touch '${again}'
    until ${agentflow} effect intent pay; do sleep 0.1; done; echo "then $?"; ${agentflow} effect done pay`,
  )
  await line(taskId, 'ready')
  const pid = leaderPid()
  process.kill(pid, 'SIGSTOP')
  try {
    writeFileSync(asks, '')
    await poll('the answer', () => (existsSync(again) ? true : null))
  } finally {
    process.kill(pid, 'SIGCONT')
  }
  await until(taskId, ({ phase }) => phase === 'succeeded')
  expect((await linesOf(taskId)).filter((text) => / \d+$/.test(text))).toEqual(['first 11', 'then 0'])
  expect(await effectsOf(taskId)).toMatchObject([{ key: 'pay', state: 'done', attempt: 1 }])
  await killLeader()
  expect(await effectsOf(taskId)).toMatchObject([{ key: 'pay', state: 'done', attempt: 1 }])
}, 90_000)
