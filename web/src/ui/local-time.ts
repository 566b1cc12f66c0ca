/** `2026-07-01T08:30` of a datetime-local field ↔ Unix ms in this machine's zone; '' = any. */
export function msOfLocal(value: string): string {
  const ms = value === '' ? Number.NaN : new Date(value).getTime()
  return Number.isNaN(ms) ? '' : String(ms)
}

export function localOfMs(value: string | null): string {
  if (value === null || !/^\d+$/.test(value)) return ''
  const at = new Date(Number(value))
  const pad = (part: number) => String(part).padStart(2, '0')
  return `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}T${pad(at.getHours())}:${pad(at.getMinutes())}`
}
