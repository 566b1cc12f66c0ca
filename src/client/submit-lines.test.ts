import { afterEach, describe, expect, it } from 'vitest'
import type { BatchItem } from '../contract/task.js'
import { fromUnknown } from '../core/errors.js'
import { asTaskId } from '../core/ids.js'
import type { HttpServer } from '../http/listen.js'
import { createHttpServer } from '../http/server.js'
import { ScriptedPlane } from '../testing/scripted-plane.js'
import { silentLog } from '../testing/silent-log.js'
import { createClient } from './client.js'

let server: HttpServer
afterEach(() => server.close())

async function start() {
  const names: string[] = []
  const { plane } = new ScriptedPlane({
    execute: async (_, { command }) => {
      const name = command.name === 'submit_task' ? command.spec.name : ''
      names.push(name)
      return { kind: 'task', taskId: asTaskId(name), created: true }
    },
  })
  server = createHttpServer({
    plane,
    log: silentLog,
    wallDir: null,
    allowedHosts: [],
    corsOrigins: [],
    tls: null,
  })
  const port = await server.listen('127.0.0.1', 0)
  return { names, clientOf: (token: string) => createClient({ url: `http://127.0.0.1:${port}`, token }) }
}
const item = (name: string): BatchItem => ({ type: 'f', name, payload: {} })

describe('items over one call', () => {
  it('[WI11] gives each result before the next item is asked for', async () => {
    const { clientOf } = await start()
    let told = 0
    const toldAtAsk: number[] = []
    let wake = (): void => undefined
    async function* items() {
      for (const name of ['a', 'b', 'c']) {
        while (told < toldAtAsk.length) await new Promise<void>((resolve) => (wake = resolve))
        toldAtAsk.push(told)
        yield item(name)
      }
    }
    const taskIds: string[] = []
    for await (const result of clientOf('afp_admin').submitLines(items())) {
      taskIds.push('taskId' in result ? result.taskId : result.error.code)
      told += 1
      wake()
    }
    expect(taskIds).toEqual(['a', 'b', 'c'])
    expect(toldAtAsk).toEqual([0, 1, 2])
  })

  it('[WI13] ends the sending when the loop is left', async () => {
    const { clientOf, names } = await start()
    let isReturned = false
    async function* items() {
      try {
        for (let count = 0; ; count += 1) yield item(`item ${count}`)
      } finally {
        isReturned = true
      }
    }
    for await (const result of clientOf('afp_admin').submitLines(items())) {
      expect(result).toMatchObject({ index: 0, taskId: 'item 0' })
      break
    }
    while (!isReturned) await new Promise((resolve) => setImmediate(resolve))
    expect(names[0]).toBe('item 0')
  })

  it('[AC1] a refusal comes as the error that it is', async () => {
    const { clientOf } = await start()
    const first = clientOf('afp_wrong')
      .submitLines([item('a')])
      .next()
    expect(await first.catch(fromUnknown)).toMatchObject({ code: 'not_authenticated' })
  })
})
