import type { LeaderChannelEvents, NodeChannel, NodeGateway, NodeUpdate } from '../ports/node-link.js'
import { Mailbox } from './mailbox.js'

/** What happened on one stream, in order. */
export type StreamEvent =
  | { readonly kind: 'received'; readonly updates: readonly NodeUpdate[]; readonly bytes: number }
  | { readonly kind: 'malformed'; readonly detail: string }
  | { readonly kind: 'closed'; readonly reason: string }

export interface ScriptedStream {
  readonly channel: NodeChannel
  readonly events: Mailbox<StreamEvent>
}

/** A gateway that notes what it is told and, like the leader, ends a malformed peer; the test is the leader. */
export class ScriptedGateway implements NodeGateway {
  readonly streams = new Mailbox<ScriptedStream>('stream')

  open(channel: NodeChannel): ReturnType<NodeGateway['open']> {
    const events = new Mailbox<StreamEvent>('event of a stream')
    this.streams.push({ channel, events })
    return {
      receive: (updates, bytes) => events.push({ kind: 'received', updates, bytes }),
      malformed: (detail) => {
        events.push({ kind: 'malformed', detail })
        channel.close(detail)
      },
      closed: (reason) => events.push({ kind: 'closed', reason }),
    }
  }
}

export type LinkEvent =
  | { readonly kind: 'open' }
  | { readonly kind: 'command'; readonly command: Parameters<LeaderChannelEvents['onCommands']>[0][number] }
  | {
      readonly kind: 'closed'
      readonly reason: string
      readonly refused: boolean
      readonly leaderHint: string | null
    }

/** Events of a dial as a mailbox; the test is the master. */
export function linkEvents(): LeaderChannelEvents & { readonly mail: Mailbox<LinkEvent> } {
  const mail = new Mailbox<LinkEvent>('event of a link')
  return {
    mail,
    onOpen: () => mail.push({ kind: 'open' }),
    onCommands: (commands) =>
      mail.push(...commands.map((command) => ({ kind: 'command' as const, command }))),
    onClose: (reason, options) => mail.push({ kind: 'closed', reason, ...options }),
  }
}
