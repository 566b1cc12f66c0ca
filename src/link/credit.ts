/** What a sender may use, counted from the stream's start. */
export interface Allowance {
  readonly messages: number
  readonly bytes: number
}

/**
 * Sender's side of a link's flow control. The transport gives no useful back-pressure, so the receiver grants a
 * cumulative allowance and the sender keeps to it.
 * Invariant: sent ≤ granted when `mayUse` was asked before each message (one message may overshoot the bytes).
 */
export class SendWindow {
  #granted: Allowance = { messages: 0, bytes: 0 }
  #sentMessages = 0
  #sentBytes = 0

  /** Takes a grant; an older (smaller) one changes nothing. */
  grant(allowance: Allowance): void {
    this.#granted = {
      messages: Math.max(this.#granted.messages, allowance.messages),
      bytes: Math.max(this.#granted.bytes, allowance.bytes),
    }
  }

  mayUse(): boolean {
    return this.#sentMessages < this.#granted.messages && this.#sentBytes < this.#granted.bytes
  }

  used(bytes: number): void {
    this.#sentMessages += 1
    this.#sentBytes += bytes
  }
}

/** Receiver's side: says when to grant more, so that a grant goes out once per half window, not per message. */
export class ReceiveWindow {
  readonly #window: Allowance
  #handledMessages = 0
  #handledBytes = 0
  #granted: Allowance

  constructor(window: Allowance) {
    this.#window = window
    this.#granted = window
  }

  /** The first grant of a stream. */
  initial(): Allowance {
    return this.#granted
  }

  /** One message is handled; returns a new grant when it is time for one. */
  handled(bytes: number): Allowance | null {
    this.#handledMessages += 1
    this.#handledBytes += bytes
    const messagesLeft = this.#granted.messages - this.#handledMessages
    const bytesLeft = this.#granted.bytes - this.#handledBytes
    if (messagesLeft * 2 > this.#window.messages && bytesLeft * 2 > this.#window.bytes) return null
    this.#granted = {
      messages: this.#handledMessages + this.#window.messages,
      bytes: this.#handledBytes + this.#window.bytes,
    }
    return this.#granted
  }
}
