const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const

/** `500ms`, `5s`, `2m`, `1h` or a bare number of milliseconds → ms; null when the text is none of these. */
export function parseDuration(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text.trim())
  if (match === null) return null
  const ms = Number(match[1]) * unitMs[(match[2] ?? 'ms') as keyof typeof unitMs]
  return Number.isSafeInteger(Math.round(ms)) ? Math.round(ms) : null
}
