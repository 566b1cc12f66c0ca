/** `2030-01-02 03:04:05 Europe/Berlin`. */
export function timeText(ms: number, timeZone: string): string {
  const date = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' })
  return `${date.format(ms)} ${timeZone}`
}
