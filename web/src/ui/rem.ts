import { useSyncExternalStore } from 'react'

function subscribe(listener: () => void): () => void {
  // The big screen's unit changes the root's size without a resize of the window.
  const observer = new MutationObserver(listener)
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style', 'data-wall'] })
  addEventListener('resize', listener)
  return () => {
    observer.disconnect()
    removeEventListener('resize', listener)
  }
}

/** Pixels of one rem: 16 on a laptop, more on the big screen. For what is placed by hand. */
export function useRemPx(): number {
  return useSyncExternalStore(subscribe, () =>
    Number.parseFloat(getComputedStyle(document.documentElement).fontSize),
  )
}
