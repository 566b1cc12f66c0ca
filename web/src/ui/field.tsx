import type { ComponentProps, ReactNode, Ref } from 'react'
import { Icon } from './icon.js'

/** A label above its control, with an optional hint below. */
export function Field({ label, hint, children }: { label: string; hint?: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is the child.
    <label className="flex min-w-0 flex-col gap-1">
      <span className="text-xs text-quiet">{label}</span>
      {children}
      {hint === undefined ? null : <span className="text-xs text-quiet">{hint}</span>}
    </label>
  )
}

export function TextInput({ className = '', ...rest }: ComponentProps<'input'>) {
  return (
    <input type="text" autoComplete="off" spellCheck={false} className={`field ${className}`} {...rest} />
  )
}

export interface Choice {
  readonly value: string
  readonly label: string
}
export interface ChoiceGroup {
  readonly label: string
  readonly choices: readonly Choice[]
}

/** The browser's own list: it works with every keyboard, screen reader and zoom. */
export function Select({
  choices,
  groups = [],
  className = '',
  ...rest
}: Omit<ComponentProps<'select'>, 'children'> & {
  choices: readonly Choice[]
  groups?: readonly ChoiceGroup[]
}) {
  return (
    <span data-tool="" className={`relative inline-flex min-w-0 ${className}`}>
      <select className="field w-full appearance-none truncate pr-7" {...rest}>
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
        {groups.map((group) => (
          <optgroup key={group.label} label={group.label}>
            {group.choices.map((choice) => (
              <option key={choice.value} value={choice.value}>
                {choice.label}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
      <Icon
        name="down"
        className="pointer-events-none absolute top-1/2 right-2 size-3 -translate-y-1/2 text-quiet"
      />
    </span>
  )
}

/** A filter by words. `/` moves the focus here (the screen binds the key). */
export function SearchInput({
  value,
  onValue,
  label,
  inputRef,
  className = '',
}: {
  value: string
  onValue(value: string): void
  label: string
  inputRef?: Ref<HTMLInputElement>
  className?: string
}) {
  return (
    <span data-tool="" className={`relative inline-flex min-w-0 ${className}`}>
      <Icon
        name="search"
        className="pointer-events-none absolute top-1/2 left-2 size-3.5 -translate-y-1/2 text-quiet"
      />
      <input
        ref={inputRef ?? null}
        type="search"
        aria-label={label}
        placeholder={label}
        value={value}
        onChange={(event) => onValue(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return
          if (value === '') event.currentTarget.blur()
          else onValue('')
        }}
        className="field w-full pl-7"
      />
    </span>
  )
}
