import type { ComponentProps } from 'react'
import { useActsBlocked } from './acts.js'
import { Icon, type IconName } from './icon.js'

const looks = {
  /** The one primary act of a screen. */
  primary: 'bg-busy text-on-accent border-transparent hover:opacity-90 font-medium',
  plain: 'bg-panel text-ink border-line hover:border-strong hover:bg-raised',
  bare: 'bg-transparent text-quiet border-transparent hover:text-ink hover:bg-raised',
} as const

/** `acts`: it changes something, so that it cannot be pressed while nothing may be done, and says why. */
interface Acts {
  readonly acts?: boolean
}

export function Button({
  look = 'plain',
  icon,
  acts = false,
  className = '',
  children,
  ...rest
}: ComponentProps<'button'> & { look?: keyof typeof looks; icon?: IconName } & Acts) {
  const why = useActsBlocked()
  return (
    <button
      type="button"
      {...rest}
      {...(acts && why !== null ? { disabled: true, title: why } : {})}
      data-acts={acts ? '' : undefined}
      className={`inline-flex h-[1.875rem] items-center justify-center gap-1.5 rounded-md border px-2.5 whitespace-nowrap ${looks[look]} ${className}`}
    >
      {icon === undefined ? null : <Icon name={icon} className="size-3.5" />}
      {children}
    </button>
  )
}

/** A square button with a picture; `label` is its name for everyone. */
export function IconButton({
  icon,
  label,
  acts = false,
  className = '',
  ...rest
}: Omit<ComponentProps<'button'>, 'children' | 'aria-label' | 'title'> & {
  icon: IconName
  label: string
} & Acts) {
  const why = useActsBlocked()
  const isBlocked = acts && why !== null
  return (
    <button
      type="button"
      aria-label={label}
      {...rest}
      title={isBlocked ? why : label}
      {...(isBlocked ? { disabled: true } : {})}
      data-acts={acts ? '' : undefined}
      className={`inline-flex size-7 shrink-0 items-center justify-center rounded-md text-quiet hover:bg-raised hover:text-ink ${className}`}
    >
      <Icon name={icon} />
    </button>
  )
}
