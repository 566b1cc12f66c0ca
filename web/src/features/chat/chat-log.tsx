import { useEffect, useRef } from 'react'
import { useSelector } from 'react-redux'
import type { ChatTurn } from '../../live/protocol.js'
import type { WallState } from '../../live/store.js'
import { reveal } from '../../ui/ansi.js'
import { clock } from '../../ui/format.js'
import { useTranslation } from '../../ui/translation.js'
import { slashCommands } from './commands.js'

const noTurns: readonly ChatTurn[] = []

/** The conversation so far; follows its end. Answers are text, whatever they hold. */
export function ChatLog({ context }: { context: string }) {
  const { t } = useTranslation()
  const turns = useSelector((state: WallState) => state.chats[context] ?? noTurns)
  const end = useRef<HTMLDivElement>(null)
  const last = turns.at(-1)
  const length = last?.text.length
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new turn, or more of the last one, moves the end.
  useEffect(() => {
    // Its answer is a promise in newer browsers, and an effect must not answer one.
    void end.current?.scrollIntoView({ block: 'end' })
  }, [last?.messageId, length])
  return (
    <div
      role="log"
      aria-label={t('chat.name')}
      data-testid="chat-log"
      className="flex min-h-0 flex-1 flex-col gap-3 overflow-y-auto px-3 py-3"
    >
      {turns.length === 0 ? <Help /> : turns.map((turn) => <Turn key={turn.messageId} turn={turn} />)}
      <div ref={end} />
    </div>
  )
}

function Turn({ turn }: { turn: ChatTurn }) {
  const { t } = useTranslation()
  const mine = turn.role === 'user'
  return (
    <div data-role={turn.role} data-done={turn.done}>
      <p className="text-xs text-quiet">
        {mine ? t('chat.you') : t('chat.leader')} · {clock(turn.atMs)}
        {turn.done ? null : ` · ${t('chat.writing')}`}
        {turn.failed && mine ? <span className="text-failed"> · {t('chat.notSent')}</span> : null}
      </p>
      <p
        className={`break-words whitespace-pre-wrap [overflow-wrap:anywhere] ${mine ? 'font-medium' : ''} ${turn.failed && !mine ? 'text-failed' : ''} ${/\S {2,}\S/.test(turn.text) ? 'font-mono text-xs' : ''}`}
      >
        {reveal(turn.text)}
      </p>
    </div>
  )
}

/** What can be said here, before anything was said. */
function Help() {
  const { t } = useTranslation()
  return (
    <div className="text-quiet">
      <p>{t('chat.intro')}</p>
      <dl className="mt-2 grid grid-cols-[auto_1fr] gap-x-3 gap-y-1">
        {slashCommands.map((command) => (
          <div key={command.name} className="contents">
            <dt className="font-mono text-xs leading-5 text-ink">{command.name}</dt>
            <dd>{t(`slash.${command.name}`)}</dd>
          </div>
        ))}
      </dl>
    </div>
  )
}
