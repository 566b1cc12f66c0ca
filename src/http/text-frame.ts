/** As far as the short headers reach. Longer messages are single ones (a picture of a topic): ws writes them as they are. */
const sharedBytesMax = 65_535

const frames = new WeakMap<Uint8Array, Buffer>()

/**
 * A text message as one unmasked WebSocket frame (RFC 6455, 5.2), made once however many sockets it goes to; null when
 * it is too long to be worth a copy. The bytes must not change afterwards.
 */
export function textFrameOf(message: Uint8Array): Buffer | null {
  if (message.length > sharedBytesMax) return null
  let frame = frames.get(message)
  if (frame === undefined) {
    frame = Buffer.concat([header(message.length), message])
    frames.set(message, frame)
  }
  return frame
}

const finalText = 0x81

const header = (length: number): Buffer =>
  Buffer.from(length < 126 ? [finalText, length] : [finalText, 126, length >> 8, length & 0xff])
