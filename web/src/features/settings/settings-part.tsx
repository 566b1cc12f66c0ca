import type { ReactNode } from 'react'

/** A part of the settings under its heading. */
export function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="flex flex-col gap-3">
      <h2 className="border-b border-line pb-1 text-md font-semibold">{title}</h2>
      {children}
    </section>
  )
}
