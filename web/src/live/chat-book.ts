import { bounds } from './bounds.js'
import type { ChatResponse, ChatTurn } from './protocol.js'

/** Conversations by context (`PROJECT:MASTER`), oldest turn first, at most bounds.chatTurnsMax each and bounds.watchesMax in all. */
export class ChatBook {
  readonly #turns = new Map<string, readonly ChatTurn[]>()
  readonly #changed = new Set<string>()

  get dirty(): boolean {
    return this.#changed.size > 0
  }

  /** What this page just said; stands until the leader's copy comes. */
  say(context: string, requestId: string, text: string, sent: boolean, atMs: number): void {
    const turn: ChatTurn = {
      messageId: `local-${requestId}`,
      requestId,
      role: 'user',
      author: '',
      text,
      atMs,
      done: true,
      failed: !sent,
    }
    this.#set(context, [...this.#of(context), turn])
  }

  receive(message: ChatResponse): void {
    const turns = this.#of(message.targetContext)
    const at = turns.findIndex((turn) => isSame(turn, message))
    const before = turns[at]
    const turn = turnOf(message, before)
    const next = at < 0 ? [...turns, turn] : turns.with(at, turn)
    this.#set(message.targetContext, next)
  }

  /** The leader's copy of a conversation. Turns that it has not seen yet stay at the end. */
  replace(context: string, messages: readonly ChatResponse[]): void {
    const known = messages.map((message) => turnOf(message, undefined))
    const waiting = this.#of(context).filter(
      (turn) => turn.messageId.startsWith('local-') && !messages.some((message) => isSame(turn, message)),
    )
    this.#set(context, [...known, ...waiting])
  }

  /** The leader refused what this page said. */
  refuse(requestId: string, text: string): boolean {
    for (const [context, turns] of this.#turns) {
      const at = turns.findIndex((turn) => turn.requestId === requestId && turn.role === 'user')
      const turn = turns[at]
      if (turn === undefined) continue
      const answer: ChatTurn = {
        ...turn,
        messageId: `refusal-${requestId}`,
        role: 'assistant',
        text,
        failed: true,
      }
      this.#set(context, [...turns.with(at, { ...turn, failed: true }), answer])
      return true
    }
    return false
  }

  clear(): void {
    for (const context of this.#turns.keys()) this.#changed.add(context)
    this.#turns.clear()
  }

  touch(context: string): void {
    this.#changed.add(context)
  }

  /** All contexts are told again: others of their turns are to be seen. */
  touchAll(): void {
    for (const context of this.#turns.keys()) this.#changed.add(context)
  }

  /** `untilMs`: turns after it are left out; null = none is. */
  take(untilMs: number | null = null): Record<string, readonly ChatTurn[]> {
    const chats: Record<string, readonly ChatTurn[]> = {}
    for (const context of this.#changed) {
      const turns = this.#of(context)
      chats[context] = untilMs === null ? turns : turns.filter(({ atMs }) => atMs <= untilMs)
    }
    this.#changed.clear()
    return chats
  }

  #of(context: string): readonly ChatTurn[] {
    return this.#turns.get(context) ?? []
  }

  #set(context: string, turns: readonly ChatTurn[]): void {
    this.#turns.delete(context)
    this.#turns.set(context, turns.slice(-bounds.chatTurnsMax))
    for (const oldest of this.#turns.keys()) {
      if (this.#turns.size <= bounds.watchesMax) break
      this.#turns.delete(oldest)
    }
    this.#changed.add(context)
  }
}

/** The same turn: by its id, or it is the leader's copy of what this page said. */
function isSame(turn: ChatTurn, message: ChatResponse): boolean {
  if (turn.messageId === message.messageId) return true
  return turn.role === 'user' && message.role === 'user' && turn.requestId === (message.requestId ?? '')
}

function turnOf(message: ChatResponse, before: ChatTurn | undefined): ChatTurn {
  const grows = message.delta && !message.done
  return {
    messageId: message.messageId,
    requestId: message.requestId ?? null,
    role: message.role,
    author: message.author,
    text: grows ? `${before?.text ?? ''}${message.text}` : message.text,
    atMs: before?.role === message.role ? before.atMs : message.at,
    done: message.done,
    failed: false,
  }
}
