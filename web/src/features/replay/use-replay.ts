import { useEffect, useRef } from 'react'
import { useSelector } from 'react-redux'
import { live } from '../../live/live.js'
import type { ReplayState } from '../../live/protocol.js'
import type { WallState } from '../../live/store.js'
import { blockActs } from '../../ui/acts.js'
import { holdClock } from '../../ui/clock.js'
import { useKeys } from '../../ui/keys.js'
import { useTranslation } from '../../ui/translation.js'
import { currentPlace, goTo, hrefWith, usePlace } from '../../ui/url.js'
import { instantIn } from './address.js'

/** The address follows the cursor when it has rested so long, and this often while it plays. */
const addressMs = 300
/** As in the slowest film: what happened goes by as it was. */
export const speeds = [1, 10, 60, 600] as const

export interface ReplayControls {
  readonly state: ReplayState | null
  /** The address names something that is no instant. */
  readonly isInvalid: boolean
  seek(atMs: number): void
  step(by: 1 | -1): void
  play(speed: number): void
  /** Plays, or stands still; in the present, time stops. */
  toggle(speed: number): void
  nextFailure(): void
  goLive(): void
}

const addressOf = (atMs: number | null): string =>
  hrefWith(currentPlace(), { at: atMs === null ? null : String(Math.floor(atMs)) })

/** Keeps the address and the cursor of time the same, and what may be done with it. */
export function useReplay(): ReplayControls {
  const state = useSelector((wall: WallState) => wall.replay)
  const instant = instantIn(usePlace().params)
  /** The cursor's instant that the address has, or is about to have. */
  const told = useRef<number | null>(null)
  useEffect(() => {
    if (typeof instant !== 'number') {
      if (told.current !== null) live.replayEnd()
      told.current = null
    } else if (instant !== told.current) {
      told.current = instant
      live.replayAt(instant)
    }
  }, [instant])
  useAddressOfCursor(state, told)
  useEffect(() => {
    holdClock(state?.phase === 'shown' ? state.atMs : null)
    return () => holdClock(null)
  }, [state])
  useBlockedActs(state !== null)

  /** From the present a move begins now, with an entry of its own in the browser's history. */
  const enter = () => {
    if (live.store.getState().replay !== null) return
    const nowMs = Date.now()
    told.current = nowMs
    goTo(addressOf(nowMs))
    live.replayAt(nowMs)
  }
  return {
    state,
    isInvalid: instant === 'invalid',
    seek: (atMs) => live.replayAt(Math.floor(atMs)),
    step: (by) => {
      enter()
      live.replayStep(by)
    },
    play: (speed) => live.replayPlay(speed),
    toggle: (speed) => {
      if (state === null) enter()
      else live.replayPlay(state.speed === null ? speed : null)
    },
    nextFailure: () => {
      enter()
      live.replayNextFailure()
    },
    goLive: () => goTo(addressOf(null)),
  }
}

/** The cursor moves by itself and by keys: the address comes after it, without filling the browser's history. */
function useAddressOfCursor(state: ReplayState | null, told: { current: number | null }): void {
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null)
  useEffect(() => {
    if (state?.phase !== 'shown' || timer.current !== null) return
    if (told.current === null || Math.floor(state.atMs) === told.current) return
    timer.current = setTimeout(() => {
      timer.current = null
      const now = live.store.getState().replay
      if (told.current === null || now?.phase !== 'shown') return
      // Somebody has just gone elsewhere: that address counts, not where the cursor still stands.
      if (instantIn(currentPlace().params) !== told.current) return
      told.current = Math.floor(now.atMs)
      goTo(addressOf(now.atMs), { replace: true })
    }, addressMs)
  }, [state, told])
}

function useBlockedActs(isPast: boolean): void {
  const { t } = useTranslation()
  useEffect(() => {
    blockActs('past', isPast ? t('replay.acts') : null)
    if (isPast) document.documentElement.dataset.replay = ''
    else delete document.documentElement.dataset.replay
    return () => blockActs('past', null)
  }, [isPast, t])
}

/** A key that also presses what has the focus is left to it. */
const isOnControl = (): boolean =>
  document.activeElement?.closest(
    'a, button, input, select, textarea, [role="button"], [role="option"], [role="treeitem"]',
  ) != null

export function useReplayKeys(controls: ReplayControls, speed: number): void {
  const { t } = useTranslation()
  const group = t('replay.keys')
  const key = (keys: string, label: string, run: () => boolean | undefined) => ({ keys, label, group, run })
  const act = (run: () => void) => () => {
    run()
    return true
  }
  useKeys([
    key(
      '[',
      t('replay.stepBack'),
      act(() => controls.step(-1)),
    ),
    key(']', t('replay.stepOn'), () => controls.state !== null && act(() => controls.step(1))()),
    key(' ', t('replay.keyHold'), () => !isOnControl() && act(() => controls.toggle(speed))()),
    key('L', t('replay.live'), () => controls.state !== null && act(controls.goLive)()),
    key('.', t('replay.nextFailure'), () => controls.state !== null && act(controls.nextFailure)()),
  ])
}
