import { useNow } from '../ui/clock.js'
import { useFormat } from '../ui/format.js'
import { useTranslation } from '../ui/translation.js'
import type { Directing } from './use-director.js'

/** Which scene is on the big screen, and when the next one comes. */
export function SceneMark({ directing: { scenes, direction } }: { directing: Directing }) {
  const { t } = useTranslation()
  const { duration } = useFormat()
  const nowMs = useNow()
  const left = duration(Math.max(0, direction.untilMs - nowMs))
  const of = { index: direction.index + 1, count: scenes.names.length, duration: left }
  return (
    <span data-testid="scene" data-phase={direction.phase} className="live-value text-quiet">
      {direction.phase === 'turn' ? t('scene.turn', of) : t(`scene.${direction.phase}`, { duration: left })}
    </span>
  )
}
