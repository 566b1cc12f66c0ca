import type { ReactNode } from 'react'

/** A part of a screen under a heading; hairlines, never a box in a box. */
export function Panel({
  title,
  tools,
  children,
  className = '',
}: {
  title: string
  tools?: ReactNode
  children: ReactNode
  className?: string
}) {
  return (
    <section aria-label={title} className={`flex min-h-0 min-w-0 flex-col ${className}`}>
      <header className="flex min-h-10 shrink-0 wall:min-h-8 wall:py-0 flex-wrap items-center gap-x-2 gap-y-1 border-b border-line px-3 py-1">
        <h2 className="text-sm font-semibold">{title}</h2>
        {tools}
      </header>
      {children}
    </section>
  )
}

/** Says why there is nothing here, and the way out. */
export function Notice({
  title,
  children,
  action,
  tone = 'quiet',
}: {
  title: string
  children?: ReactNode
  action?: ReactNode
  tone?: 'quiet' | 'failed'
}) {
  return (
    <div className="flex h-full min-h-24 flex-col items-center justify-center gap-2 p-4 text-center">
      <p className={`font-medium ${tone === 'failed' ? 'text-failed' : 'text-ink'}`}>{title}</p>
      {children === undefined ? null : <div className="max-w-[28rem] text-quiet">{children}</div>}
      {action}
    </div>
  )
}

/** A fact: its name, quiet, and its value. */
export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex min-w-0 flex-col">
      <dt className="text-xs text-quiet">{name}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </div>
  )
}
