import { limits } from '../core/limits.js'
import type { Text } from '../ports/text.js'
import { Batch } from './batch.js'
import { encodeFrame } from './frame.js'
import type { HubMessage } from './message.js'
import type { SocketFlow } from './session.js'

/** All walls with the same topics: what they hear is gathered and encoded once. */
export class Channel {
  readonly topics: ReadonlySet<string>
  readonly members = new Set<SocketFlow>()
  readonly #batch = new Batch()
  readonly #text: Text
  readonly #frames: boolean
  #fromSeq: number

  constructor(options: { topics: ReadonlySet<string>; frames: boolean; text: Text; fromSeq: number }) {
    this.topics = options.topics
    this.#frames = options.frames
    this.#text = options.text
    this.#fromSeq = options.fromSeq
  }

  get hasPending(): boolean {
    return this.#batch.count > 0
  }

  add(message: HubMessage): void {
    this.#batch.add(message)
  }

  /** Sends what has gathered, at most limits.wallFrameMessagesMax a frame. */
  flush(toSeq: number): void {
    const messages = this.#batch.take()
    for (let start = 0; start < messages.length; start += limits.wallFrameMessagesMax) {
      const part = messages.slice(start, start + limits.wallFrameMessagesMax)
      const isLast = start + part.length === messages.length
      // An earlier frame of several covers nothing yet: (from, to] is complete only with the last one.
      const to = isLast ? toSeq : this.#fromSeq
      const jsons = part.map((message) => message.json)
      const encoded = this.#frames
        ? [this.#text.encode(encodeFrame(this.#fromSeq, to, jsons))]
        : jsons.map((json) => this.#text.encode(json))
      for (const member of this.members) member.offer(encoded, part, to)
      this.#fromSeq = to
    }
  }
}
