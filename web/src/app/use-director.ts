import { useEffect, useReducer, useRef } from 'react'
import { useSelector } from 'react-redux'
import { selectNeedsHuman } from '../live/alert-selectors.js'
import { useNow } from '../ui/clock.js'
import { currentPlace, goTo, hrefTo, usePlace } from '../ui/url.js'
import { type Direction, Director, type Scenes, scenesIn } from './director.js'
import { screenOf } from './screen-names.js'

/** What the director does now. */
export interface Directing {
  readonly scenes: Scenes
  readonly direction: Direction
}

/** Makes the scenes of the address take turns on the big screen; null: it asks for none. */
export function useDirector(): Directing | null {
  const { params } = usePlace()
  const isWall = params.get('wall') === '1'
  const asked = isWall ? `${params.get('scenes') ?? ''}&${params.get('every') ?? ''}` : ''
  const kept = useRef<{
    readonly asked: string
    readonly director: Director
    readonly scenes: Scenes
  } | null>(null)
  const nowMs = useNow()
  const alarms = useSelector(selectNeedsHuman)
  const [, redraw] = useReducer((count: number) => count + 1, 0)
  if (kept.current?.asked !== asked) kept.current = begin(asked, params)
  const on = kept.current
  useEffect(() => {
    if (on === null) return
    const { director } = on
    director.look(
      alarms.map(({ root }) => root),
      nowMs,
    )
    const { screen } = director
    const place = currentPlace()
    if (screen !== null && screen !== screenOf(place.screen)) goTo(hrefTo(place, screen), { replace: true })
    redraw()
  }, [on, alarms, nowMs])
  useEffect(() => {
    if (on === null) return
    const listener = () => {
      on.director.touched(Date.now())
      redraw()
    }
    addEventListener('keydown', listener)
    addEventListener('pointerdown', listener)
    return () => {
      removeEventListener('keydown', listener)
      removeEventListener('pointerdown', listener)
    }
  }, [on])
  return on === null ? null : { scenes: on.scenes, direction: on.director.direction }
}

function begin(asked: string, params: URLSearchParams) {
  const scenes = asked === '' ? null : scenesIn(params)
  if (scenes === null) return null
  return { asked, scenes, director: new Director(scenes, screenOf(currentPlace().screen), Date.now()) }
}
