import { afterEach, expect, it, vi } from 'vitest'
import { AssertionError } from '../../src/core/assert.js'
import type { Input } from '../../src/core/input.js'
import { limits } from '../../src/core/limits.js'
import { World } from '../../src/testing/simulator/world.js'

const planted = vi.hoisted(() => ({ breaksOn: (_input: Input): boolean => false }))

vi.mock('../../src/core/decide.js', async (load) => {
  const real = await load<typeof import('../../src/core/decide.js')>()
  const decide: typeof real.decide = (state, input, nowMs) => {
    if (planted.breaksOn(input)) throw new AssertionError('planted')
    return real.decide(state, input, nowMs)
  }
  return { ...real, decide }
})

const seeds = 20
/** Its end is left out: what a master told of one and what counts differ here on purpose. */
const isReport = ({ command }: Input): boolean =>
  command.name === 'report_run' && command.change.phase !== 'ended'
const isReceipt = ({ command }: Input): boolean => command.name === 'report_receipt'

const placeOf = ({ origin }: Input): string => JSON.stringify(origin)

afterEach(() => {
  planted.breaksOn = () => false
})

it.each([
  ['run', isReport],
  ['receipt', isReceipt],
])(
  `[QU3] over ${seeds} seeds the report of a %s that breaks a rule ends two leaders; then all work ends as it should`,
  async (_what, isPoison) => {
    let poisoned = 0
    for (let seed = 1; seed <= seeds; seed += 1) {
      let place: string | null = null
      let crashes = 0
      planted.breaksOn = (input) => {
        if (place === null && isPoison(input)) place = placeOf(input)
        if (place === null || !isPoison(input) || placeOf(input) !== place) return false
        crashes += 1
        return true
      }
      const world = new World(seed, {
        isPlanted: (cause) => cause instanceof AssertionError && cause.message === 'planted',
      })
      await world.play()
      expect(world.result().failure, `seed ${seed}`).toBeNull()
      expect(crashes).toBeLessThanOrEqual(limits.crashesUntilQuarantine)
      // A master that lost its power may have lost the update as well, also between the last crash and the next start.
      if (place === null || crashes < limits.crashesUntilQuarantine) continue
      const { story } = world.result()
      if (setAsides(world).length === 0 && story.some((what) => what.endsWith('machine loses power')))
        continue
      poisoned += 1
      const { nodeId } = JSON.parse(place) as { nodeId: string }
      expect(setAsides(world)).toEqual([nodeId])
    }
    expect(poisoned).toBeGreaterThan(seeds / 2)
  },
)

/** Masters of which something was set aside, by what the log says. */
function setAsides(world: World): string[] {
  return world.leader.disk.journal.events.flatMap(({ json }) => {
    const event = JSON.parse(json) as { type: string; body: { alertKind?: string; nodeId?: string } }
    return event.body.alertKind === 'quarantined' ? [event.body.nodeId ?? ''] : []
  })
}
