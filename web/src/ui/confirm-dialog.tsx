import type { ReactNode } from 'react'
import { Button } from './button.js'
import { Dialog } from './dialog.js'
import { useTranslation } from './translation.js'

/** Asks before what cannot be taken back. `act`: the word on its button, which says what will be done. */
export function ConfirmDialog({
  open,
  onClose,
  title,
  act,
  busy = false,
  onAct,
  children,
}: {
  open: boolean
  onClose(): void
  title: string
  act: string
  busy?: boolean
  onAct(): void
  children: ReactNode
}) {
  const { t } = useTranslation()
  return (
    <Dialog open={open} onClose={onClose} title={title}>
      <div className="flex flex-col gap-4">
        {children}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button acts look="primary" disabled={busy} onClick={onAct}>
            {act}
          </Button>
        </div>
      </div>
    </Dialog>
  )
}
