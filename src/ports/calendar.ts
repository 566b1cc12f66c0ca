/** Times that cron expressions name, in a time zone's local time. */
export interface Calendar {
  /**
   * The first slot after `afterMs` (Unix ms, exclusive), or null when there is none within some years. A local time that
   * the clock skips is due once, right after the gap; one that comes twice is due the first time. An expression of every
   * hour goes by elapsed time instead. Throws ControlError `unprocessable` for a bad expression or zone.
   */
  next(cron: string, timeZone: string, afterMs: number): number | null
}
