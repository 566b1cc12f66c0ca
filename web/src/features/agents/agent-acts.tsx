import { useState } from 'react'
import { live } from '../../live/live.js'
import type { Agent } from '../../live/protocol.js'
import { Button } from '../../ui/button.js'
import { ConfirmDialog } from '../../ui/confirm-dialog.js'
import { useRefusal } from '../../ui/refusal.js'
import { useTranslation } from '../../ui/translation.js'

/** What may be done with these agents, one or many: cancel what they run, delete them after a question. */
export function AgentActs({ agents, onDone }: { agents: readonly Agent[]; onDone(): void }) {
  const { t } = useTranslation()
  const refusalOf = useRefusal()
  const [asking, setAsking] = useState(false)
  const [refused, setRefused] = useState<{ readonly count: number; readonly reason: string } | null>(null)
  const tasks = agents.flatMap((agent) => (agent.currentTask === null ? [] : [agent.currentTask]))
  const remove = async () => {
    setAsking(false)
    const ends = await Promise.allSettled(
      agents.map(({ agentId }) =>
        live.rest.delete(`/api/agents/${encodeURIComponent(agentId)}?force=true&wait=0`),
      ),
    )
    const failed = ends.filter((end) => end.status === 'rejected')
    const [first] = failed
    setRefused(first === undefined ? null : { count: failed.length, reason: refusalOf(first.reason) })
    if (first === undefined) onDone()
  }
  return (
    <>
      {tasks.length === 0 ? null : (
        <Button
          acts
          icon="cancel"
          onClick={() => {
            for (const taskId of tasks) live.command(taskId, 'cancel')
          }}
        >
          {t('fleet.cancelTasks', { count: agents.length })}
        </Button>
      )}
      <Button acts onClick={() => setAsking(true)}>
        {t('fleet.delete')}
      </Button>
      {refused === null ? null : (
        <p role="alert" className="text-failed">
          {t('fleet.someRefused', refused)}
        </p>
      )}
      <ConfirmDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={t('fleet.deleteTitle', { count: agents.length })}
        act={t('fleet.delete')}
        onAct={() => void remove()}
      >
        <p>{t('fleet.deleteNote')}</p>
      </ConfirmDialog>
    </>
  )
}
