import { useTranslation } from './translation.js'

/** Says how much of a list is drawn, and whether all that needs somebody is in it. Nothing when all is. */
export function CutNote({
  shown,
  total,
  bad,
  hasAllBad,
}: {
  shown: number
  total: number
  bad: number
  hasAllBad: boolean
}) {
  const { t } = useTranslation()
  if (total <= shown) return null
  const isTold = bad > 0 && hasAllBad
  return (
    <p className="p-3 text-quiet">
      {isTold ? t('list.cutWithBad', { shown, total, count: bad }) : t('list.cut', { shown, total })}
    </p>
  )
}
