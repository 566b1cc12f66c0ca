/** How much of the past is kept unless somebody chose otherwise, and what can be chosen; a part of `limits`. */
export const retentionLimits = {
  /** Age of events; older ones go. */
  journalKeptMs: 7 * 24 * 3600_000,
  journalKeptMsMin: 3600_000,
  journalKeptMsMax: 400 * 24 * 3600_000,
  /** Size of the journal; the oldest events go. */
  journalBytesMax: 10 * 1024 ** 3,
  journalBytesMin: 64 * 1024 ** 2,
  journalBytesMost: 1024 ** 4,
  /** Lines kept over all tasks; the oldest go. */
  linesTotalMax: 5_000_000,
  linesTotalMin: 10_000,
  linesTotalMost: 100_000_000,
} as const
