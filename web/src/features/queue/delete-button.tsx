import { useState } from 'react'
import { IconButton } from '../../ui/button.js'
import { ConfirmDialog } from '../../ui/confirm-dialog.js'
import { useTranslation } from '../../ui/translation.js'

/** Deletes after a question. `label` names what is deleted, `note` says what becomes of what came from it. */
export function DeleteButton({
  label,
  note,
  disabled,
  onDelete,
}: {
  label: string
  note: string
  disabled: boolean
  onDelete(): void
}) {
  const { t } = useTranslation()
  const [asking, setAsking] = useState(false)
  return (
    <>
      <IconButton acts icon="close" label={label} disabled={disabled} onClick={() => setAsking(true)} />
      <ConfirmDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={label}
        act={t('entity.delete')}
        onAct={() => {
          setAsking(false)
          onDelete()
        }}
      >
        <p>{note}</p>
      </ConfirmDialog>
    </>
  )
}
