import { useSelector } from 'react-redux'
import { live } from '../live/live.js'
import { selectActsNow } from '../live/selectors.js'
import { useBothWords } from '../ui/both-words.js'
import { type KeyBinding, useKeys } from '../ui/keys.js'
import { languageIn, setPreferences, themeIn, usePreferences } from '../ui/preferences.js'
import type { Translate } from '../ui/translation.js'
import { useTranslation } from '../ui/translation.js'
import { currentPlace, goTo, hrefTo, hrefWith, usePlace } from '../ui/url.js'
import { notices } from './notices.js'
import { screens } from './screen-names.js'

/** What the shell's acts open and close. */
export interface ShellParts {
  readonly toggleChat: () => void
  readonly openSheet: () => void
  readonly togglePalette: () => boolean
  readonly openSetUp: () => void
}

/** The acts that work on every screen. */
export function useShellActs(parts: ShellParts): void {
  const { t } = useTranslation()
  const words = useBothWords()
  const mayAct = useSelector(selectActsNow)
  const page = t('keys.page')
  const going = screens.map(
    (screen): KeyBinding => ({
      keys: `g ${screen.key}`,
      ...words(`screen.${screen.name}`),
      group: t('keys.screens'),
      run: () => goTo(hrefTo(currentPlace(), screen.name)) as undefined,
    }),
  )
  const creating: KeyBinding = {
    keys: 'n',
    ...words('task.new'),
    group: t('keys.acts'),
    run: () => goTo(hrefTo(currentPlace(), 'tasks', { new: '1' })) as undefined,
  }
  useKeys([
    ...going,
    ...(mayAct ? [creating] : []),
    { keys: 'c', ...words('keys.chat'), group: page, run: () => openChat(parts.toggleChat) },
    { keys: '?', ...words('keys.help'), group: page, run: () => parts.openSheet() as undefined },
    {
      keys: 'Mod+k',
      ...words('palette.name'),
      group: page,
      inPalette: false,
      run: () => parts.togglePalette(),
    },
    ...useLookActs(parts.openSetUp),
    { id: 'link', keys: '', ...words('palette.copyLink'), group: page, run: () => copyLink(t) },
    { id: 'out', keys: '', ...words('settings.signOut'), group: page, run: () => live.logout() as undefined },
  ])
}

function openChat(toggle: () => void): true {
  const input = () => document.querySelector<HTMLElement>('[data-testid="chat-input"]')
  if (input() === null) toggle()
  requestAnimationFrame(() => input()?.focus())
  return true
}

/** Language, theme and the big screen. A choice drops what the address says otherwise. */
function useLookActs(openSetUp: () => void): readonly KeyBinding[] {
  const { t } = useTranslation()
  const words = useBothWords()
  const { params } = usePlace()
  const preferences = usePreferences()
  const group = t('settings.look')
  const isWall = params.get('wall') === '1'
  const choose = (change: Parameters<typeof setPreferences>[0], name: string): undefined => {
    setPreferences(change)
    goTo(hrefWith(currentPlace(), { [name]: null }), { replace: true })
  }
  const languages = (['en', 'zh'] as const)
    .filter((language) => language !== languageIn(params, preferences.language))
    .map(
      (language): KeyBinding => ({
        id: `language.${language}`,
        keys: '',
        ...words(`palette.language.${language}`),
        group,
        run: () => choose({ language }, 'lang'),
      }),
    )
  const themes = (['system', 'light', 'dark'] as const)
    .filter((theme) => theme !== themeIn(params, preferences.theme))
    .map(
      (theme): KeyBinding => ({
        id: `theme.${theme}`,
        keys: '',
        ...words(`palette.theme.${theme}`),
        group,
        run: () => choose({ theme }, 'theme'),
      }),
    )
  const wall: KeyBinding = {
    id: 'wall',
    keys: '',
    ...words(isWall ? 'palette.leaveWall' : 'settings.openWall'),
    group,
    run: () =>
      goTo(
        hrefTo(currentPlace(), 'overview', { wall: isWall ? null : '1', scenes: null, every: null }),
      ) as undefined,
  }
  const setUp: KeyBinding = {
    id: 'wall.setup',
    keys: '',
    ...words('setUp.title'),
    group,
    run: () => openSetUp() as undefined,
  }
  return [...languages, ...themes, wall, setUp]
}

function copyLink(t: Translate): undefined {
  // Absent where the page came over plain HTTP from another machine.
  const copied = navigator.clipboard?.writeText(location.href) ?? Promise.reject(new Error('no clipboard'))
  copied.then(
    () => notices.say(t('palette.copied'), 'ok'),
    () => notices.say(t('palette.notCopied'), 'failed'),
  )
}
