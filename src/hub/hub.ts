import { limits } from '../core/limits.js'
import type { Clock, Timer } from '../ports/clock.js'
import type { WallSink } from '../ports/control-plane.js'
import type { Text } from '../ports/text.js'
import { Channel } from './channel.js'
import { everything, type HubMessage } from './message.js'
import { SocketFlow } from './session.js'

/** A wall's seat in the hub. */
export interface Seat {
  readonly flow: SocketFlow
  /** Hear exactly these topics from now on; `everything` hears all. */
  setTopics(topics: ReadonlySet<string>): void
  leave(): void
}

/**
 * Fan-out: messages come in as text, go out once encoded per set of topics, in frames. The first one after a pause
 * goes at once; under load frames stretch from limits.wallFrameMsMin to wallFrameMsMax.
 */
export class Hub {
  readonly #clock: Clock
  readonly #text: Text
  readonly #channels = new Map<string, Channel>()
  readonly #byTopic = new Map<string, Set<Channel>>()
  readonly #dirty = new Set<Channel>()
  #seats = 0
  #seq = 0
  #timer: Timer | null = null
  #frameMs: number = limits.wallFrameMsMin
  #lastFlushMs = Number.NEGATIVE_INFINITY

  constructor(options: { clock: Clock; text: Text }) {
    this.#clock = options.clock
    this.#text = options.text
  }

  get seats(): number {
    return this.#seats
  }

  /** True when someone hears this topic, so that nobody encodes for an empty room. */
  hasListeners(topic: string): boolean {
    return this.#byTopic.has(topic) || this.#byTopic.has(everything)
  }

  /** `seq`: everything up to it is committed and, with these messages, told. */
  publish(messages: readonly HubMessage[], seq: number): void {
    this.#seq = Math.max(this.#seq, seq)
    for (const message of messages) {
      for (const channel of this.#hearers(message)) {
        channel.add(message)
        this.#dirty.add(channel)
      }
    }
    if (this.#dirty.size > 0) this.#schedule()
  }

  seat(sink: WallSink, options: { frames: boolean }): Seat {
    const flow = new SocketFlow({
      sink,
      clock: this.#clock,
      text: this.#text,
      frames: options.frames,
      toldSeq: this.#seq,
    })
    let channel: Channel | null = null
    let seated = true
    this.#seats += 1
    const leaveChannel = (): void => {
      if (channel !== null) this.#leave(channel, flow)
      channel = null
    }
    return {
      flow,
      setTopics: (topics) => {
        // What its old channel has gathered is sent first, so that nothing is lost in the move.
        if (channel?.hasPending) this.#flushOne(channel)
        leaveChannel()
        if (seated && topics.size > 0) channel = this.#join(topics, flow)
      },
      leave: () => {
        if (!seated) return
        seated = false
        leaveChannel()
        flow.ended()
        this.#seats -= 1
      },
    }
  }

  /** Sends everything that has gathered, now. */
  flush(): void {
    const startedMs = this.#clock.monotonicMs()
    this.#timer?.cancel()
    this.#timer = null
    for (const channel of this.#dirty) channel.flush(this.#seq)
    this.#dirty.clear()
    const endedMs = this.#clock.monotonicMs()
    this.#lastFlushMs = endedMs
    const busyMs = endedMs - startedMs
    const stretched = busyMs * 4 > this.#frameMs ? this.#frameMs * 1.5 : this.#frameMs * 0.9
    this.#frameMs = Math.min(limits.wallFrameMsMax, Math.max(limits.wallFrameMsMin, stretched))
  }

  /** A socket took bytes: whoever was behind may catch up. */
  drained(flow: SocketFlow): void {
    flow.catchUp()
  }

  /** Ends all walls, for example when the leader leaves. */
  closeAll(code: number, reason: string): void {
    this.flush()
    for (const channel of this.#channels.values())
      for (const flow of [...channel.members]) flow.close(code, reason)
  }

  #hearers(message: HubMessage): Set<Channel> {
    const hearers = new Set(this.#byTopic.get(everything))
    for (const topic of message.topics)
      for (const channel of this.#byTopic.get(topic) ?? []) hearers.add(channel)
    return hearers
  }

  #schedule(): void {
    if (this.#timer !== null) return
    const waitMs = this.#lastFlushMs + this.#frameMs - this.#clock.monotonicMs()
    if (waitMs <= 0) {
      this.#timer = { cancel: () => undefined }
      this.#clock.soon(() => {
        if (this.#timer !== null) this.flush()
      })
      return
    }
    this.#timer = this.#clock.after(waitMs, () => this.flush())
  }

  #flushOne(channel: Channel): void {
    channel.flush(this.#seq)
    this.#dirty.delete(channel)
  }

  #join(topics: ReadonlySet<string>, flow: SocketFlow): Channel {
    const key = JSON.stringify([flow.frames, ...[...topics].sort()])
    let channel = this.#channels.get(key)
    if (channel === undefined) {
      channel = new Channel({
        topics: new Set(topics),
        frames: flow.frames,
        text: this.#text,
        fromSeq: this.#seq,
      })
      this.#channels.set(key, channel)
      for (const topic of topics) {
        const set = this.#byTopic.get(topic) ?? new Set()
        set.add(channel)
        this.#byTopic.set(topic, set)
      }
    } else if (channel.hasPending) this.#flushOne(channel)
    channel.members.add(flow)
    return channel
  }

  #leave(channel: Channel, flow: SocketFlow): void {
    channel.members.delete(flow)
    if (channel.members.size > 0) return
    for (const [key, known] of this.#channels) if (known === channel) this.#channels.delete(key)
    this.#dirty.delete(channel)
    for (const topic of channel.topics) {
      const set = this.#byTopic.get(topic)
      set?.delete(channel)
      if (set?.size === 0) this.#byTopic.delete(topic)
    }
  }
}
