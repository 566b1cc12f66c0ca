import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useSelector, useStore } from 'react-redux'
import { sentence } from '../features/overview/verdict.js'
import { selectVerdict } from '../live/selectors.js'
import type { WallState } from '../live/store.js'

const intervalMs = 30_000

/** One polite summary at most each 30 s for who cannot see the wall; silent while nothing changes. */
export function Announcer() {
  const { t } = useTranslation()
  const store = useStore<WallState>()
  const isLive = useSelector((state: WallState) => state.connection.phase === 'live')
  const [text, setText] = useState('')
  const latest = useRef((): string => '')
  latest.current = () => sentence(selectVerdict(store.getState()), isLive, t)
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
