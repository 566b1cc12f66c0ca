import type { Text } from '../../ports/text.js'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export const utf8Text: Text = {
  encode: (text) => encoder.encode(text),
  decode: (bytes) => decoder.decode(bytes),
}
