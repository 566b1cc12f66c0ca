import { expect, it, vi } from 'vitest'
import { systemClock } from './system-clock.js'

it('fires after the delay, and not when cancelled', () => {
  vi.useFakeTimers()
  try {
    const fired: string[] = []
    systemClock.after(10, () => fired.push('kept'))
    systemClock.after(10, () => fired.push('cancelled')).cancel()
    vi.advanceTimersByTime(9)
    expect(fired).toEqual([])
    vi.advanceTimersByTime(1)
    expect(fired).toEqual(['kept'])
  } finally {
    vi.useRealTimers()
  }
})

it('waits longer than the largest delay of a Node timer', () => {
  vi.useFakeTimers()
  try {
    const month = 31 * 24 * 3600_000
    let fired = false
    systemClock.after(month, () => {
      fired = true
    })
    vi.advanceTimersByTime(month - 1)
    expect(fired).toBe(false)
    vi.advanceTimersByTime(1)
    expect(fired).toBe(true)
  } finally {
    vi.useRealTimers()
  }
})

it('runs `soon` after the present tick', async () => {
  const order: string[] = []
  const done = new Promise<void>((resolve) => {
    systemClock.soon(() => {
      order.push('soon')
      resolve()
    })
  })
  order.push('now')
  await done
  expect(order).toEqual(['now', 'soon'])
})

it('has a monotonic time that never goes back', () => {
  const first = systemClock.monotonicMs()
  expect(systemClock.monotonicMs()).toBeGreaterThanOrEqual(first)
  expect(Math.abs(systemClock.wallMs() - Date.now())).toBeLessThan(1_000)
})
