import type { OutputLine } from '../ports/node-link.js'

export type LineLevel = OutputLine['level']

/** Only the start of a line is looked at: levels stand there, and a flood of long lines stays cheap. */
const lookedAtLength = 300

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters.
const colours = /\u001b\[[0-9;]*m/g

/** `"level":"warn"`, `"severity": "ERROR"`, `level=debug`, pino's `"level":50`. */
const field = /(?:["']?\b(?:level|severity|lvl|log\.level)["']?\s*[:=]\s*["']?)([A-Za-z]+|\d{2})\b/

/** A level in capitals as most loggers write it; the first one in the line counts. */
const capitals =
  /\b(?:(EMERG|FATAL|CRITICAL|CRIT|PANIC|SEVERE|ERROR|ERR)|(WARNING|WARN)|(DEBUG|TRACE|VERBOSE|FINE)|(INFO|NOTICE))\b/

/** `error:`, `[warn]`, `TypeError:`, `DeprecationWarning:`, and a word that the line begins with. */
const marked =
  /(?:^|[\s[(<.])(?:(\w*error|\w*exception|fatal|panic)|(\w*warning|warn)|(debug|trace|verbose)|(info|notice))(?:\[\w+\]| [A-Z]+\d+)?(?:\]|\)|>|\s?:(?!:))/i
const leading =
  /^\W*(?:(error|fatal|panic|uncaught|unhandled|traceback)|(warning|warn|deprecated)|(debug|trace))\b/i

/** Of standard error, where programs also write what is no error at all. */
const errorWords = /\b(?:error|errors|failed|failure|fatal|exception|cannot|denied|not found|no such)\b/i
const noError = /\b(?:0|no|without|zero) (?:errors?|failures?|failed)\b/i

/** How much a line matters, by what it says; `info` when it does not say. */
export function levelOf(text: string, stream: 'out' | 'err'): LineLevel {
  let start = text.length > lookedAtLength ? text.slice(0, lookedAtLength) : text
  if (start.includes('\u001b')) start = start.replace(colours, '')
  const named = field.exec(start)?.[1]
  const byField = named === undefined ? null : levelNamed(named)
  if (byField !== null) return byField
  const match = capitals.exec(start) ?? marked.exec(start) ?? leading.exec(start)
  if (match !== null && !noError.test(start)) {
    return match[1] !== undefined
      ? 'error'
      : match[2] !== undefined
        ? 'warning'
        : match[3] !== undefined
          ? 'debug'
          : 'info'
  }
  return stream === 'err' && errorWords.test(start) && !noError.test(start) ? 'error' : 'info'
}

function levelNamed(name: string): LineLevel | null {
  const lower = name.toLowerCase()
  if (/^(?:error|err|fatal|critical|crit|panic|emerg|alert|severe|50|60)$/.test(lower)) return 'error'
  if (/^(?:warn|warning|40)$/.test(lower)) return 'warning'
  if (/^(?:debug|trace|verbose|fine|10|20)$/.test(lower)) return 'debug'
  if (/^(?:info|notice|information|30)$/.test(lower)) return 'info'
  return null
}
