import { once } from 'node:events'
import { WebSocket } from 'ws'

export interface WallsRequest {
  readonly ws: string
  readonly origin: string
  readonly token: string
  /** Walls that read what they get. */
  readonly reading: number
  /** Walls that read nothing after their first frame; when the leader gives one up it comes back. */
  readonly stuck: number
}

async function open({ ws, origin, token }: WallsRequest): Promise<WebSocket> {
  const socket = new WebSocket(ws, { origin })
  await once(socket, 'open')
  socket.send(JSON.stringify({ type: 'AUTH', token, frames: true }))
  await once(socket, 'message')
  return socket
}

async function openStuck(request: WallsRequest): Promise<void> {
  const socket = await open(request)
  socket.pause()
  // A paused socket does not hear that it was closed.
  socket.once('error', () => undefined)
  socket.once('close', () => void openStuck(request))
}

process.on('message', async (request: WallsRequest) => {
  for (let n = 0; n < request.reading; n += 1) {
    const socket = await open(request)
    socket.on('close', (code) => {
      throw new Error(`a wall that reads was closed with ${code}`)
    })
  }
  for (let n = 0; n < request.stuck; n += 1) await openStuck(request)
  process.send?.({})
})
