/** Earliest and latest Unix ms that a date can have. */
const instantMax = 8_640_000_000_000_000

/** What `?at=` says: an instant of the past (Unix ms), nothing (the present), or no instant at all. */
export function instantIn(params: URLSearchParams): number | null | 'invalid' {
  const text = params.get('at')
  if (text === null || text === '') return null
  const atMs = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  return Number.isSafeInteger(atMs) && atMs <= instantMax ? atMs : 'invalid'
}
