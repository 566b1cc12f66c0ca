import type { Ballast } from './ballast.js'
import { isFull } from './errors.js'

const retryMs = 250

/**
 * Repeats a write that found no space until there is some: what it holds was acked by nobody, and whoever waits for it
 * is held back by its own limits. `isOpen` false ends the wait with the failure.
 */
export async function whenThereIsSpace<Result>(
  ballast: Pick<Ballast, 'free'>,
  isOpen: () => boolean,
  write: () => Promise<Result>,
): Promise<Result> {
  for (;;) {
    try {
      return await write()
    } catch (thrown) {
      if (!isFull(thrown)) throw thrown
      ballast.free()
      if (!isOpen()) throw thrown
      await new Promise((resolve) => setTimeout(resolve, retryMs).unref())
    }
  }
}
