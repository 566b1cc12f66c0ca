import type { FormEvent, ReactNode } from 'react'
import { Button } from './button.js'
import { useTranslation } from './translation.js'
import type { Act } from './use-act.js'

/** A form whose answer comes from the leader: its fields, what was refused, and the way in and out. */
export function ActForm({
  act,
  submit,
  onSubmit,
  onCancel,
  children,
}: {
  act: Act
  /** The word on its button. */
  submit: string
  onSubmit(): Promise<void>
  onCancel(): void
  children: ReactNode
}) {
  const { t } = useTranslation()
  const send = (event: FormEvent) => {
    event.preventDefault()
    void onSubmit()
  }
  return (
    <form className="flex flex-col gap-3" onSubmit={send}>
      {children}
      {act.refusal === null ? null : (
        <p role="alert" className="border-l-2 border-failed pl-3 text-failed">
          {act.refusal}
        </p>
      )}
      <div className="flex justify-end gap-2">
        <Button onClick={onCancel}>{t('cancel')}</Button>
        <Button acts look="primary" type="submit" disabled={act.busy}>
          {submit}
        </Button>
      </div>
    </form>
  )
}
