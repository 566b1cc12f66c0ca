/** Limits of time travel; a part of `limits`. */
export const replayLimits = {
  /** A keyframe is made after so many events … */
  keyframeEvents: 10_000,
  /** … but not more often than this, so that a busy log is not copied all the time. */
  keyframeMsMin: 1_000,
  /** … and after this long whenever anything changed. */
  keyframeMs: 10 * 60_000,
  /** Events of a picture that lead up to its instant, so that steps back from it ask nobody. */
  replayBehindEvents: 300,
  /** Events after its instant that a picture brings along. */
  replayAheadEvents: 200,
  /** Events of a page of a replay; a larger one is cut. */
  replayEventsPage: 500,
  /** Events that one page looks at, shown or not; the reader goes on with the next page. */
  replayLookMax: 5_000,
  /** Commands in a picture: those under way first, then the newest. */
  replayReceiptsMax: 500,
  /** Pictures whose pages are not all read; the oldest is dropped, and its reader gets `resource_exhausted`. */
  replayPicturesOpen: 4,
  /** A sample of a master tells of an instant up to so long after it. */
  replaySampleMs: 60_000,
} as const
