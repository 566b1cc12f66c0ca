import { useEffect, useState } from 'react'
import { useSelector } from 'react-redux'
import { live } from '../../live/live.js'
import type { Stats } from '../../live/protocol.js'
import { selectWorkerIds } from '../../live/selectors.js'
import { Button } from '../../ui/button.js'
import { CopyText } from '../../ui/copy-text.js'
import { Dialog } from '../../ui/dialog.js'
import { useRefusal } from '../../ui/refusal.js'
import { useTranslation } from '../../ui/translation.js'
import { freeName, isLoopback, joinCommand } from './join-command.js'

/** How a machine joins: the command with this leader's address, to copy. The master appears in the list by itself. */
export function AddMaster({ onClose }: { onClose(): void }) {
  const { t } = useTranslation()
  const refusalOf = useRefusal()
  const [stats, setStats] = useState<Stats | null>(null)
  const [problem, setProblem] = useState<unknown>(null)
  const workerIds = useSelector(selectWorkerIds)
  // The name stays while the dialog is open: the master that joins takes it.
  const [name] = useState(() => freeName(workerIds))
  useEffect(() => {
    const abort = new AbortController()
    live.rest.get<Stats>('/api/stats', abort.signal).then(setStats, (cause: unknown) => {
      if (!abort.signal.aborted) setProblem(cause)
    })
    return () => abort.abort()
  }, [])
  const joined = workerIds.includes(name)
  return (
    <Dialog open onClose={onClose} title={t('fleet.add')} wide>
      <div className="flex flex-col gap-5">
        {problem === null ? null : <p className="text-failed">{refusalOf(problem)}</p>}
        {stats === null ? null : (
          <>
            <CopyText
              label={t('fleet.addHere')}
              text={joinCommand({ name, leader: stats.grpc, joinFile: stats.joinFile })}
            />
            <CopyText
              label={t('fleet.addFar', { file: stats.joinFile })}
              text={joinCommand({ name, leader: stats.grpc, joinFile: './join.json' })}
            />
            {isLoopback(stats.grpc) ? (
              <p className="text-quiet">{t('fleet.addLoopback', { address: stats.grpc })}</p>
            ) : null}
          </>
        )}
        <p role="status" className={joined ? 'text-ok' : 'text-quiet'}>
          {t(joined ? 'fleet.addJoined' : 'fleet.addWaits', { name })}
        </p>
        <div className="flex justify-end">
          <Button onClick={onClose}>{t('close')}</Button>
        </div>
      </div>
    </Dialog>
  )
}
