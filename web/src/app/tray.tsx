import { useSelector } from 'react-redux'
import type { CommandState } from '../live/protocol.js'
import { isPending } from '../live/selectors.js'
import type { WallState } from '../live/store.js'
import { useNow } from '../ui/clock.js'
import { useFormat } from '../ui/format.js'
import { useObservable } from '../ui/observable.js'
import { refusalWords } from '../ui/refusal.js'
import { type MarkState, StateMark } from '../ui/state-mark.js'
import type { Translate } from '../ui/translation.js'
import { useTranslation } from '../ui/translation.js'
import { notices } from './notices.js'

/** A finished command stays in sight this long; one that needs a look, longer. */
const doneMs = 6_000
const troubleMs = 20_000
const shownMax = 3

/** What became of the commands that this page gave, and its other notices. */
export function Tray() {
  const { t } = useTranslation()
  const nowMs = useNow()
  const commands = useSelector((state: WallState) => state.commands)
  const shown = Object.values(commands)
    .filter((command) => nowMs - endOf(command) < (stateOf(command) === 'ok' ? doneMs : troubleMs))
    .slice(-shownMax)
  const told = useObservable(notices).filter(
    ({ atMs, state }) => nowMs - atMs < (state === 'ok' ? doneMs : troubleMs),
  )
  return (
    <div
      aria-live="polite"
      role="status"
      aria-label={t('tray.name')}
      className="pointer-events-none fixed bottom-4 left-1/2 z-30 flex -translate-x-1/2 flex-col items-center gap-1.5"
    >
      {shown.map((command) => (
        <Outcome key={command.requestId} command={command} />
      ))}
      {told.map(({ id, state, text }) => (
        <Line key={id} state={state} text={text} />
      ))}
    </div>
  )
}

function Outcome({ command }: { command: CommandState }) {
  const { t } = useTranslation()
  const { span } = useFormat()
  const name = useSelector((state: WallState) => state.tasks[command.taskId]?.name ?? command.taskId)
  return (
    <Line
      testId={`command-${command.taskId}`}
      state={stateOf(command)}
      text={sentence(command, name, t, span)}
    />
  )
}

function Line({ testId, state, text }: { testId?: string; state: MarkState; text: string }) {
  return (
    <p
      data-testid={testId}
      className="flex max-w-[min(40rem,90vw)] items-center gap-2 rounded-md border border-strong bg-raised px-3 py-1.5"
    >
      <StateMark state={state} />
      <span className="min-w-0 break-words">{text}</span>
    </p>
  )
}

function endOf(command: CommandState): number {
  if (isPending(command)) return Number.POSITIVE_INFINITY
  const { outcome } = command
  return outcome.kind === 'receipt'
    ? (outcome.receipt.steps.at(-1)?.at ?? command.askedAtMs)
    : command.askedAtMs
}

function stateOf(command: CommandState): MarkState {
  const { outcome } = command
  if (isPending(command)) return 'busy'
  if (outcome.kind !== 'receipt') return outcome.kind === 'unconfirmed' ? 'nodata' : 'failed'
  return outcome.receipt.state === 'refused' || outcome.receipt.state === 'expired' ? 'failed' : 'ok'
}

function sentence(command: CommandState, name: string, t: Translate, span: (ms: number) => string): string {
  const { outcome, action } = command
  const act = t(`act.${action}`)
  switch (outcome.kind) {
    case 'asked':
      return t('tray.doing', { doing: t(`doing.${action}`), name })
    case 'not_sent':
      return t('tray.notSent', { act, name })
    case 'unconfirmed':
      return t('tray.unconfirmed', { act, name })
    case 'refused':
      return t('tray.refused', { act, name, message: refusalWords(t, outcome) })
    case 'receipt': {
      const { steps, state } = outcome.receipt
      const last = steps.at(-1)
      if (state === 'refused') return t('tray.refused', { act, name, message: last?.detail ?? '' })
      if (state === 'expired') return t('tray.expired', { act, name })
      if (isPending(command)) return t('tray.doing', { doing: t(`doing.${action}`), name })
      const duration = span((last?.at ?? 0) - (steps[0]?.at ?? 0))
      return t('tray.done', { done: t(`done.${action}`), name, duration })
    }
  }
}
