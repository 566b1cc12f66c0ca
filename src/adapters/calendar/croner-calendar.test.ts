import { describe, expect, it } from 'vitest'
import { CronerCalendar } from './croner-calendar.js'

const calendar = new CronerCalendar()

/** The next slots after an instant, as UTC. */
function slots(cron: string, timeZone: string, after: string, count: number): string[] {
  const found: string[] = []
  let afterMs = Date.parse(after)
  while (found.length < count) {
    const next = calendar.next(cron, timeZone, afterMs)
    if (next === null) return found
    expect(next).toBeGreaterThan(afterMs)
    found.push(new Date(next).toISOString().replace(':00.000Z', 'Z'))
    afterMs = next
  }
  return found
}

describe('[SC2] a slot in the gap of spring is due once, right after it', () => {
  it.each([
    ['a daily time', '30 2 * * *', ['2026-03-28T01:30Z', '2026-03-29T01:00Z', '2026-03-30T00:30Z']],
    ['two times in the gap', '0,30 2 * * *', ['2026-03-28T01:00Z', '2026-03-28T01:30Z', '2026-03-29T01:00Z']],
    ['every ten minutes of the hour', '*/10 2 29 3 *', ['2026-03-29T01:00Z', '2027-03-29T00:00Z']],
    ['a time in it and one at its end', '30 2,3 29 3 *', ['2026-03-29T01:00Z', '2026-03-29T01:30Z']],
    ['the end of the gap itself', '0 2,3 29 3 *', ['2026-03-29T01:00Z', '2027-03-29T00:00Z']],
    ['every second hour', '0 */2 29 3 *', ['2026-03-28T23:00Z', '2026-03-29T01:00Z', '2026-03-29T02:00Z']],
    [
      'every hour',
      '0 * 29 3 *',
      ['2026-03-28T23:00Z', '2026-03-29T00:00Z', '2026-03-29T01:00Z', '2026-03-29T02:00Z'],
    ],
  ])('in Berlin: %s', (_, cron, wanted) => {
    expect(slots(cron, 'Europe/Berlin', '2026-03-27T22:00:00Z', wanted.length)).toEqual(wanted)
  })

  it('in New York', () => {
    const wanted = ['2026-03-07T07:15Z', '2026-03-08T07:00Z', '2026-03-09T06:15Z']
    expect(slots('15 2 * * *', 'America/New_York', '2026-03-06T12:00:00Z', 3)).toEqual(wanted)
  })

  it('in a zone whose gap is half an hour', () => {
    const wanted = ['2026-10-02T15:45Z', '2026-10-03T15:30Z', '2026-10-04T15:15Z']
    expect(slots('15 2 * * *', 'Australia/Lord_Howe', '2026-10-02T00:00:00Z', 3)).toEqual(wanted)
  })
})

describe('[SC2] a slot in the hour that autumn doubles is due once', () => {
  it.each([
    ['a daily time', '30 2 * * *', ['2026-10-25T00:30Z', '2026-10-26T01:30Z']],
    [
      'times of the hour',
      '*/20 2 * * *',
      ['2026-10-25T00:00Z', '2026-10-25T00:20Z', '2026-10-25T00:40Z', '2026-10-26T01:00Z'],
    ],
    [
      'hours of the day',
      '0 0-23 * * *',
      ['2026-10-24T22:00Z', '2026-10-24T23:00Z', '2026-10-25T00:00Z', '2026-10-25T02:00Z'],
    ],
  ])('in Berlin: %s', (_, cron, wanted) => {
    expect(slots(cron, 'Europe/Berlin', '2026-10-24T21:59:00Z', wanted.length)).toEqual(wanted)
  })

  it('in New York, also when asked in its second half', () => {
    const wanted = ['2026-11-01T05:30Z', '2026-11-02T06:30Z']
    expect(slots('30 1 * * *', 'America/New_York', '2026-10-31T12:00:00Z', 2)).toEqual(wanted)
    expect(slots('30 1 * * *', 'America/New_York', '2026-11-01T06:10:00Z', 1)).toEqual(['2026-11-02T06:30Z'])
  })

  it('but what runs every hour goes by elapsed time', () => {
    const wanted = ['2026-10-25T00:00Z', '2026-10-25T01:00Z', '2026-10-25T02:00Z']
    expect(slots('0 * * * *', 'Europe/Berlin', '2026-10-24T23:30:00Z', 3)).toEqual(wanted)
  })
})

it('takes seconds, and goes by UTC without a zone of its own', () => {
  expect(slots('*/30 * * * * *', 'UTC', '2026-01-01T00:00:00Z', 2)).toEqual([
    '2026-01-01T00:00:30.000Z',
    '2026-01-01T00:01Z',
  ])
})

it('has no slot for a day that never comes', () => {
  expect(calendar.next('0 0 30 2 *', 'Europe/Berlin', 0)).toBeNull()
})

describe('[SC3] refuses with a sentence and an example', () => {
  it.each([
    ['words', 'every day', 'UTC', /cron "every day": five fields are wanted .* such as "0 3/],
    [
      'a value out of range',
      '61 * * * *',
      'UTC',
      /cron "61 .*: Invalid value for minute: 61; .* such as "0 3/,
    ],
    ['too few fields', '* * *', 'UTC', /five fields/],
    ['a year', '0 0 0 1 1 * 2030', 'UTC', /five fields/],
    ['nothing', '', 'UTC', /five fields/],
    ['a zone that is none', '* * * * *', 'Mars/Olympus', /no time zone "Mars\/Olympus".*"Europe\/Berlin"/],
  ])('%s', (_, cron, timeZone, message) => {
    expect(() => calendar.next(cron, timeZone, 0)).toThrow(
      expect.objectContaining({ code: 'unprocessable', message: expect.stringMatching(message) }),
    )
  })
})
