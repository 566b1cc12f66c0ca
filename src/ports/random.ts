/** Randomness for secrets, trace ids and back-off jitter; never used by a rule. */
export interface Random {
  /** In [0, 1). */
  fraction(): number
  /** Hex of `bytes` random bytes. */
  hex(bytes: number): string
  /** URL-safe secret of 256 bit. */
  secret(): string
  /** SHA-256 as hex. */
  sha256(text: string): string
}
