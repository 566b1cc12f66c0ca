import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { whenThereIsSpace } from './full-disk.js'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const full = Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' })

it('[JN9] repeats a write until there is space, and frees the ballast', async () => {
  const ballast = { free: vi.fn() }
  const write = vi.fn<() => Promise<string>>()
  write.mockRejectedValueOnce(full).mockRejectedValueOnce(full).mockResolvedValueOnce('written')
  const result = whenThereIsSpace(ballast, () => true, write)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(await result).toBe('written')
  expect(write).toHaveBeenCalledTimes(3)
  expect(ballast.free).toHaveBeenCalled()
})

it('passes any other failure on at once', async () => {
  const ballast = { free: vi.fn() }
  const failed = Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_FSYNC' })
  await expect(
    whenThereIsSpace(
      ballast,
      () => true,
      () => Promise.reject(failed),
    ),
  ).rejects.toBe(failed)
  expect(ballast.free).not.toHaveBeenCalled()
})

it('gives up when the store closes meanwhile', async () => {
  let isOpen = true
  const result = whenThereIsSpace(
    { free: () => undefined },
    () => isOpen,
    () => Promise.reject(full),
  ).catch((error: unknown) => error)
  await vi.advanceTimersByTimeAsync(300)
  isOpen = false
  await vi.advanceTimersByTimeAsync(300)
  expect(await result).toBe(full)
})
