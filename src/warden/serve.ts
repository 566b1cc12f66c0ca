import { chmodSync, mkdirSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { dirname } from 'node:path'
import { FrameSocket } from './frame-socket.js'
import { requestSchema } from './protocol.js'
import type { MasterChannel, Warden } from './warden.js'

export interface WardenServer {
  /** Connections end after what was written; the socket file goes. */
  close(): Promise<void>
}

/** Lets masters of this user reach the warden. Rejects when the socket cannot be made. */
export async function serveWarden(path: string, warden: Warden): Promise<WardenServer> {
  const channels = new Set<FrameSocket>()
  const server = createServer((socket) => {
    const channel = accept(socket, warden, () => channels.delete(channel))
    channels.add(channel)
  })
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  rmSync(path, { force: true })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
  chmodSync(path, 0o600)
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const channel of channels) channel.end()
      }),
  }
}

function accept(socket: Socket, warden: Warden, onClosed: () => void): FrameSocket {
  const frames: FrameSocket = new FrameSocket(socket, {
    onFrame: (frame) => {
      if (frame.kind === 'message') warden.receive(channel, requestSchema.parse(frame.value))
    },
    onClosed: () => {
      onClosed()
      warden.closed(channel)
    },
  })
  const channel: MasterChannel = {
    send: (report) => frames.send(report),
    output: (output) => frames.output(output),
    close: () => frames.end(),
  }
  return frames
}
