import { afterAll, beforeAll, expect, it } from 'vitest'
import { Fleet } from './fleet.js'

let fleet: Fleet
beforeAll(async () => {
  fleet = await Fleet.start(['--masters', '1'])
})
afterAll(async () => {
  await fleet.stop()
})

const task = { type: 'command', payload: { command: ['true'] } }

/** Field, the words for what is wrong, and the words for what to do. */
const cases: readonly [string, string, object | (() => Promise<object>), RegExp][] = [
  [
    'an unknown worker',
    '/api/tasks',
    { ...task, requirements: { workerId: 'nowhere' } },
    /^requirements\.workerId: there is no master "nowhere"; known: master-1; name one of them, or leave it out/,
  ],
  [
    'a runAt that is past',
    '/api/tasks',
    { ...task, runAt: 1_000_000_000_000 },
    /^runAt: 1000000000000 is \d+ ms ago; leave it out to run the task at once/,
  ],
  [
    'a cron that is none',
    '/api/schedules',
    { name: 'nightly', cron: 'every night', task },
    /^cron "every night": .+; give one such as/,
  ],
  [
    'a cron that is never due',
    '/api/schedules',
    { name: 'never', cron: '0 0 30 2 *', task },
    /^cron "0 0 30 2 \*" is never due; give one that is, such as/,
  ],
  [
    'a task that waits for itself',
    '/api/tasks',
    async () => {
      const { seq } = await fleet.json<{ seq: number }>('/api/stats')
      return { ...task, dependsOn: [`t${(seq + 1).toString(32)}`] }
    },
    /^dependsOn: there is no task t\w+; a task can wait for tasks that were submitted before it/,
  ],
  [
    'two items of a batch that wait for each other',
    '/api/batches',
    {
      atomic: true,
      items: [
        { ...task, dependsOn: ['#1'] },
        { ...task, dependsOn: ['#0'] },
      ],
    },
    /dependsOn: #1 is no item before this one that was taken; an item can wait for items that stand before it/,
  ],
]

it.each(cases)(
  '[WY5] %s is 422 at once, and the sentence names the field and what to do',
  async (_what, path, body, words) => {
    const response = await fleet.post(path, typeof body === 'function' ? await body() : body)
    const answer = (await response.json()) as { error: { code: string; message: string; retryable: boolean } }
    expect([response.status, answer.error.code, answer.error.retryable]).toEqual([
      422,
      'unprocessable',
      false,
    ])
    expect(answer.error.message).toMatch(words)
  },
)

it('[WY5] what is refused leaves nothing behind', async () => {
  expect(await fleet.json('/api/tasks')).toMatchObject({ tasks: [], total: 0 })
  expect(await fleet.json('/api/schedules')).toEqual({ schedules: [] })
})
