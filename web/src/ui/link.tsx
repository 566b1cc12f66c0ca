import type { ComponentProps } from 'react'
import { goTo, hrefTo, usePlace } from './url.js'

/** A link inside the wall: a real address (it can be opened in another tab), no page load. */
export function Link({
  screen,
  params = {},
  onClick,
  ...rest
}: Omit<ComponentProps<'a'>, 'href'> & {
  screen: string
  params?: Readonly<Record<string, string | null>>
}) {
  const place = usePlace()
  const href = hrefTo(place, screen, params)
  return (
    <a
      href={href}
      onClick={(event) => {
        onClick?.(event)
        if (event.defaultPrevented || event.button !== 0) return
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
        event.preventDefault()
        goTo(href)
      }}
      {...rest}
    />
  )
}
