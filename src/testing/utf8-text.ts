import type { Text } from '../ports/text.js'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** UTF-8 by the platform's own encoder, for fakes and fixtures. */
export const utf8Text: Text = {
  encode: (text) => encoder.encode(text),
  decode: (bytes) => decoder.decode(bytes),
}
