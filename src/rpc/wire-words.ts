import {
  AgentAction,
  ControlAction,
  LineLevel,
  LineStream,
  ReceiptState,
  RunOutcome,
  RunState,
  StallKind,
} from '../gen/agentflow/v1/node_sync_pb.js'
import { freeText, malformed } from './wire-checks.js'

/** Both directions of one enum: numbers on the wire, words in the rules. */
export interface WordTable<Word extends string, Wire extends number> {
  readonly toWire: Readonly<Record<Word, Wire>>
  /** Throws invalid_request for unspecified and unknown values. */
  fromWire(value: number): Word
}

function wordTable<Word extends string, Wire extends number>(
  field: string,
  toWire: Readonly<Record<Word, Wire>>,
): WordTable<Word, Wire> {
  const words: Word[] = []
  for (const word of Object.keys(toWire) as Word[]) words[toWire[word]] = word
  return {
    toWire,
    fromWire: (value) => words[value] ?? malformed(`${field} ${value} is not known`),
  }
}

export const runStates = wordTable('run state', {
  starting: RunState.STARTING,
  running: RunState.RUNNING,
  paused: RunState.PAUSED,
  stopping: RunState.STOPPING,
  ended: RunState.ENDED,
})

export const runOutcomes = wordTable('run outcome', {
  succeeded: RunOutcome.SUCCEEDED,
  exit: RunOutcome.EXIT,
  spawn_failed: RunOutcome.SPAWN_FAILED,
  timeout: RunOutcome.TIMEOUT,
  lost: RunOutcome.LOST,
  cancelled: RunOutcome.CANCELLED,
})

export const stallKinds = wordTable('stall kind', {
  silent: StallKind.SILENT,
  repeated_line: StallKind.REPEATED_LINE,
  waiting_input: StallKind.WAITING_INPUT,
})

export const lineStreams = wordTable('line stream', { out: LineStream.OUT, err: LineStream.ERR })

export const lineLevels = wordTable('line level', {
  debug: LineLevel.DEBUG,
  info: LineLevel.INFO,
  warning: LineLevel.WARNING,
  error: LineLevel.ERROR,
})

export const receiptStates = wordTable('receipt state', {
  received: ReceiptState.RECEIVED,
  acting: ReceiptState.ACTING,
  stopped: ReceiptState.STOPPED,
  killed: ReceiptState.KILLED,
  done: ReceiptState.DONE,
  refused: ReceiptState.REFUSED,
})

export const controlActions = wordTable('control action', {
  pause: ControlAction.PAUSE,
  resume: ControlAction.RESUME,
  cancel: ControlAction.CANCEL,
})

export const agentActions = wordTable('agent action', {
  create: AgentAction.CREATE,
  delete: AgentAction.DELETE,
})

/** A word of a string field that has a closed list. */
export function wordOf<const Words extends readonly string[]>(
  words: Words,
  value: string,
  field: string,
): Words[number] {
  return words.includes(value)
    ? value
    : malformed(`${field} "${freeText(value, 50)}" is not one of ${words.join(', ')}`)
}

export const agentKinds = ['process', 'function', 'browser', 'claude', 'acp', 'mcp', 'service'] as const
export const leaseClasses = ['steady', 'strict'] as const
export const declineCodes = ['no_memory', 'no_disk', 'no_slot', 'policy', 'leaving'] as const
export const disconnectPolicies = ['restart', 'wait', 'keep'] as const
