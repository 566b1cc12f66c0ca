import { createSelector } from '@reduxjs/toolkit'
import { type KeyboardEvent, useId, useRef, useState } from 'react'
import { useSelector } from 'react-redux'
import { live } from '../../live/live.js'
import type { WallState } from '../../live/store.js'
import { useActsBlocked } from '../../ui/acts.js'
import { IconButton } from '../../ui/button.js'
import { useTranslation } from '../../ui/translation.js'
import { type Completion, completionsOf } from './commands.js'

const textMax = 16_000

const selectNamedTasks = createSelector([(state: WallState) => state.tasks], (tasks) =>
  Object.values(tasks)
    .filter((task) => task.status === 'running' || task.status === 'pending' || task.status === 'failed')
    .map(({ taskId, name }) => ({ taskId, name })),
)

/** Where one types. Enter sends, Shift+Enter breaks the line; neither while an input method composes. */
export function ChatInput({ context }: { context: string }) {
  const { t } = useTranslation()
  const [text, setText] = useState('')
  const [chosen, setChosen] = useState(0)
  const tasks = useSelector(selectNamedTasks)
  const blocked = useActsBlocked()
  const isLinked = useSelector((state: WallState) => state.connection.phase === 'live')
  const isLive = isLinked && blocked === null
  const box = useRef<HTMLTextAreaElement>(null)
  const listId = useId()
  const completions = completionsOf(text, tasks)
  const shown = completions.some((completion) => completion.text.trim() === text.trim()) ? [] : completions
  const change = (next: string) => {
    setText(next)
    setChosen(0)
  }
  const complete = (completion: Completion | undefined) => {
    if (completion !== undefined) change(completion.text)
    box.current?.focus()
  }
  const send = () => {
    if (text.trim() === '' || !isLive) return
    live.say(context, text.trim().slice(0, textMax))
    change('')
  }
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.nativeEvent.isComposing || event.keyCode === 229) return
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (by !== undefined && shown.length > 0) {
      event.preventDefault()
      setChosen((chosen + by + shown.length) % shown.length)
    } else if (event.key === 'Tab' && !event.shiftKey && shown.length > 0) {
      event.preventDefault()
      complete(shown[chosen])
    } else if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault()
      // A command whose name is only begun is completed first.
      if (shown.length > 0 && !text.includes(' ')) complete(shown[chosen])
      else send()
    } else if (event.key === 'Escape') {
      event.currentTarget.blur()
    }
  }
  return (
    <div className="relative shrink-0 border-t border-line p-2">
      {shown.length === 0 ? null : (
        <Completions id={listId} completions={shown} chosen={chosen} onChoose={complete} />
      )}
      <div className="flex items-end gap-1.5">
        <textarea
          ref={box}
          data-testid="chat-input"
          role="combobox"
          aria-label={t('chat.input')}
          aria-autocomplete="list"
          aria-expanded={shown.length > 0}
          aria-controls={listId}
          aria-activedescendant={shown.length > 0 ? `${listId}-${chosen}` : undefined}
          placeholder={blocked ?? (isLive ? t('chat.placeholder') : t('chat.offline'))}
          disabled={blocked !== null}
          rows={Math.min(6, Math.max(1, text.split('\n').length))}
          maxLength={textMax}
          spellCheck={false}
          value={text}
          onChange={(event) => change(event.target.value)}
          onKeyDown={onKeyDown}
          className="field h-auto min-h-[1.875rem] flex-1 resize-none py-1"
        />
        <IconButton
          icon="send"
          label={t('chat.send')}
          disabled={!isLive}
          onClick={send}
          className="size-[1.875rem]"
        />
      </div>
    </div>
  )
}

function Completions({
  id,
  completions,
  chosen,
  onChoose,
}: {
  id: string
  completions: readonly Completion[]
  chosen: number
  onChoose(completion: Completion): void
}) {
  const { t } = useTranslation()
  return (
    <div
      id={id}
      role="listbox"
      aria-label={t('chat.completions')}
      className="absolute right-2 bottom-full left-2 z-20 mb-1 max-h-64 overflow-y-auto rounded-md border border-strong bg-panel py-1"
    >
      {completions.map((completion, index) => (
        <button
          key={completion.text}
          id={`${id}-${index}`}
          type="button"
          role="option"
          tabIndex={-1}
          aria-selected={index === chosen}
          onClick={() => onChoose(completion)}
          className={`flex h-7 w-full items-center gap-2 px-2.5 text-left ${index === chosen ? 'bg-chosen' : 'hover:bg-raised'}`}
        >
          <span className="min-w-0 truncate">{completion.title}</span>
          <span className="ml-auto shrink-0 font-mono text-xs text-quiet">{completion.hint}</span>
        </button>
      ))}
    </div>
  )
}
