import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { textFrameOf } from './text-frame.js'

let frame: Uint8Array = Buffer.alloc(0)
const http = createServer()
const upgrades = new WebSocketServer({ noServer: true })
http.on('upgrade', (request, stream, head) => {
  upgrades.handleUpgrade(request, stream, head, () => stream.write(frame))
})
beforeAll(async () => {
  await once(http.listen(0, '127.0.0.1'), 'listening')
})
afterAll(() => {
  http.close()
  http.closeAllConnections()
})

/** What a client of the library makes of a frame. */
async function read(written: Uint8Array): Promise<{ readonly text: string; readonly isBinary: boolean }> {
  frame = written
  const socket = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`)
  const [data, isBinary] = (await once(socket, 'message')) as [Buffer, boolean]
  socket.terminate()
  return { text: data.toString(), isBinary }
}

it.each([0, 1, 125, 126, 127, 255, 256, 65_534, 65_535])(
  '[WL4] frames %d bytes as a client reads them',
  async (length) => {
    const half = Math.floor(length / 2)
    const text = 'ä'.repeat(half).padEnd(length - half, 'x')
    const message = Buffer.from(text)
    expect(message).toHaveLength(length)
    expect(await read(textFrameOf(message) ?? expect.unreachable())).toEqual({ text, isBinary: false })
  },
)

it('[WL4] makes the frame of a message once', () => {
  const message = Buffer.from('{"type":"FRAME"}')
  expect(textFrameOf(message)).toBe(textFrameOf(message))
  expect(textFrameOf(Buffer.from(message))).not.toBe(textFrameOf(message))
})

it('leaves a long message to the library', () => {
  expect(textFrameOf(Buffer.alloc(65_536))).toBeNull()
})
