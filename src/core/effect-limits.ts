/** Limits of side effects and of what runs ask of the leader; a part of `limits`. */
export const effectLimits = {
  /** Side effects of one task, by key; a further one is `too_large`. */
  effectKeysMax: 100,
  effectKeyLengthMax: 200,
  /** What came of one, as JSON; more is `too_large`. */
  effectValueCharsMax: 4 * 1024,
  /** Values of all effects of one task, as JSON; what would go over it is `too_large`. */
  effectsCharsMax: 64 * 1024,
  /** Runs whose word on one effect is kept, the newest. */
  effectRunsKept: 5,
  /** What runs of a master ask of the leader: at a time, and waiting; one more is `resource_exhausted`. */
  runAsksOpen: 32,
  runAsksWaiting: 1_000,
  /** The same in a warden; each waits for its answer so long, then its outcome is unknown. */
  wardenAsksMax: 256,
  runAskMs: 5_000,
  /** A function's effect waits so long for the leader's word; then the call rejects. */
  effectAnswerMs: 30_000,
} as const
