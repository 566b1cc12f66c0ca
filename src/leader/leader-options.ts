import type { AlertDelivery } from '../contract/alert-rules.js'
import type { Calendar } from '../ports/calendar.js'
import type { Clock } from '../ports/clock.js'
import type { Conditions } from '../ports/conditions.js'
import type { Caller, ControlPlane } from '../ports/control-plane.js'
import type { CrashNotes } from '../ports/crash-notes.js'
import type { Log } from '../ports/log.js'
import type { NodeGateway } from '../ports/node-link.js'
import type { Random } from '../ports/random.js'
import type { Replays } from '../ports/replays.js'
import type { Journal, Views } from '../ports/store.js'
import type { ChatRecord, Streams } from '../ports/streams.js'
import type { Text } from '../ports/text.js'
import type { WorkBodies } from '../ports/work-bodies.js'
import type { RunTool } from './answer-calls.js'
import type { Logins } from './logins.js'
import type { ChatMessage } from './wall-session.js'

export interface LeaderOptions {
  readonly leaderId: string
  readonly version: string
  readonly journal: Journal
  readonly views: Views
  readonly streams: Streams
  readonly workBodies: WorkBodies
  /** Default: walls cannot look at the past. */
  readonly replays?: Replays
  readonly clock: Clock
  readonly calendar: Calendar
  readonly conditions: Conditions
  readonly random: Random
  readonly text: Text
  readonly log: Log
  /** Outlives the process, beside the journal. */
  readonly crashNotes: CrashNotes
  /** Address that masters dial, HOST:PORT; known once the server listens, so asked for when needed. */
  readonly grpcAddress: () => string
  /** Web address of this leader, which masters are told. Default: not known. */
  readonly httpUrl?: () => string | null
  /** Where on this machine masters find what they join with. */
  readonly joinFile: string
  /** Runs a tool by its name, for those who call one through a master. Default: there is none. */
  readonly callTool?: RunTool
  /** How the delivery of alerts goes. Default: there is none. */
  readonly alertDelivery?: () => AlertDelivery
  /** Takes the questions of chats (the operator). */
  readonly ask: (caller: Caller, message: ChatMessage) => void
  /** The process must end now: it is deposed, or cannot keep its word. */
  readonly onFatal: (reason: string, cause?: unknown) => void
}

export interface Leader {
  readonly plane: ControlPlane
  readonly gateway: NodeGateway
  readonly logins: Logins
  readonly logId: string
  readonly clusterId: string
  readonly term: number
  /** Tells the walls that follow a chat; the record is durable already. */
  say(record: ChatRecord): void
  /** Moves masters and walls on, finishes what is in flight, leaves nothing unprojected. */
  stop(): Promise<void>
}
