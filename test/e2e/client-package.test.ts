import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Fleet } from './fleet.js'

let fleet: Fleet
beforeAll(async () => {
  fleet = await Fleet.start(['--masters', '1'])
})
afterAll(async () => {
  await fleet.stop()
})

/** What somebody else's program looks like. */
const program = `
import { ControlError, createClient, isFinalReceipt } from 'agentflow/client'
import { WebSocket } from 'ws'

const [url, token] = process.argv.slice(1)
const client = createClient({ url, token, webSocket: WebSocket })
const { task } = await client.submit({ type: 'command', payload: { command: ['sleep', '300'] } })
const receipt = await new Promise((resolve, reject) => {
  let asked = false
  const live = client.live({
    topics: ['tasks:' + task.taskId],
    onMessage: (message) => {
      const seen = message.type === 'TASK_UPDATE' ? message.task : message.type === 'SNAPSHOT' ? message.items[0] : null
      if (asked || seen?.phase !== 'running') return
      asked = true
      live.command({ action: 'cancel', taskId: task.taskId }).then(resolve, reject).finally(() => live.close())
    },
  })
})
const events = []
for await (const event of client.events({ afterSeq: 0, signal: AbortSignal.timeout(20_000) })) {
  events.push(event.type)
  if (event.type === 'TaskFinished') break
}
const refused = await client.task('t0').catch((error) => error instanceof ControlError && error.code)
console.log(JSON.stringify({ state: receipt.state, isFinal: isFinalReceipt(receipt), events, refused }))
`

it('agentflow/client submits, watches and controls from a program of its own', async () => {
  const { api, token } = fleet.ready
  const run = promisify(execFile)
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program, api, token])
  const { events, ...rest } = JSON.parse(stdout) as { events: string[] }
  expect(rest).toEqual({ state: 'stopped', isFinal: true, refused: 'task_not_found' })
  expect(events).toEqual(
    expect.arrayContaining(['TermStarted', 'TaskSubmitted', 'TaskAssigned', 'TaskFinished']),
  )
})
