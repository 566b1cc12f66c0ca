import { createHash, randomBytes } from 'node:crypto'
import type { Random } from '../../ports/random.js'

const secretBytes = 32

/** Randomness and hashing from the platform; secrets come from the system's generator. */
export const nodeRandom: Random = {
  fraction: () => Math.random(),
  hex: (bytes) => randomBytes(bytes).toString('hex'),
  secret: () => randomBytes(secretBytes).toString('base64url'),
  sha256: (text) => createHash('sha256').update(text).digest('hex'),
}
