import { Button, IconButton } from './button.js'
import { useTranslation } from './translation.js'

export type Act = 'pause' | 'resume' | 'cancel' | 'retry'

/**
 * What may be done with a task now, one click each. While one is under way its button says so and cannot be pressed
 * again. `full` shows words beside the pictures.
 */
export function ActButtons({
  taskId,
  taskName,
  acts,
  pending,
  onAct,
  full = false,
  testIds = true,
}: {
  taskId: string
  taskName: string
  acts: readonly Act[]
  pending: Act | null
  onAct(act: Act): void
  full?: boolean
  /** False where the same task's buttons stand on the screen already. */
  testIds?: boolean
}) {
  const { t } = useTranslation()
  return (
    <span className={`flex items-center ${full ? 'flex-wrap gap-2' : 'justify-end'}`}>
      {acts.map((act) => {
        const busy = pending === act
        const common = {
          acts: true,
          icon: act,
          disabled: busy,
          'aria-busy': busy,
          'data-testid': testIds ? `${act}-${taskId}` : undefined,
          onClick: () => onAct(act),
        } as const
        return full ? (
          <Button key={act} {...common}>
            {busy ? t(`doing.${act}`) : t(`act.${act}`)}
          </Button>
        ) : (
          <IconButton
            key={act}
            {...common}
            label={t('act.on', { act: t(`act.${act}`), name: taskName })}
            className={busy ? 'animate-pulse' : ''}
          />
        )
      })}
    </span>
  )
}
