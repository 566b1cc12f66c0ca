import { type DestinationStream, destination, pino, stdTimeFunctions } from 'pino'
import type { Log } from '../../ports/log.js'

export interface PinoLogOptions {
  /** Who speaks: `leader-1`, `master-2`. */
  readonly name: string
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  /** One JSON object a line for machines; otherwise one readable line. */
  readonly json: boolean
  /** Where lines go. Default: stderr, written synchronously so that a dying process loses none. */
  readonly destination?: DestinationStream
}

/** Process log on pino. Errors in the context are written with their stack. */
export function createPinoLog(options: PinoLogOptions): Log {
  const out = options.destination ?? destination({ fd: 2, sync: true })
  const logger = pino(
    {
      base: { name: options.name },
      level: options.level,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: pino.stdSerializers.err, err: pino.stdSerializers.err },
    },
    options.json ? out : { write: (line) => out.write(readable(line)) },
  )
  return {
    debug: (message, context) => logger.debug(context ?? {}, message),
    info: (message, context) => logger.info(context ?? {}, message),
    warn: (message, context) => logger.warn(context ?? {}, message),
    error: (message, context) => logger.error(context ?? {}, message),
  }
}

/** `12:04:05.123 warn  leader-1: message key=value`, times in UTC; stacks follow on lines of their own. */
function readable(line: string): string {
  const { time, level, name, msg, ...context } = JSON.parse(line) as Record<string, unknown>
  const stacks: string[] = []
  const fields = Object.entries(context).map(([key, value]) => {
    if (isError(value)) {
      stacks.push(value.stack)
      return `${key}=${JSON.stringify(value.message)}`
    }
    return `${key}=${typeof value === 'string' && /^[\w./:@-]+$/.test(value) ? value : JSON.stringify(value)}`
  })
  const head = `${String(time).slice(11, 23)} ${String(level).padEnd(5)} ${String(name)}: ${String(msg)}`
  return `${[[head, ...fields].join(' '), ...stacks].join('\n')}\n`
}

const isError = (value: unknown): value is { message: string; stack: string } =>
  typeof value === 'object' &&
  value !== null &&
  'stack' in value &&
  typeof value.stack === 'string' &&
  'message' in value
