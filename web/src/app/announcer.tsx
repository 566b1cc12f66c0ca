import { useEffect, useRef, useState } from 'react'
import { useStore } from 'react-redux'
import { sentence } from '../features/overview/verdict.js'
import { selectVerdict } from '../live/selectors.js'
import type { WallState } from '../live/store.js'
import { useFormat } from '../ui/format.js'
import { useTranslation } from '../ui/translation.js'

const intervalMs = 30_000

/** One polite summary at most each 30 s for who cannot see the wall; silent while nothing changes. */
export function Announcer() {
  const { t } = useTranslation()
  const store = useStore<WallState>()
  const { duration } = useFormat()
  const [text, setText] = useState('')
  const latest = useRef((): string => '')
  latest.current = () => {
    const nowMs = Date.now()
    return sentence(selectVerdict(store.getState(), nowMs), t, (sinceMs) => duration(nowMs - sinceMs))
  }
  useEffect(() => {
    const timer = setInterval(() => setText(latest.current()), intervalMs)
    return () => clearInterval(timer)
  }, [])
  return (
    <p aria-live="polite" className="sr-only">
      {text}
    </p>
  )
}
