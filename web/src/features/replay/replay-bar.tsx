import { useState } from 'react'
import { useSelector } from 'react-redux'
import type { ReplayState } from '../../live/protocol.js'
import type { WallState } from '../../live/store.js'
import { Button, IconButton } from '../../ui/button.js'
import { dateTime } from '../../ui/format.js'
import { type Translate, useTranslation } from '../../ui/translation.js'
import { currentPlace, goTo, hrefWith, usePlace } from '../../ui/url.js'
import { type ReplayControls, speeds, useReplay, useReplayKeys } from './use-replay.js'

const heads = { loading: 'replay.loading', shown: 'replay.at', refused: 'replay.none' } as const
/** What these screens show is asked of the leader as it is now. */
const presentScreens: ReadonlySet<string> = new Set(['dashboard', 'history', 'settings'])

/** Over the whole page while it shows the past: which instant, and how to move from it. Nothing in the present. */
export function ReplayBar() {
  const { t } = useTranslation()
  const controls = useReplay()
  const [speed, setSpeed] = useState<number>(10)
  useReplayKeys(controls, speed)
  const { state } = controls
  const isOfPresent = presentScreens.has(usePlace().screen)
  if (state === null) return controls.isInvalid ? <NoInstant onLive={controls.goLive} /> : null
  return (
    <section
      aria-label={t('replay.bar')}
      data-testid="replay"
      data-phase={state.phase}
      data-at={Math.floor(state.atMs)}
      className="replay-bar flex shrink-0 flex-col gap-1 border-b px-4 py-1"
    >
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className="rounded bg-replay px-2 py-0.5 font-semibold tracking-wide text-on-replay uppercase">
          {t('replay.badge')}
        </span>
        <span role="status" className="figure whitespace-nowrap">
          {t(heads[state.phase], { time: dateTime(state.atMs) })}
        </span>
        <Moves controls={controls} state={state} speed={speed} onSpeed={setSpeed} />
        <Instants state={state} onSeek={controls.seek} />
        <Button look="primary" data-testid="replay-live" onClick={controls.goLive}>
          {t('replay.live')}
        </Button>
      </div>
      <p className="flex flex-wrap gap-x-4 text-xs text-quiet">
        <span>{t('replay.acts')}</span>
        {isOfPresent ? <span className="text-waiting">{t('replay.present')}</span> : null}
        <Outcome state={state} onSeek={controls.seek} />
      </p>
    </section>
  )
}

function Moves({
  controls,
  state,
  speed,
  onSpeed,
}: {
  controls: ReplayControls
  state: ReplayState
  speed: number
  onSpeed(speed: number): void
}) {
  const { t } = useTranslation()
  const plays = state.speed !== null
  const change = (next: number) => {
    onSpeed(next)
    if (plays) controls.play(next)
  }
  return (
    <span className="flex items-center gap-1">
      <IconButton
        icon="stepBack"
        label={t('replay.stepBack')}
        data-testid="replay-back"
        onClick={() => controls.step(-1)}
      />
      <IconButton
        icon={plays ? 'pause' : 'resume'}
        label={plays ? t('replay.pause') : t('replay.play')}
        data-testid="replay-play"
        disabled={state.phase !== 'shown'}
        onClick={() => controls.toggle(speed)}
      />
      <IconButton
        icon="stepOn"
        label={t('replay.stepOn')}
        data-testid="replay-on"
        onClick={() => controls.step(1)}
      />
      <select
        aria-label={t('replay.speed')}
        className="field h-7 w-auto"
        value={speed}
        onChange={(event) => change(Number(event.target.value))}
      >
        {speeds.map((each) => (
          <option key={each} value={each}>
            {t('replay.times', { speed: each })}
          </option>
        ))}
      </select>
      <Button data-testid="replay-failure" onClick={controls.nextFailure}>
        {t('replay.nextFailure')}
      </Button>
    </span>
  )
}

/** The whole time that is kept, as a slider; arrows move it by a hundredth. */
function Instants({ state, onSeek }: { state: ReplayState; onSeek(atMs: number): void }) {
  const { t } = useTranslation()
  const { range, atMs } = state
  if (range === null) return <span className="min-w-40 flex-1" />
  const toMs = Math.max(range.toMs, atMs)
  return (
    <input
      type="range"
      aria-label={t('replay.slider')}
      aria-valuetext={dateTime(atMs)}
      data-testid="replay-slider"
      className="replay-slider h-6 min-w-40 flex-1"
      min={Math.min(range.fromMs, atMs)}
      max={toMs}
      step={Math.max(1, Math.round((toMs - range.fromMs) / 1_000))}
      value={atMs}
      onChange={(event) => onSeek(Number(event.target.value))}
    />
  )
}

/** What came of the last move, where the picture alone does not say it. */
function Outcome({ state, onSeek }: { state: ReplayState; onSeek(atMs: number): void }) {
  const { t } = useTranslation()
  const { failure, note, refusal } = state
  if (refusal !== null) return <Refusal state={state} onSeek={onSeek} />
  if (failure !== null) {
    const words = {
      task: 'replay.failedTask',
      alert: 'replay.failedAlert',
      node: 'replay.failedNode',
    } as const
    return (
      <span role="status" className="text-failed">
        {t(words[failure.kind], { id: failure.id })}
      </span>
    )
  }
  if (note === null) return null
  const words = { no_failure: 'replay.noFailure', first: 'replay.first', last: 'replay.last' } as const
  return <span role="status">{t(words[note])}</span>
}

function Refusal({ state, onSeek }: { state: ReplayState; onSeek(atMs: number): void }) {
  const { t } = useTranslation()
  const { refusal } = state
  if (refusal === null) return null
  const { nearestMs, askedMs } = refusal
  return (
    <span role="alert" className="flex flex-wrap items-center gap-x-2 text-waiting">
      {sentence(t, refusal)}
      {nearestMs === null ? null : (
        <Button className="h-6" data-testid="replay-nearest" onClick={() => onSeek(nearestMs)}>
          {t('replay.nearest', { time: dateTime(nearestMs) })}
        </Button>
      )}
      {nearestMs === null ? (
        <Button className="h-6" onClick={() => onSeek(askedMs)}>
          {t('tryAgain')}
        </Button>
      ) : null}
    </span>
  )
}

function sentence(
  t: Translate,
  { code, message, nearestMs, askedMs }: NonNullable<ReplayState['refusal']>,
): string {
  if (code === 'unreachable') return t('error.unreachable')
  if (code !== 'not_retained' || nearestMs === null) return message
  const time = dateTime(askedMs)
  return nearestMs < askedMs
    ? t('replay.toCome', { time })
    : t('replay.notKept', { time, from: dateTime(nearestMs) })
}

function NoInstant({ onLive }: { onLive(): void }) {
  const { t } = useTranslation()
  return (
    <div role="alert" className="replay-bar flex shrink-0 flex-wrap items-center gap-x-3 border-b px-4 py-1">
      <span>{t('replay.noInstant')}</span>
      <Button className="h-6" onClick={onLive}>
        {t('replay.live')}
      </Button>
    </div>
  )
}

/** The way into the past for a hand: time stops now. */
export function LookBack() {
  const { t } = useTranslation()
  const isPast = useSelector((state: WallState) => state.replay !== null)
  if (isPast) return null
  return (
    <IconButton
      icon="history"
      label={t('replay.open')}
      data-testid="replay-open"
      onClick={() => goTo(hrefWith(currentPlace(), { at: String(Date.now()) }))}
    />
  )
}
