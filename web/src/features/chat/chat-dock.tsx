import { useEffect, useState } from 'react'
import { useSelector } from 'react-redux'
import { live } from '../../live/live.js'
import { selectWorkerIds } from '../../live/selectors.js'
import type { WallState } from '../../live/store.js'
import { IconButton } from '../../ui/button.js'
import { Select } from '../../ui/field.js'
import { useTranslation } from '../../ui/translation.js'
import { ChatInput } from './chat-input.js'
import { ChatLog } from './chat-log.js'
import { contextGroups, fleetContext } from './contexts.js'

const storageKey = 'agentflow.chat'

/** The conversation with the leader about a chosen part of the fleet. */
export function ChatDock({ onClose }: { onClose(): void }) {
  const { t } = useTranslation()
  const [context, setContext] = useState(() => sessionStorage.getItem(storageKey) ?? fleetContext)
  const projects = useSelector((state: WallState) => state.summary.projects)
  const workerIds = useSelector(selectWorkerIds)
  useEffect(() => {
    sessionStorage.setItem(storageKey, context)
    return live.watchChat(context)
  }, [context])
  const groups = contextGroups(projects, workerIds)
  const listed = context === fleetContext || groups.some((group) => group.contexts.includes(context))
  return (
    <section aria-label={t('chat.name')} className="flex h-full min-h-0 min-w-0 flex-col bg-panel">
      <header className="flex min-h-10 shrink-0 items-center gap-2 border-b border-line py-1 pr-1.5 pl-3">
        <h2 className="text-sm font-semibold whitespace-nowrap">{t('chat.name')}</h2>
        <Select
          aria-label={t('chat.context')}
          data-testid="chat-context"
          className="min-w-0 flex-1"
          value={context}
          onChange={(event) => setContext(event.target.value)}
          choices={[
            { value: fleetContext, label: t('chat.fleet') },
            ...(listed ? [] : [{ value: context, label: context }]),
          ]}
          groups={groups.map((group) => ({
            label: group.project,
            choices: group.contexts.map((value) => ({
              value,
              label: value.endsWith(':*') ? t('chat.project', { project: group.project }) : value,
            })),
          }))}
        />
        <IconButton icon="close" label={t('chat.close')} onClick={onClose} />
      </header>
      <ChatLog context={context} />
      <ChatInput context={context} />
    </section>
  )
}
