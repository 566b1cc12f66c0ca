import type { Socket } from 'node:net'
import { limits } from '../core/limits.js'
import { encodeMessage, encodeOutput, type Frame, FrameReader, type OutputFrame } from './frames.js'

export interface FrameSocketEvents {
  onFrame(frame: Frame): void
  /** Once, after the last frame. */
  onClosed(): void
}

/**
 * One end of a connection between master and warden. What is written after its end goes nowhere; a frame that cannot be
 * read, or an `onFrame` that throws, ends it.
 */
export class FrameSocket {
  readonly #socket: Socket

  constructor(socket: Socket, events: FrameSocketEvents) {
    this.#socket = socket
    const reader = new FrameReader(limits.wardenMessageBytesMax)
    socket.on('data', (chunk: Buffer) => {
      try {
        for (const frame of reader.push(chunk)) events.onFrame(frame)
      } catch {
        socket.destroy()
      }
    })
    // What matters of an error is the close that follows.
    socket.on('error', () => undefined)
    socket.once('close', () => events.onClosed())
  }

  send(message: unknown): void {
    if (this.#socket.writable) this.#socket.write(encodeMessage(message))
  }

  output(frame: OutputFrame): void {
    if (!this.#socket.writable) return
    this.#socket.cork()
    for (const part of encodeOutput(frame)) this.#socket.write(part)
    this.#socket.uncork()
  }

  /** After what was written. */
  end(): void {
    this.#socket.end()
  }

  destroy(): void {
    this.#socket.destroy()
  }
}
