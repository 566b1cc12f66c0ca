/** FNV-1a, 32 bit. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let position = 0; position < text.length; position += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(position), 0x01000193)
  }
  return hash >>> 0
}

/**
 * Rendezvous hashing: of the nodes that are there, a key belongs to the one with the highest score. A node that leaves
 * moves its own keys alone, and one that comes takes its share from all. Murmur3's finaliser over both hashes.
 */
export function scoreOf(nodeHash: number, keyHash: number): number {
  let mixed = nodeHash ^ Math.imul(keyHash, 0x9e3779b1)
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
