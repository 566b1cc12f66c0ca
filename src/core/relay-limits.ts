/** Limits of a master's own wall; part of `limits`. */
export const relayLimits = {
  /** Walls that a master serves itself; a further one is refused. */
  relayWallsMax: 32,
  /** A master's own wall waits this long for the leader to take a socket; then it shows what the master knows. */
  relayReachMs: 3_000,
  /** Whether the leader is back is looked this often while a wall shows what its master alone knows. */
  relayLookMs: 1_000,
  /** A token that the leader took opens its master's wall this long without the leader, at most to its own end. */
  relayTrustMs: 3_600_000,
  /** Tokens that a master remembers for that; the oldest are forgotten. */
  relayTokensMax: 100,
  /** Messages of a wall kept while its leader is being reached; a wall with more is closed. */
  relayPendingMax: 256,
  /** Tasks that a master remembers of what its walls were told; finished ones are forgotten first, then the oldest. */
  relayTasksMax: 2_000,
  /** The same of every other kind of entity; the oldest are forgotten. */
  relayEntitiesMax: 5_000,
  /** Lines that a master remembers of its walls, and of its own runs; the oldest are forgotten. */
  relayLinesMax: 1_000,
} as const
