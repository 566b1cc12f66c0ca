import { Segments } from '../../ui/segments.js'
import { useTranslation } from '../../ui/translation.js'
import { goTo, hrefTo, usePlace } from '../../ui/url.js'
import { Compare } from './compare.js'
import { ConfigHistory } from './config-history.js'
import { RunHistory } from './run-history.js'

const views = ['runs', 'config'] as const

/** The past, asked from the leader's database: runs, or changes of configuration. The question is in the address. */
export function HistoryScreen() {
  const { t } = useTranslation()
  const place = usePlace()
  const view = place.params.get('view') === 'config' ? 'config' : 'runs'
  const [first, second] = (place.params.get('compare') ?? '').split(',')
  if (first !== undefined && second !== undefined) return <Compare ids={[first, second]} />
  const show = (next: string) =>
    goTo(hrefTo(place, place.screen, { view: next === 'config' ? next : null }), { replace: true })
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="shrink-0 px-3 pt-2">
        <Segments
          label={t('historyView.label')}
          value={view}
          onValue={show}
          segments={views.map((one) => ({ value: one, label: t(`historyView.${one}`) }))}
        />
      </div>
      {view === 'config' ? <ConfigHistory /> : <RunHistory />}
    </div>
  )
}
