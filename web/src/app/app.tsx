import { CSPProvider } from '@base-ui/react/csp-provider'
import { useEffect, useState } from 'react'
import { Provider, useSelector } from 'react-redux'
import { LoginPage } from '../features/login/login-page.js'
import { live } from '../live/live.js'
import { codeInHash } from '../live/login.js'
import { RestError } from '../live/rest.js'
import type { WallState } from '../live/store.js'
import { useNow } from '../ui/clock.js'
import { useFormat } from '../ui/format.js'
import { listenForKeys, useChosenKeys } from '../ui/keys.js'
import { useMedia } from '../ui/media.js'
import { Notice } from '../ui/panel.js'
import { arcMinutePx, languageIn, themeIn, usePreferences } from '../ui/preferences.js'
import { useTranslation } from '../ui/translation.js'
import { goTo, usePlace } from '../ui/url.js'
import { trustOf } from './connection.js'
import { speak } from './i18n/i18n.js'
import { Shell } from './shell.js'

type Session =
  | { readonly phase: 'checking' }
  | { readonly phase: 'signed_out'; readonly problem: 'code' | 'ended' | 'unreachable' | null }
  | { readonly phase: 'signed_in' }

export function App() {
  return (
    // Base UI would add style elements, which the content security policy forbids.
    <CSPProvider disableStyleElements>
      <Provider store={live.store}>
        <Page />
        <Age />
      </Provider>
    </CSPProvider>
  )
}

function Page() {
  const { t } = useTranslation()
  const session = useSession()
  useLook()
  useEffect(listenForKeys, [])
  useChosenKeys(usePreferences().keys)
  if (session.phase === 'checking') return <Notice title={t('login.checking')} />
  if (session.phase === 'signed_in') return <Shell />
  const words = {
    code: t('login.codeInvalid'),
    ended: t('login.ended'),
    unreachable: t('error.unreachable'),
  }
  return <LoginPage problem={session.problem === null ? null : words[session.problem]} />
}

/** A link's code first, then this tab's session, then the login page. */
function useSession(): Session {
  const [session, setSession] = useState<Session>({ phase: 'checking' })
  useEffect(
    () =>
      live.onSession((signedIn) =>
        setSession(signedIn ? { phase: 'signed_in' } : { phase: 'signed_out', problem: 'ended' }),
      ),
    [],
  )
  useEffect(() => {
    if (live.signedIn) return setSession({ phase: 'signed_in' })
    const code = codeInHash(location.hash)
    if (code !== null) {
      // The code must not stay in the address or the history.
      goTo(`${location.pathname}${location.search}`, { replace: true })
      live.login(code).catch((cause: unknown) => {
        // A used link in a tab that is signed in already is harmless.
        if (live.resume()) return
        const unreachable = cause instanceof RestError && cause.isUnanswered
        setSession({ phase: 'signed_out', problem: unreachable ? 'unreachable' : 'code' })
      })
    } else if (!live.resume()) {
      setSession({ phase: 'signed_out', problem: null })
    }
  }, [])
  const refused = useSelector((state: WallState) => state.connection.phase === 'refused')
  useEffect(() => {
    if (refused) live.logout()
  }, [refused])
  return session
}

/** Language, theme, trust and the big screen's unit, as attributes that the style sheet reads. */
function useLook(): void {
  const place = usePlace()
  const preferences = usePreferences()
  const theme = useResolvedTheme(themeIn(place.params, preferences.theme))
  const language = languageIn(place.params, preferences.language)
  const isWall = place.params.get('wall') === '1'
  const trust = useSelector((state: WallState) => trustOf(state.connection))
  const width = useWindowWidth()
  const root = document.documentElement
  useEffect(() => {
    root.dataset.theme = theme
    root.lang = language === 'zh' ? 'zh-CN' : 'en'
    speak(language)
  }, [theme, language])
  useEffect(() => {
    root.dataset.trust = trust
  }, [trust])
  useEffect(() => {
    if (!isWall) {
      delete root.dataset.wall
      return
    }
    root.dataset.wall = ''
    const unit = arcMinutePx(width, preferences.wallInches, preferences.wallMetres)
    root.style.setProperty('--wall-unit', `${unit.toFixed(3)}px`)
  }, [isWall, width, preferences.wallInches, preferences.wallMetres])
}

/** While nothing is live the style sheet puts after each value how old it is. Apart, so that a second draws nothing else. */
function Age(): null {
  const { duration } = useFormat()
  const nowMs = useNow()
  const sinceMs = useSelector(({ connection }: WallState) =>
    connection.phase === 'stale' || connection.phase === 'offline' ? connection.sinceMs : null,
  )
  const age = sinceMs === null ? null : duration(nowMs - sinceMs)
  useEffect(() => {
    const { style } = document.documentElement
    if (age === null) style.removeProperty('--age')
    else style.setProperty('--age', JSON.stringify(age))
  }, [age])
  return null
}

function useResolvedTheme(theme: 'system' | 'light' | 'dark'): 'light' | 'dark' {
  const systemIsDark = useMedia('(prefers-color-scheme: dark)')
  if (theme === 'system') return systemIsDark ? 'dark' : 'light'
  return theme
}

function useWindowWidth(): number {
  const [width, setWidth] = useState(innerWidth)
  useEffect(() => {
    const listener = () => setWidth(innerWidth)
    addEventListener('resize', listener)
    return () => removeEventListener('resize', listener)
  }, [])
  return width
}
