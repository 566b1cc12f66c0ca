import { limits } from '../../../src/core/limits.js'

/** Limits of the page itself. Times are ms. What happens at a limit stands beside it. */
export const bounds = {
  connectMs: 10_000,
  /** Nothing heard this long: ask for an empty snapshot, to tell an idle leader from a dead link. */
  quietMs: 20_000,
  /** … but where news come often, silence is asked about sooner, never before this. */
  quietMsMin: 4_000,
  /** The question is unanswered this long: the wall says `stale`. */
  staleMs: 5_000,
  /** … and this long: the socket is given up and opened anew. */
  deadMs: 15_000,
  /** A command without any answer is `unconfirmed` after this. */
  commandAnswerMs: 10_000,
  /** The leader must not start a command later than this. */
  commandStartMs: 60_000,

  /** Agents that one form asks for: as many as the leader takes in one call. */
  agentsCreatedMax: limits.agentsBatchMax,
  /** Commands and receipts kept for the screen; the oldest are dropped. */
  commandsMax: 50,
  receiptsMax: 500,
  /** Tasks of one flow; what hangs together further off is not shown. */
  relatedMax: 200,
  /** Rows that a list may ask for at once; a longer window is cut. */
  listRowsMax: 200,
  /** Finished tasks the worker holds; beyond it (and a tenth more) the oldest are dropped and counted. */
  tasksFinishedHeld: 10_000,
  /** Batches and bulk acts that are over, held for the screen; the oldest are dropped. */
  workFinishedHeld: 100,
  /** Lists, streams and chats on screen at once; one more is refused (a defect of the page). */
  watchesMax: 32,
  /** Lines the worker keeps over all tasks; the oldest are dropped. */
  linesHeld: 20_000,
  /** Lines handed over in one frame; more are skipped and counted. */
  linesPerFrame: 1_000,
  /** Lines a stream on screen keeps; the oldest are dropped. */
  linesShown: 5_000,
  /** Lines that an export saves; of more, the newest. */
  linesExported: 100_000,
  /** Lines that a stream starts with. */
  linesAtFirst: 200,
  chatTurnsMax: 200,
  /** Samples kept per master for its charts (about four minutes at one a second). */
  samplesPerWorker: 240,
  /** Minutes of the time river; what ended before them is dropped. */
  riverMinutes: 60,
  /** Minutes over which a pace is measured. */
  paceMinutes: 10,
  /** Events of the past that a replay holds at once; the oldest behind the cursor are dropped. */
  replayEventsHeld: 5_000,
  /** Fewer events ahead than this while it plays: the next page is asked for. */
  replayAheadMin: 100,
  /** A replay that plays moves on this often. */
  replayTickMs: 100,
  /** Lines are asked for anew at most this often while the cursor moves. */
  replayLinesMs: 500,
  /** A frame with more changes than this is followed by a pause of a millisecond for each of them, … */
  frameChangesFree: 20,
  /** … at most this long. */
  framePauseMsMax: 100,
  /** Numbers on screen change at most this often; changes of state do not wait. */
  numberIntervalMs: 1_000,
} as const
