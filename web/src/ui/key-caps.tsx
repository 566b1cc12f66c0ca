const symbols: Readonly<Record<string, string>> = {
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  Escape: 'Esc',
  ' ': 'Space',
}
const isMac = typeof navigator !== 'undefined' && /mac/i.test(navigator.userAgent)

/** "Mod+k" → Ctrl, K: the caps that are pressed together or one after the other. */
const capsOf = (keys: string): readonly string[] =>
  keys.split(/(?<=.)[ ](?=.)/).flatMap((key) => {
    if (!key.startsWith('Mod+')) return symbols[key] ?? key
    return [isMac ? '⌘' : 'Ctrl', key.slice('Mod+'.length).toUpperCase()]
  })

/** Keys as caps. */
export function KeyCaps({ keys }: { keys: string }) {
  return (
    <span className="flex items-center gap-1">
      {capsOf(keys).map((cap, index) => (
        <kbd
          // biome-ignore lint/suspicious/noArrayIndexKey: "g g" has the same cap twice, and caps never move.
          key={index}
          className="min-w-6 rounded border border-line bg-ground px-1.5 text-center font-mono text-xs"
        >
          {cap}
        </kbd>
      ))}
    </span>
  )
}
