import { lazy, Suspense, useEffect, useState } from 'react'
import { useSelector } from 'react-redux'
import { ChatDock } from '../features/chat/chat-dock.js'
import { Tally, Verdict } from '../features/overview/verdict.js'
import { LookBack, ReplayBar } from '../features/replay/replay-bar.js'
import { selectNeedsHuman } from '../live/alert-selectors.js'
import { live } from '../live/live.js'
import { anyTask } from '../live/task-query.js'
import { Boundary } from '../ui/boundary.js'
import { Button, IconButton } from '../ui/button.js'
import { useNow } from '../ui/clock.js'
import { clock } from '../ui/format.js'
import { Icon } from '../ui/icon.js'
import { Link } from '../ui/link.js'
import { useMedia } from '../ui/media.js'
import { Notice } from '../ui/panel.js'
import { setPreferences, usePreferences } from '../ui/preferences.js'
import { useTranslation } from '../ui/translation.js'
import { currentPlace, goTo, hrefWith, usePlace } from '../ui/url.js'
import { Announcer } from './announcer.js'
import { ConnectionBar, ConnectionMark, RoleMark } from './connection.js'
import { KeySheet } from './key-sheet.js'
import { NewBuildBar } from './new-build-bar.js'
import { SceneMark } from './scene-mark.js'
import { screenOf, screens } from './screen-names.js'
import { screenViews } from './screens.js'
import { useShellActs } from './shell-acts.js'
import { Tray } from './tray.js'
import { useDirector } from './use-director.js'

const WallSetUp = lazy(async () => ({ default: (await import('./wall-set-up.js')).WallSetUp }))
const Palette = lazy(async () => ({ default: (await import('./palette.js')).Palette }))

/** What is around every screen: the rail, the verdict, the connection, the chat, the keys. */
export function Shell() {
  const { t } = useTranslation()
  const place = usePlace()
  const screen = screenOf(place.screen)
  const isWall = place.params.get('wall') === '1'
  const chat = useChat(screen === 'overview' && !isWall)
  const [sheet, showSheet] = useState(false)
  const palette = usePalette()
  useShellActs({
    toggleChat: chat.toggle,
    openSheet: () => showSheet(true),
    togglePalette: palette.toggle,
    openSetUp: () => goTo(hrefWith(currentPlace(), { setup: '1' })),
  })
  useTaskNames()
  const View = screen === null ? null : screenViews[screen]
  const title = screen === null ? t('screen.unknown') : t(`screen.${screen}`)
  useEffect(() => {
    document.title = `${title} · AgentFlow`
  }, [title])
  return (
    <div className="flex h-full min-h-0">
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:bg-panel focus:p-2"
      >
        {t('skip')}
      </a>
      {isWall ? null : <Rail current={screen} onKeys={() => showSheet(true)} />}
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">
        {isWall ? (
          <WallBar title={title} />
        ) : (
          <TopBar title={title} chatOpen={chat.open} onChat={chat.toggle} onPalette={palette.toggle} />
        )}
        <ConnectionBar />
        <NewBuildBar />
        <ReplayBar />
        <div className="relative flex min-h-0 flex-1">
          <main
            id="content"
            tabIndex={-1}
            className="flex min-h-0 min-w-0 flex-1 flex-col focus:outline-none"
          >
            <Boundary resetKey={screen ?? ''} broken={<Broken />}>
              <Suspense fallback={<Notice title={t('loading')} />}>
                {View === null ? <Notice title={t('screen.unknown')} /> : <View />}
              </Suspense>
            </Boundary>
          </main>
          {chat.open ? (
            <aside className="absolute inset-y-0 right-0 z-20 w-80 max-w-full border-l border-line xl:static xl:z-auto">
              <ChatDock onClose={chat.toggle} />
            </aside>
          ) : null}
        </div>
      </div>
      <Tray />
      <Announcer />
      <KeySheet open={sheet} onClose={() => showSheet(false)} />
      {place.params.get('setup') === '1' ? (
        <Suspense>
          <WallSetUp onClose={() => goTo(hrefWith(currentPlace(), { setup: null }), { replace: true })} />
        </Suspense>
      ) : null}
      {palette.open === null ? null : (
        <Suspense>
          <Palette taskId={palette.open.taskId} onClose={palette.close} />
        </Suspense>
      )}
    </div>
  )
}

/** How long the big screen shows that it is broken before it loads anew. */
const brokenMs = 30_000

/** A defect, or a part of the page that a newer leader serves no more. */
function Broken() {
  const { t } = useTranslation()
  const isWall = usePlace().params.get('wall') === '1'
  useEffect(() => {
    // Nobody stands at the big screen to press the button.
    const timer = isWall ? setTimeout(() => location.reload(), brokenMs) : undefined
    return () => clearTimeout(timer)
  }, [isWall])
  return (
    <Notice
      title={t('screen.broken')}
      tone="failed"
      action={<Button onClick={() => location.reload()}>{t('screen.reload')}</Button>}
    />
  )
}

/**
 * The overview keeps its chat open or closed as it was left, where there is room beside it; elsewhere it opens over the
 * screen when asked for.
 */
function useChat(isHome: boolean): { readonly open: boolean; readonly toggle: () => void } {
  const hasRoom = useMedia('(min-width: 80rem)')
  const { chatOpen } = usePreferences()
  const [over, setOver] = useState(false)
  const isKept = isHome && hasRoom
  const open = isKept ? chatOpen : over
  const toggle = () => (isKept ? setPreferences({ chatOpen: !open }) : setOver(!open))
  return { open, toggle }
}

interface PaletteState {
  /** null: it is closed. */
  readonly open: { readonly taskId: string | null } | null
  readonly close: () => void
  /** False: another dialog is open. */
  readonly toggle: () => boolean
}

function usePalette(): PaletteState {
  const [open, show] = useState<PaletteState['open']>(null)
  const toggle = () => {
    if (open === null && document.querySelector('[role="dialog"]') !== null) return false
    show(open === null ? { taskId: chosenTask() } : null)
    return true
  }
  return { open, close: () => show(null), toggle }
}

/** The open task, else the one whose row has the focus. */
function chosenTask(): string | null {
  const row = document.activeElement?.closest('[data-testid^="task-"]')
  return currentPlace().params.get('task') ?? row?.getAttribute('data-testid')?.slice('task-'.length) ?? null
}

/** Names of the newest tasks, so that logs, agents and alerts can say more than an id. */
function useTaskNames(): void {
  useEffect(() => {
    live.watchTasks('names', { ...anyTask, limit: 200 })
    return () => live.unwatchTasks('names')
  }, [])
}

function Rail({ current, onKeys }: { current: string | null; onKeys(): void }) {
  const { t } = useTranslation()
  const alerts = useSelector(selectNeedsHuman).length
  return (
    <nav
      aria-label={t('nav')}
      className="flex w-[4.25rem] shrink-0 flex-col items-stretch overflow-y-auto border-r border-line bg-panel"
    >
      <Link
        screen="overview"
        aria-label="AgentFlow"
        className="flex h-12 shrink-0 items-center justify-center"
      >
        <img src="/icon.svg" alt="" className="size-6" />
      </Link>
      {screens.map((screen) => (
        <Link
          key={screen.name}
          screen={screen.name}
          aria-current={screen.name === current ? 'page' : undefined}
          title={`${t(`screen.${screen.name}`)} (g ${screen.key})`}
          className={`relative flex h-[3.25rem] shrink-0 flex-col items-center justify-center gap-1 text-[0.6875rem] leading-none ${
            screen.name === current ? 'bg-chosen text-ink' : 'text-quiet hover:bg-raised hover:text-ink'
          }`}
        >
          <Icon name={screen.icon} className="size-[1.125rem]" />
          {t(`screen.${screen.name}`)}
          {screen.name === 'alerts' && alerts > 0 ? (
            <span className="absolute top-1 right-2 min-w-4 rounded-full bg-badge px-1 text-center text-[0.6875rem] leading-4 font-semibold text-on-badge">
              {alerts}
            </span>
          ) : null}
        </Link>
      ))}
      <IconButton icon="keys" label={t('keys.open')} onClick={onKeys} className="mx-auto mt-auto mb-2" />
    </nav>
  )
}

function TopBar({
  title,
  chatOpen,
  onChat,
  onPalette,
}: {
  title: string
  chatOpen: boolean
  onChat(): void
  onPalette(): void
}) {
  const { t } = useTranslation()
  return (
    <header className="flex min-h-12 shrink-0 flex-wrap items-center gap-x-4 gap-y-1 border-b border-line px-4 py-1">
      <h1 className="text-lg font-semibold">{title}</h1>
      <Verdict className="min-w-0" />
      <Tally className="ml-auto hidden xl:flex" />
      <span className="ml-auto flex items-center gap-2 xl:ml-0">
        <RoleMark />
        <ConnectionMark />
        <IconButton icon="search" label={t('palette.open')} onClick={onPalette} />
        <LookBack />
        <IconButton
          icon="chat"
          label={chatOpen ? t('chat.close') : t('chat.open')}
          aria-expanded={chatOpen}
          onClick={onChat}
        />
      </span>
    </header>
  )
}

/** First-level text of the big screen: 23 minutes of arc, read from across the room. */
function WallBar({ title }: { title: string }) {
  const directing = useDirector()
  const nowMs = useNow()
  return (
    <header className="shrink-0 border-b border-line px-5 pt-1 pb-1.5">
      <h1 className="sr-only">{title}</h1>
      <div className="flex items-center gap-6 text-[2rem] leading-tight font-semibold">
        <Verdict className="min-w-0 flex-1" />
        <time data-level="1" className="whitespace-nowrap">
          {clock(nowMs).slice(0, 5)}
        </time>
      </div>
      <div className="flex items-center gap-6 text-lg">
        <Tally />
        <span className="ml-auto flex items-center gap-6">
          {directing === null ? null : <SceneMark directing={directing} />}
          <ConnectionMark />
        </span>
      </div>
    </header>
  )
}
