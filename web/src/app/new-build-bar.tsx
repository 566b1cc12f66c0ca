import { useEffect, useRef, useState } from 'react'
import { useSelector } from 'react-redux'
import type { WallState } from '../live/store.js'
import { Button } from '../ui/button.js'
import { useNow } from '../ui/clock.js'
import { useFormat } from '../ui/format.js'
import { useTranslation } from '../ui/translation.js'
import { type Busy, buildIn, type NewBuild, stepBuild } from './new-build.js'

const triedKey = 'agentflow.build-tried'

/** Loads the page anew when the leader came back with another build, and says so first. */
export function NewBuildBar() {
  const { t } = useTranslation()
  const { duration } = useFormat()
  const nowMs = useNow()
  const [state, setState] = useState<NewBuild>({ phase: 'none' })
  useReturns(() => {
    void newBuild().then((build) => {
      if (build !== null) setState({ phase: 'waiting', build })
    })
  })
  useEffect(() => setState((before) => stepBuild(before, busyNow(), nowMs)), [nowMs])
  const { phase } = state
  const build = state.phase === 'none' ? null : state.build
  useEffect(() => {
    if (phase === 'loading' && build !== null) load(build)
  }, [phase, build])
  if (state.phase === 'none') return null
  return (
    <div
      role="status"
      data-testid="new-build"
      className="flex shrink-0 flex-wrap items-center gap-x-3 border-b border-line bg-raised px-4 py-1"
    >
      <span>
        {state.phase === 'counting'
          ? t('build.soon', { duration: duration(state.loadAtMs - nowMs + 999) })
          : t('build.later')}
      </span>
      <Button look="bare" className="h-6 text-ink" onClick={() => load(state.build)}>
        {t('build.now')}
      </Button>
    </div>
  )
}

/** Runs each time the link is live again after it was not: nothing asks in between. */
function useReturns(run: () => void): void {
  const isLive = useSelector((state: WallState) => state.connection.phase === 'live')
  const latest = useRef(run)
  latest.current = run
  const wasLive = useRef(false)
  useEffect(() => {
    if (!isLive) return
    if (wasLive.current) latest.current()
    wasLive.current = true
  }, [isLive])
}

/** The build that the leader serves when it is another one, and was not tried already; null else. */
async function newBuild(): Promise<string | null> {
  const own = document.querySelector('script[type="module"][src^="/assets/"]')?.getAttribute('src') ?? null
  const response = await fetch('/', { cache: 'no-store' }).catch(() => null)
  if (own === null || response === null || !response.ok) return null
  const served = buildIn(await response.text())
  // A page that did not become the new one by loading (a cache between) must not load for ever.
  return served === null || served === own || sessionStorage.getItem(triedKey) === served ? null : served
}

function load(build: string): void {
  sessionStorage.setItem(triedKey, build)
  location.reload()
}

function busyNow(): Busy {
  const { activeElement } = document
  const isText = activeElement?.matches('input, textarea, select, [contenteditable="true"]') === true
  const drafts = [...document.querySelectorAll('textarea')]
  return {
    isUsed: isText || document.querySelector('[role="dialog"]') !== null,
    hasDraft: drafts.some((draft) => draft.value.trim() !== ''),
  }
}
