import { Dialog as Base } from '@base-ui/react/dialog'
import type { ReactNode, RefObject } from 'react'
import { IconButton } from './button.js'
import { useTranslation } from './translation.js'

/** A window over the page: holds the focus, closes on Escape and on a click beside it. */
export function Dialog({
  open,
  onClose,
  title,
  children,
  wide = false,
  focus,
}: {
  open: boolean
  onClose(): void
  title: string
  children: ReactNode
  wide?: boolean
  /** Where the focus begins; default: what comes first. */
  focus?: RefObject<HTMLElement | null>
}) {
  const { t } = useTranslation()
  return (
    <Base.Root open={open} onOpenChange={(next) => (next ? undefined : onClose())}>
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-40 bg-ground/70" />
        <Base.Popup
          {...(focus === undefined ? {} : { initialFocus: focus })}
          className={`fixed top-1/2 left-1/2 z-50 flex max-h-[90vh] -translate-x-1/2 -translate-y-1/2 flex-col rounded-lg border border-strong bg-panel ${wide ? 'w-[min(46rem,94vw)]' : 'w-[min(34rem,94vw)]'}`}
        >
          <header className="flex shrink-0 items-center justify-between border-b border-line py-1.5 pr-2 pl-4">
            <Base.Title className="text-md font-semibold">{title}</Base.Title>
            <IconButton icon="close" label={t('close')} onClick={onClose} />
          </header>
          <div className="min-h-0 overflow-y-auto p-4">{children}</div>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  )
}
