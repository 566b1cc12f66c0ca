import { once } from 'node:events'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { expect, it } from 'vitest'
import { createRememberingLog } from '../testing/remembering-log.js'
import { createApp } from './app.js'
import { refuseAll } from './guard.js'

it('a connection that says nothing is closed without a word: a browser would take it for its next answer', async () => {
  const app = createApp({ tls: null, log: createRememberingLog(), guard: () => refuseAll })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const accepted = once(app.server, 'connection')
  const client = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
  let said = ''
  client.on('data', (bytes) => {
    said += bytes
  })
  const closed = once(client, 'close')
  const [socket] = (await accepted) as [Socket]
  // What node:http does when no request came within headersTimeout.
  app.server.emit(
    'clientError',
    Object.assign(new Error('timeout'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }),
    socket,
  )
  await closed
  expect(said).toBe('')
  await app.close()
})
