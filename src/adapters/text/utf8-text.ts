import type { Text } from '../../ports/text.js'

/** UTF-8 by Buffer, which is several times faster than TextEncoder on short texts. */
export const utf8Text: Text = {
  encode: (text) => Buffer.from(text, 'utf8'),
  decode: (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'),
}
