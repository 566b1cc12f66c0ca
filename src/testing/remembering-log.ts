import type { Log } from '../ports/log.js'

interface LogEntry {
  readonly level: keyof Log
  readonly message: string
  readonly context: Readonly<Record<string, unknown>>
}

/** A log that only remembers. */
export function createRememberingLog(): Log & { readonly entries: readonly LogEntry[] } {
  const entries: LogEntry[] = []
  const at =
    (level: keyof Log): Log[keyof Log] =>
    (message, context = {}) => {
      entries.push({ level, message, context })
    }
  return { entries, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
