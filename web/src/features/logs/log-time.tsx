import { useState } from 'react'
import type { LineQuery } from '../../live/protocol.js'
import { Select } from '../../ui/field.js'
import { localOfMs, msOfLocal } from '../../ui/local-time.js'
import { useTranslation } from '../../ui/translation.js'

const minuteMs = 60_000
/** Spans that end now. What is chosen is an instant in the address, so that a link shows the same lines. */
const spans = { minutes: 15 * minuteMs, hour: 60 * minuteMs, day: 24 * 60 * minuteMs } as const
type SpanName = keyof typeof spans
const isSpan = (value: string): value is SpanName => value in spans

/** From when to when; nothing chosen = everything that is kept. */
export function LogTime({ query, onQuery }: { query: LineQuery; onQuery(query: LineQuery): void }) {
  const { t } = useTranslation()
  const { sinceMs, untilMs } = query
  const isBounded = sinceMs !== null || untilMs !== null
  const [isOpen, setOpen] = useState(false)
  const showsFields = isOpen || isBounded
  const choose = (value: string) => {
    setOpen(value === 'between')
    if (value === 'between') return
    const since = isSpan(value) ? Date.now() - spans[value] : null
    onQuery({ ...query, sinceMs: since, untilMs: null })
  }
  const edge = (value: string): number | null => (value === '' ? null : Number(value))
  return (
    <>
      <Select
        aria-label={t('logs.time')}
        value={showsFields ? 'between' : ''}
        onChange={(event) => choose(event.target.value)}
        choices={[
          { value: '', label: t('logs.anyTime') },
          { value: 'minutes', label: t('logs.lastMinutes') },
          { value: 'hour', label: t('logs.lastHour') },
          { value: 'day', label: t('logs.lastDay') },
          { value: 'between', label: t('logs.between') },
        ]}
      />
      {showsFields ? (
        <>
          <input
            type="datetime-local"
            aria-label={t('logs.since')}
            className="field"
            value={localOfMs(sinceMs === null ? null : String(sinceMs))}
            onChange={(event) => onQuery({ ...query, sinceMs: edge(msOfLocal(event.target.value)) })}
          />
          <input
            type="datetime-local"
            aria-label={t('logs.until')}
            className="field"
            value={localOfMs(untilMs === null ? null : String(untilMs))}
            onChange={(event) => onQuery({ ...query, untilMs: edge(msOfLocal(event.target.value)) })}
          />
        </>
      ) : null}
    </>
  )
}
