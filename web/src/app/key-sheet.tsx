import { Dialog } from '../ui/dialog.js'
import { KeyList } from '../ui/key-list.js'
import { useTranslation } from '../ui/translation.js'

/** Every key that works now, from the same registry that makes it work; each can be changed here. */
export function KeySheet({ open, onClose }: { open: boolean; onClose(): void }) {
  const { t } = useTranslation()
  return (
    <Dialog open={open} onClose={onClose} title={t('keys.title')} wide>
      <KeyList />
    </Dialog>
  )
}
