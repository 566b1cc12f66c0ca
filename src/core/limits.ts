import { alertLimits } from './alert-limits.js'
import { configLimits } from './config-limits.js'
import { effectLimits } from './effect-limits.js'
import { planLimits } from './plan-limits.js'
import { relayLimits } from './relay-limits.js'
import { replayLimits } from './replay-limits.js'
import { retentionLimits } from './retention-limits.js'

/**
 * Every named limit. Sizes are bytes, times milliseconds. What happens at a limit stands beside it.
 */
export const limits = {
  ...planLimits,
  ...effectLimits,
  ...alertLimits,
  ...configLimits,
  ...replayLimits,
  /** Events of one turn; a larger cascade goes on in the next turn. */
  turnEventsMax: 2_000,
  /** Inputs waiting for a turn; beyond it a call gets `resource_exhausted`. */
  turnInputsMax: 20_000,
  /** Of a turn's events, those up to which tasks are released or failed by the end of what they waited for. */
  turnCascadeEventsMax: 1_500,
  /** Unfinished tasks; beyond it a submit gets `resource_exhausted`. */
  tasksUnfinishedMax: 250_000,
  /** Finished tasks held in memory; older ones are read from the views. */
  tasksFinishedKept: 10_000,
  /** Finished tasks beyond the kept ones before a batch of them retires. */
  tasksRetireSlack: 1_000,
  /** Tasks that retire in one turn; the next ones go on, between what others ask. */
  tasksRetireMax: 2_000,
  /** Idempotency keys of retired tasks in the filter; the oldest give way. */
  retiredKeysKept: 1_000_000,
  /** Between two batches of the projector; versions collapse meanwhile. */
  projectorPauseMs: 200,
  /** Samples are thinned, lines and journal trimmed, this often. */
  housekeepingMs: 10_000,
  /** Masters that are told to move spread their return over this. */
  movingSpreadMs: 500,
  /** Receipts that are final, held in memory; older ones answer `receipt_not_found`. */
  receiptsFinalKept: 10_000,
  /** Commands of one task in one answer, the newest. */
  taskReceiptsMax: 100,
  /** Commands on one task without a final receipt; a further pause or resume is refused, a cancel never is. */
  commandsOpenPerTask: 32,
  /** Live login sessions and codes; the oldest is dropped beyond it. */
  credentialsMax: 10_000,
  nodesMax: 10_000,
  /** Agents that one call creates; more are refused. */
  agentsBatchMax: 100,
  /** A call that creates agents waits this long for their masters unless it says otherwise. */
  agentWaitMs: 5_000,
  /** Masters with series of their own in one scrape, by id; of the others only their number is told. */
  metricsWorkersMax: 2_000,
  /** Tools that a master calls at its leader for people, at a time; a further one is `resource_exhausted`. */
  nodeCallsMax: 64,
  /** Characters of what such a call answers; a longer answer is `too_large`. */
  callResultCharsMax: 1024 * 1024,
  /** A leader answers such a call by then, beside what it was asked to wait; else the outcome is unknown. */
  leaderCallMs: 10_000,
  /** A master believes for so long what the leader said of a token. */
  tokenTrustMs: 10_000,
  /** Tokens that a master remembers; the oldest is asked for again. */
  tokensKept: 1_000,
  /** Incarnations of a node whose uplink position is remembered. */
  uplinkIncarnationsKept: 8,
  /** Runs that a task remembers beside the current one. */
  pastRunsKept: 100,
  /** What a master tells is set aside when a broken rule ended the leader on it so often. */
  crashesUntilQuarantine: 2,
  /** Updates on which the leader ended, remembered on disk; the oldest are forgotten. */
  crashNotesKept: 100,
  /** How far ahead the deadline of a drain may lie. */
  drainDeadlineMsMax: 7 * 24 * 3600_000,
  /** Runs that one turn moves off a node whose drain is over its deadline; the rest follows in the next ones. */
  drainMovesPerTurn: 500,
  /** A master that does not return within this after a leader's start counts as silent. */
  nodeReturnGraceMs: 5_000,

  payloadBytesMax: 64 * 1024,
  requestBytesMax: 256 * 1024,
  /** JSON of a peer that is nested deeper is refused. */
  jsonDepthMax: 64,
  resultValueBytesMax: 1024 * 1024,
  /** Payload and result.value above this are cut from pushed copies (`truncated`). */
  pushedFieldBytesMax: 4 * 1024,
  tailBytesMax: 4 * 1024,
  nameLengthMax: 200,
  labelsMax: 64,
  idempotencyKeyLengthMax: 200,
  /** A retired task's idempotency key is still refused for another body this long. */
  idempotencyKeptMs: 24 * 3600_000,
  /** How long a command may wait for its master. */
  commandTimeoutMsMax: 24 * 3600_000,

  timeoutMsDefault: 300_000,
  stallAfterMsDefault: 120_000,
  attemptsMaxDefault: 4,
  attemptsMaxMax: 100,
  retryBackoffMsDefault: 1_000,
  retryBackoffMsMax: 100_000,

  /** Tasks that one task waits for. */
  dependenciesMax: 100,
  /** A result of a dependency that is longer, as JSON, is left out of the input of the task that waited, and that says so. */
  dependencyValueCharsMax: 16 * 1024,
  /** Results of all dependencies of one task; what comes after is left out. */
  dependencyInputCharsMax: 64 * 1024,
  tagsMax: 16,
  /** Tags, keys and names of capacities. */
  tagLengthMax: 100,
  capabilitiesNeededMax: 16,
  /** How far ahead a task may be put off. */
  delayMsMax: 366 * 24 * 3600_000,

  /** Batches and bulk acts under way; a further one gets `resource_exhausted`. */
  workRunningMax: 100,
  /** Batches and bulk acts that are over, held in memory with their keys; older ones answer `work_not_found`. */
  workFinishedKept: 1_000,
  /** Refusals that one of them keeps as examples; the rest is counted. */
  workExamplesKept: 100,
  /** One step of them begins nothing more when it has so many events, so that others wait for it only briefly. */
  workStepEvents: 200,
  /** Tasks that one step of a bulk act looks at. */
  workLookMax: 5_000,
  /** Items and bytes that one step of a batch takes. */
  workStepItems: 100,
  workStepBytes: 256 * 1024,
  /** A batch that met `resource_exhausted` tries again after this. */
  workRetryMs: 1_000,
  batchAtomicItemsMax: 1_000,
  batchAtomicBytesMax: 4 * 1024 * 1024,
  batchItemsMax: 10_000,
  batchBytesMax: 16 * 1024 * 1024,
  /** Items of an NDJSON batch that are taken and whose result its reader has not; then its body is not read. */
  batchLinesOpen: 256,
  /** NDJSON batches at the same time; a further one gets `resource_exhausted`. */
  batchStreamsMax: 64,
  /** An NDJSON batch on which nothing moves for so long, neither way, is cut. */
  batchStreamIdleMs: 5 * 60_000,
  /** A call whose body is not here by then is ended. */
  requestBodyMs: 30_000,
  /** Batches whose items are coming in; a further one gets `resource_exhausted`. */
  batchIntakesMax: 16,

  /** A low task runs at the latest after this many higher ones. */
  bandStarvationMax: 32,
  /** Sets of needs without a waiting task whose masters are remembered; the oldest are found anew when asked for again. */
  poolsIdleKept: 64,
  /** Types of tasks whose run times a node's agents of a kind are remembered for. */
  responseTypesKept: 100,
  /** Projects, capacities and keys without a waiting task that a set of needs remembers; further ones are built anew. */
  queueGroupsIdleKept: 64,
  /** Masters that one read looks at to say why tasks wait; beyond it a set of needs is told without a nearest master. */
  whyLooksMax: 100_000,
  /** Tasks that a picture of the queue names as the next ones. */
  queueNextMax: 20,
  /** Tasks that wait on walls and are told when their reason changes; of the oldest beyond it, walls hear with the next change. */
  whyTasksWatched: 5_000,
  /** Reasons are looked at again at most this often, and at most so many of them are told at once. */
  whyLookMs: 1_000,
  whyToldPerLook: 500,
  /** Other words for the same code are told a wall at most this often: slots come and go. */
  whyWordsMs: 10_000,
  /** Declines in a row of one task; then it is not offered for `declinedWaitMs`. */
  declinesMax: 8,
  declinedWaitMs: 30_000,
  /** How long a master that declined a task is not offered the like: as it asked, within these. */
  declineRetryMsMin: 500,
  declineRetryMsMax: 60_000,
  /** Classes of tasks that one master declined; beyond it, it is offered nothing until then. */
  declinedClassesPerNode: 1_000,
  /** A master that has no room asks to be offered the like again after this. */
  declineRetryMsDefault: 5_000,
  /** A master does not look at its free memory and disk more often than this. */
  roomLookMs: 1_000,
  /** What a master keeps free unless it is told otherwise: below it, it takes no run. */
  memoryFloorBytesDefault: 64 * 1024 * 1024,
  diskFloorBytesDefault: 64 * 1024 * 1024,
  /** Limits on runs, removed ones left out; a further one is `resource_exhausted`. */
  limitsMax: 1_000,
  /** Starts that a rate allows at once. */
  rateCountMax: 1_000,
  limitValueLengthMax: 180,
  ratePerMsMax: 24 * 3600_000,
  slotsDefault: 10,
  slotsMax: 1_000,

  /** Silent master: `unknown` at once, `offline` after this. */
  nodeOfflineAfterMs: 30_000,
  pathPingIntervalMs: 30_000,
  pathPingTimeoutMs: 5_000,
  keepaliveIntervalMs: 10_000,
  keepaliveTimeoutMs: 5_000,
  /**
   * Leases by class. Renewed this often; killed by the master's side this long after the sending of the last renewal that
   * was granted; started elsewhere by the leader this long after the receipt of the last one. Between kill and redispatch
   * lies what clocks (at most 1 % apart from the truth) and a late kill (at most 1 s) may take.
   */
  leaseSteadyRenewMs: 5_000,
  leaseSteadyKillMs: 25_000,
  leaseSteadyRedispatchMs: 30_000,
  leaseStrictRenewMs: 2_000,
  leaseStrictKillMs: 5_000,
  leaseStrictRedispatchMs: 7_500,
  /** A run whose lease runs out gets TERM so long before the KILL. */
  leaseSteadyGraceMs: 2_000,
  leaseStrictGraceMs: 500,
  /** What a succeeded leader may take to notice it; a new leader waits so much longer before it gives up a run. */
  leaderLeaseMs: 3_000,
  /** A warden looks at its leases at least so often: a suspended machine's timers are late. */
  leaseLookMs: 500,
  /** A warden that holds no live run and has no master ends itself after this. */
  wardenIdleMs: 5_000,
  /** A warden that is started or met again must answer by then; then another one is started. */
  wardenReadyMs: 10_000,
  /** A master that said hello waits so long for the end of the one before. */
  wardenHandOverMs: 1_000,
  /** Between two tries to reach a warden. */
  wardenRetryMs: 20,
  /** One message between master and warden; a longer one ends the connection. */
  wardenMessageBytesMax: 8 * 1024 * 1024,
  /** Output of before that a new master is shown of an adopted run, per stream. */
  wardenLookBackBytes: 64 * 1024,
  /** The warden's own log starts anew beyond this. */
  wardenLogBytesMax: 1024 * 1024,
  clockStepMs: 2_000,

  /** Link windows: what a master may send beyond the leader's ack. */
  linkCreditMessages: 4_096,
  linkCreditBytes: 8 * 1024 * 1024,
  /** Commands kept per node for replay; an older resume point gets a full sync. */
  linkReplayCommandsMax: 1_024,
  linkMessageBytesMax: 4 * 1024 * 1024,
  /** A stream whose first update is not complete by then is ended. */
  linkRegisterMs: 5_000,
  /** A dial that has no answer by then has failed. */
  linkDialMs: 10_000,
  /** Commands written but not yet taken by the wire, per stream; beyond it the stream closes itself. */
  linkChannelBytesMax: 8 * 1024 * 1024,
  /** What a closing stream has to write its rest; then it is dropped. */
  linkCloseGraceMs: 5_000,
  /** Ids and names on the wire; a longer one is malformed. */
  linkNameLengthMax: 200,
  /** Free text on the wire (reasons, evidence); a longer one is cut. */
  linkTextLengthMax: 4 * 1024,
  /** Runs in one inventory. */
  linkInventoryMax: 20_000,
  /** gRPC streams open on one connection. */
  linkStreamsPerConnectionMax: 128,
  /** Submit streams: items, and bytes of messages, without a result; a caller that sends more is cut off. */
  submitWindowItems: 4_096,
  submitWindowBytes: 8 * 1024 * 1024,
  /** Submit streams: bytes of results that a caller has not read; beyond it the stream is ended. */
  submitResultsBytesMax: 1024 * 1024,
  /** Items in one message of a submit stream. */
  submitBatchItemsMax: 512,
  submitBatchBytesMax: 1024 * 1024,
  /** Tasks that a submitter holds for the leader, and their bytes; a further one is refused. */
  submitterTasksMax: 100_000,
  submitterBytesMax: 64 * 1024 * 1024,
  /** A submitter looks this often for tasks that have waited too long. */
  submitterLookMs: 250,
  /** Watch: bytes waiting for a slow reader; beyond it the call ends with `resource_exhausted`. */
  watchBufferBytesMax: 8 * 1024 * 1024,
  /** Updates in one batch message. */
  linkBatchUpdatesMax: 512,
  linkBatchBytesMax: 1024 * 1024,
  /** Commands in one batch message. */
  linkBatchCommandsMax: 512,
  backoffMsMin: 100,
  backoffMsMax: 5_000,
  outboxBytesMax: 256 * 1024 * 1024,

  /** One line of output; a longer one is cut there and goes on as a new line. */
  lineBytesMax: 8 * 1024,
  /** A piece of output without a newline becomes a line after this. */
  linePartialMs: 1_000,
  /** Lines in one update. */
  linesPerUpdateMax: 1_000,
  /** Lines kept per task in streams.db; the oldest become a gap. */
  linesPerTaskMax: 100_000,
  linesPageMax: 500,
  /** Runs whose line position is held in memory; older ones are read from the store again. */
  lineRunsKept: 50_000,

  /** A run's spool file per stream; cut once sent, the cut is a gap. */
  spoolBytesMax: 64 * 1024 * 1024,
  /** Log of a function's attempt that its worker keeps until the leader has it; the oldest is cut, the cut is a gap. */
  functionLogBytesMax: 1024 * 1024,
  /** The end of a run that its master has not taken by then is fsynced by whoever saw it. */
  exitSyncMs: 100,
  progressIntervalMs: 250,
  partialBytesMax: 64 * 1024,

  meterIntervalMs: 1_000,
  meterFloorMs: 30_000,
  /** A change of a fraction by more than this is pushed. */
  meterChange: 0.02,
  stallCheckIntervalMs: 1_000,
  /** The same line this often within the stall window is a `repeated_line`. */
  stallRepeatedLines: 20,
  /** CPU time of the whole tree in one check interval that counts as work. */
  stallCpuMs: 20,
  /** Lines that are known as repeated; output that cycles over more is taken for new. */
  stallKnownLines: 8,
  stallEvidenceLines: 20,
  stallEvidenceProcesses: 50,

  /** A leader or master that has not stopped by then ends as it is. */
  processStopMs: 6_000,
  /** `up`: a child that is not ready by then fails the start. */
  childReadyMs: 30_000,
  /** `up`: how long after its end a child is started again; one that lived long comes back at once. */
  childRestartMs: 500,
  /** `up`: TERM to KILL for masters, which first end their tasks, and for the leader after them. */
  mastersStopMs: 5_500,
  leaderStopMs: 2_500,
  cancelGraceMs: 5_000,
  shutdownGraceMs: 3_000,
  /** A closing worker waits this long for its functions before it asks them to stop. */
  workerDrainMs: 30_000,
  /** Workers of one machine that are named by themselves; a further one has to be given a name. */
  workersPerMachineMax: 1_000,
  /** A stopping master waits this long for the ack of its last reports. */
  shutdownAckMs: 500,
  /** Commands waiting for a run that is acting on another; a further one is refused. */
  runCommandsMax: 16,
  /** Ended runs that a master holds for acks; beyond it the oldest reported one is let go. */
  runsEndedMax: 1_000,
  /** Runs and commands that a master remembers, so that a repeat is one act; the oldest are forgotten. */
  masterSeenMax: 10_000,
  /** Leader addresses that a master knows beside the configured ones. */
  leadersLearnedMax: 16,
  /** A receipt that is not final by then says `expired` (only when a deadline was asked). */
  waitMsMax: 60_000,

  /** Tasks in a wall's first picture: unfinished ones first, then the newest. */
  wallSnapshotTasksMax: 2_000,
  /** Batches and bulk acts in a wall's first picture: running ones first, then the newest. */
  wallSnapshotWorkMax: 100,
  wallSnapshotLines: 200,
  wallQueueBytesMax: 1024 * 1024,
  /** Pictures and answers of one wall that its socket has not taken; beyond it the wall is closed with 4408. */
  wallPictureBytesMax: 32 * 1024 * 1024,
  wallUnwritableMs: 10_000,
  wallFrameMessagesMax: 512,
  wallFrameMsMin: 16,
  wallFrameMsMax: 100,
  /** Answers under way and closing handshakes get this long when a server closes. */
  httpDrainMs: 1_000,
  wallAuthMs: 5_000,
  /** A wall that answered no ping since the one before is gone. */
  wallPingIntervalMs: 30_000,
  /** A socket that sends faster than this, after a burst of as many, is read no faster. */
  wallMessagesPerS: 100,
  wallMessageBytesMax: 64 * 1024,
  wallTopicsMax: 256,
  wallSessionsMax: 5_000,
  ...relayLimits,
  chatTextLengthMax: 16_000,
  chatHistoryMax: 200,

  /** A client's call without an answer for this long, beside what it asked to wait, is lost. */
  clientCallMs: 30_000,
  /** Commands and chat turns of one client that wait for their end; a further one is `resource_exhausted`. */
  clientPendingMax: 1_000,

  /** Tasks that a list looks at before turns may run; a page that takes more looks is gathered in several. */
  listLookMax: 5_000,
  /** Lists that are gathered so at the same time; a further one looks through without a pause. */
  listScansMax: 16,
  pageMax: 500,
  pageDefault: 100,
  loginCodeMs: 10 * 60_000,
  sessionMs: 12 * 3600_000,

  ...retentionLimits,
  retentionRowsPerStep: 1_000,
  /** Events of one turn share rows of the journal up to about so many characters. */
  journalChunkChars: 64 * 1024,
  checkpointWalBytes: 4 * 1024 * 1024,
  truncateWalBytes: 64 * 1024 * 1024,
  ballastBytes: 64 * 1024 * 1024,
  samplesKeptMs: 24 * 3600_000,
  /** One sample a node is kept per bucket, the newest. */
  sampleBucketMs: 10_000,
  /** Points of a load history; more are asked for in vain (invalid_request). */
  loadPointsMax: 500,
  /** Calls waiting for a store thread; beyond it a call gets `resource_exhausted`. */
  storeCallsMax: 1_024,
  /** A store thread's read ends its transaction after so many rows or so long; the caller goes on with the next page. */
  readerRowsMax: 500,
  readerMsMax: 1_000,
} as const
