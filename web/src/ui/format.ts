import { useMemo } from 'react'
import { useTranslation } from './translation.js'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

interface Units {
  readonly s: string
  readonly m: string
  readonly h: string
  readonly d: string
  readonly joint: string
}
const units: Readonly<Record<string, Units>> = {
  en: { s: 's', m: 'm', h: 'h', d: 'd', joint: ' ' },
  zh: { s: '秒', m: '分', h: '时', d: '天', joint: '' },
}

/** Two units at most: "3m 12s", "2h 5m", "4d 3h". Never negative: clocks of two machines differ. */
export function duration(ms: number, language: string): string {
  const unit = units[language.slice(0, 2)] ?? { s: 's', m: 'm', h: 'h', d: 'd', joint: ' ' }
  const left = Math.max(0, ms)
  const two = (big: number, bigUnit: string, small: number, smallUnit: string) =>
    small === 0 ? `${big}${bigUnit}` : `${big}${bigUnit}${unit.joint}${small}${smallUnit}`
  if (left < minuteMs) return `${Math.floor(left / 1000)}${unit.s}`
  if (left < hourMs)
    return two(Math.floor(left / minuteMs), unit.m, Math.floor((left % minuteMs) / 1000), unit.s)
  if (left < dayMs)
    return two(Math.floor(left / hourMs), unit.h, Math.floor((left % hourMs) / minuteMs), unit.m)
  return two(Math.floor(left / dayMs), unit.d, Math.floor((left % dayMs) / hourMs), unit.h)
}

/** "<1 ms", "40 ms", "1.3 s", "12s", "3m 12s": for what took time, where parts of a second matter. */
export function span(ms: number, language: string): string {
  const isChinese = language.startsWith('zh')
  if (ms < 1_000) return `${ms < 1 ? '<1' : Math.round(ms)}${isChinese ? '毫秒' : ' ms'}`
  return ms < 10_000 ? `${(ms / 1000).toFixed(1)}${isChinese ? '秒' : ' s'}` : duration(ms, language)
}

const sizes = ['B', 'KB', 'MB', 'GB', 'TB'] as const
/** "512 B", "1.4 MB": powers of 1024, two digits at least. */
export function bytes(count: number): string {
  let value = Math.max(0, count)
  let size = 0
  while (value >= 1000 && size < sizes.length - 1) {
    value /= 1024
    size += 1
  }
  return `${value >= 10 || size === 0 ? Math.round(value) : value.toFixed(1)} ${sizes[size]}`
}

export const percent = (fraction: number | null | undefined): string =>
  fraction === null || fraction === undefined ? '–' : `${Math.round(Math.max(0, fraction) * 100)}%`

const pad = (value: number, length = 2) => String(value).padStart(length, '0')
/** "20:58:04" in this machine's zone. */
export function clock(atMs: number): string {
  const at = new Date(atMs)
  return `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}`
}
/** "2026-07-01 20:58:04" in this machine's zone. */
export function dateTime(atMs: number): string {
  const at = new Date(atMs)
  return `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())} ${clock(atMs)}`
}

/** The formats that depend on the language, bound to the one in use. */
export function useFormat() {
  const { language } = useTranslation().i18n
  return useMemo(
    () => ({
      duration: (ms: number) => duration(ms, language),
      span: (ms: number) => span(ms, language),
    }),
    [language],
  )
}
