import { Cron } from 'croner'
import { ControlError, fromUnknown } from '../../core/errors.js'
import { limits } from '../../core/limits.js'
import type { Calendar } from '../../ports/calendar.js'
import { ZoneTime } from './zone-time.js'

type Next = (afterMs: number) => number | null

const example = 'such as "0 3 * * *" (every day at 3:00) or "*/30 * * * * *" (every 30 seconds)'

/** Calendar on croner, which reads the expressions; local times that are skipped or come twice are ours. */
export class CronerCalendar implements Calendar {
  /** Oldest first. */
  readonly #compiled = new Map<string, Next>()

  next(cron: string, timeZone: string, afterMs: number): number | null {
    const key = `${cron}\n${timeZone}`
    const known = this.#compiled.get(key)
    if (known !== undefined) return known(afterMs)
    const next = compile(cron, timeZone)
    const [oldest] = this.#compiled.keys()
    if (this.#compiled.size >= limits.compiledKept && oldest !== undefined) this.#compiled.delete(oldest)
    this.#compiled.set(key, next)
    return next(afterMs)
  }
}

function compile(cron: string, timeZone: string): Next {
  const zone = zoneOf(timeZone)
  const fields = cron.trim().split(/\s+/)
  if (cron.length > limits.cronLengthMax || fields.length < 5 || fields.length > 6) {
    throw badCron(cron, 'five fields are wanted (minute hour day month weekday), or six with seconds first')
  }
  const everyHour = fields.at(-4) === '*'
  // Every hour: by elapsed time, so that no hour of silence comes with the hour that comes twice.
  if (everyHour) return nextOf(parse(cron, timeZone))
  const local = nextOf(parse(cron, 'UTC'))
  return (afterMs) => {
    let localMs: number | null = zone.localOf(afterMs)
    for (let step = 0; step < limits.cronStepsMax; step += 1) {
      localMs = local(localMs)
      if (localMs === null) return null
      const instantMs = zone.instantOf(localMs)
      // [SC2] Slots of one gap are due at the same instant: that is one slot.
      if (instantMs > afterMs) return instantMs
    }
    return null
  }
}

const nextOf =
  (cron: Cron): Next =>
  (afterMs) =>
    cron.nextRun(new Date(afterMs))?.getTime() ?? null

function parse(cron: string, timeZone: string): Cron {
  try {
    return new Cron(cron, { timezone: timeZone, paused: true, mode: '5-or-6-parts' })
  } catch (thrown) {
    throw badCron(
      cron,
      thrown instanceof Error ? thrown.message.replace(/^CronPattern: /, '') : 'it cannot be read',
    )
  }
}

const badCron = (cron: string, why: string): ControlError =>
  new ControlError(
    'unprocessable',
    `cron "${cron.slice(0, limits.cronLengthMax)}": ${why}; give one ${example}`,
  )

function zoneOf(timeZone: string): ZoneTime {
  try {
    return new ZoneTime(timeZone)
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw fromUnknown(thrown)
    throw new ControlError(
      'unprocessable',
      `there is no time zone "${timeZone}"; give an IANA name such as "Europe/Berlin", "America/New_York" or "UTC"`,
    )
  }
}
