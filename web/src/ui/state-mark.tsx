/** The five states, each with a shape of its own, so that none needs colour to be told apart. */
export type MarkState = 'ok' | 'busy' | 'waiting' | 'failed' | 'nodata'

/** Colour of words. */
export const stateColor: Readonly<Record<MarkState, string>> = {
  ok: 'text-ok',
  busy: 'text-busy',
  waiting: 'text-waiting',
  failed: 'text-failed',
  nodata: 'text-quiet',
}

/** Colour of shapes and lines, brighter than that of words. */
export const markColor: Readonly<Record<MarkState, string>> = {
  ok: 'text-mark-ok',
  busy: 'text-mark-busy',
  waiting: 'text-mark-waiting',
  failed: 'text-mark-failed',
  nodata: 'text-quiet',
}

/** ● ◆ ■ ▲ ○ as a picture: it always stands beside its word, so it is hidden from screen readers. */
export function StateMark({ state, className = 'size-3' }: { state: MarkState; className?: string }) {
  return (
    <svg viewBox="0 0 12 12" aria-hidden="true" className={`shrink-0 ${markColor[state]} ${className}`}>
      <StateShape state={state} />
    </svg>
  )
}

/** The bare shape in a 12 × 12 box, for use inside another picture. */
export function StateShape({ state }: { state: MarkState }) {
  switch (state) {
    case 'ok':
      return <circle className="mark-solid" cx="6" cy="6" r="4.25" fill="currentColor" />
    case 'busy':
      return <path className="mark-solid" d="M6 .75 11.25 6 6 11.25.75 6Z" fill="currentColor" />
    case 'waiting':
      return <rect className="mark-solid" x="1.75" y="1.75" width="8.5" height="8.5" fill="currentColor" />
    case 'failed':
      return <path className="mark-solid" d="M6 1 11.5 10.75H.5Z" fill="currentColor" />
    case 'nodata':
      return (
        <path
          d="M6 1.75a4.25 4.25 0 1 1 0 8.5 4.25 4.25 0 0 1 0-8.5M3.2 7.6 7.6 3.2M4.6 9 9 4.6"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.3"
        />
      )
  }
}
