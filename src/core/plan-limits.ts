/** Limits of schedules, templates and triggers; a part of `limits`. */
export const planLimits = {
  /** Of each kind; a further one gets `resource_exhausted`. */
  schedulesMax: 1_000,
  templatesMax: 1_000,
  triggersMax: 1_000,
  /** Slots that are made up for with `catchUp: all`, the newest; older ones pass. */
  scheduleCatchUpMax: 100,
  /** A slot that is late by no more than this was not missed: a leader may have started meanwhile. */
  scheduleLateMsMax: 10_000,
  /** The wall clock is looked at as often while a slot is to come: timers do not notice a step of it. */
  scheduleLookMs: 10_000,
  /** A slot or an event that the leader could not take now is offered again after this. */
  planRetryMs: 1_000,
  cronLengthMax: 200,
  /** Steps from one local time to the next until one is later than asked; then the expression counts as never due. */
  cronStepsMax: 10_000,
  /** Compiled expressions kept, of calendars and of conditions; the oldest give way. */
  compiledKept: 1_000,
  /** Parameters of one template. */
  parametersMax: 50,
  parameterLengthMax: 4 * 1024,
  conditionLengthMax: 1_000,
  /** Nodes of a condition's syntax, and how deep they may stand in each other; its loops may not be nested. */
  conditionNodesMax: 200,
  conditionDepthMax: 20,
  /** Items of a list or an object that conditions see; a field that holds a larger one, or is deeper, is left out. */
  conditionListMax: 100,
  /** Events that wait in memory for triggers; beyond it they are read from the journal again. */
  triggerQueueMax: 10_000,
  /** How far triggers are is noted after so many events: a new leader reads that many again. */
  triggerNoteEvents: 10_000,
  /** Events that a leader looks at again for triggers; older ones are given up, and the triggers say so. */
  triggerTailMax: 100_000,
  /** Time that conditions may take at a stretch; then the leader does other work first. */
  triggerSliceMs: 5,
  /** Tasks of triggers that are offered to the rules at once; the next ones wait for their commit. */
  triggerFiresAtOnce: 200,
  /** Failures of a trigger within this of the last one that was told are told together. */
  triggerErrorMs: 10_000,
  /** Tasks that one trigger makes within a minute, at most and unless it says fewer; more events fail. */
  triggerFiresPerMinuteMax: 600,
  /** A task's end fires triggers that fire triggers, at most so many in a row. */
  triggerDepthMax: 8,
} as const
