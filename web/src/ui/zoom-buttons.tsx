import { IconButton } from './button.js'
import { useTranslation } from './translation.js'

/** Nearer, further, all of it: over the corner of a map or graph, but on the big screen, where nobody could press them. */
export function ZoomButtons({ onIn, onOut, onFit }: { onIn(): void; onOut(): void; onFit(): void }) {
  const { t } = useTranslation()
  return (
    <div className="absolute top-2 right-2 flex gap-1 rounded-md border border-line bg-panel wall:hidden">
      <IconButton icon="plus" label={t('map.zoomIn')} onClick={onIn} />
      <IconButton icon="minus" label={t('map.zoomOut')} onClick={onOut} />
      <IconButton icon="fit" label={t('map.fit')} onClick={onFit} />
    </div>
  )
}
