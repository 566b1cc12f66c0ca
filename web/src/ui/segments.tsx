import { type MarkState, StateMark } from './state-mark.js'

export interface Segment {
  readonly value: string
  readonly label: string
  readonly count?: number
  readonly mark?: MarkState
}

/** A row of exclusive choices with their counts. */
export function Segments({
  label,
  segments,
  value,
  onValue,
}: {
  label: string
  segments: readonly Segment[]
  value: string
  onValue(value: string): void
}) {
  return (
    <fieldset className="flex min-w-0 flex-wrap items-center gap-0.5">
      <legend className="sr-only">{label}</legend>
      {segments.map((segment) => {
        const chosen = segment.value === value
        return (
          <button
            key={segment.value}
            type="button"
            aria-pressed={chosen}
            onClick={() => onValue(segment.value)}
            className={`inline-flex h-7 items-center gap-1 rounded-md px-1.5 whitespace-nowrap ${
              chosen ? 'bg-chosen text-ink' : 'text-quiet hover:bg-raised hover:text-ink'
            }`}
          >
            {segment.mark !== undefined && (segment.count ?? 0) > 0 ? (
              <StateMark state={segment.mark} className="size-2.5" />
            ) : null}
            <span className="inline-block first-letter:uppercase">{segment.label}</span>
            {segment.count === undefined ? null : (
              <span className="live-value text-quiet">{segment.count}</span>
            )}
          </button>
        )
      })}
    </fieldset>
  )
}
