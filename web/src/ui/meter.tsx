/** A fraction as a bar and a number. Above `high` it is said by colour and by the bar's end mark. */
export function Meter({
  label,
  fraction,
  text,
  high = 0.9,
  className = '',
}: {
  label: string
  fraction: number | null
  text: string
  high?: number
  className?: string
}) {
  const percent = fraction === null ? 0 : Math.round(Math.min(1, Math.max(0, fraction)) * 100)
  const isHigh = fraction !== null && fraction >= high
  return (
    <span className={`flex min-w-0 items-center gap-1.5 ${className}`}>
      {/* biome-ignore lint/a11y/useSemanticElements: a <meter> cannot be drawn by our states in every browser. */}
      <span
        role="meter"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
        aria-valuetext={text}
        className={`relative h-1.5 min-w-6 flex-1 overflow-hidden rounded-full bg-track ${fraction === null ? 'hatched' : ''}`}
      >
        <span
          className={`meter-fill absolute inset-y-0 left-0 rounded-full transition-[width] duration-400 ${isHigh ? 'bg-mark-waiting' : 'bg-mark-ok'}`}
          style={{ width: `${percent}%` }}
        />
      </span>
      <span className={`live-value w-[3em] text-right text-xs ${isHigh ? 'text-waiting' : ''}`}>{text}</span>
    </span>
  )
}
