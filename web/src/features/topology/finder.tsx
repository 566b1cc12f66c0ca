import { type RefObject, useMemo } from 'react'
import type { State } from '../../live/health.js'
import { Button, IconButton } from '../../ui/button.js'
import { SearchInput, Select } from '../../ui/field.js'
import { StateMark } from '../../ui/state-mark.js'
import { useTranslation } from '../../ui/translation.js'
import { hideWith, type MapView, states } from './map-view.js'
import { labelsIn, type PlannedMaster } from './plan.js'
import type { Sight } from './sight.js'
import { useStateCounts } from './use-sight.js'

type Change = (params: Readonly<Record<string, string | null>>) => void

/** Find, hide and group: all of it in the address. */
export function Finder({
  plan,
  view,
  sight,
  input,
  onChange,
  onStep,
  isTreeOpen,
}: {
  plan: readonly PlannedMaster[]
  view: MapView
  sight: Sight
  input: RefObject<HTMLInputElement | null>
  onChange: Change
  /** To the next or the previous node that was found. */
  onStep(by: 1 | -1): void
  isTreeOpen: boolean
}) {
  const { t } = useTranslation()
  return (
    <div className="flex shrink-0 flex-wrap items-center gap-2 border-b border-line px-3 py-1.5 wall:hidden">
      <Button
        aria-pressed={isTreeOpen}
        icon="tasks"
        className={isTreeOpen ? 'bg-chosen' : ''}
        onClick={() => onChange({ list: isTreeOpen ? null : '1' })}
      >
        {t('topo.list')}
      </Button>
      <form
        className="flex min-w-40 flex-1 items-center gap-1 sm:max-w-80"
        onSubmit={(event) => {
          event.preventDefault()
          onStep(1)
        }}
      >
        <SearchInput
          inputRef={input}
          label={t('topo.find')}
          value={view.text}
          onValue={(value) => onChange({ q: value })}
          className="flex-1"
        />
        {sight.found === null ? null : (
          <>
            <output className="live-value shrink-0 text-xs text-quiet" data-testid="map-found">
              {t('topo.found', { count: sight.found.length })}
            </output>
            <IconButton icon="down" label={t('topo.next')} onClick={() => onStep(1)} />
          </>
        )}
      </form>
      <StateToggles plan={plan} view={view} onChange={onChange} />
      <LabelSelects plan={plan} view={view} onChange={onChange} />
      {sight.hidden.size === 0 ? null : (
        <span className="flex items-center gap-1" data-testid="map-hidden">
          <span className="live-value text-waiting">{t('topo.hidden', { count: sight.hidden.size })}</span>
          <Button look="bare" onClick={() => onChange({ hide: null })}>
            {t('topo.showAll')}
          </Button>
        </span>
      )}
    </div>
  )
}

/** Each state is drawn or hidden; pressed = drawn. */
function StateToggles({
  plan,
  view,
  onChange,
}: {
  plan: readonly PlannedMaster[]
  view: MapView
  onChange: Change
}) {
  const { t } = useTranslation()
  const counts = useStateCounts(plan)
  const toggle = (state: State) => {
    const isShown = !view.hiddenStates.has(state)
    return (
      <button
        key={state}
        type="button"
        aria-pressed={isShown}
        onClick={() => onChange({ hide: hideWith(view, state, isShown) })}
        className={`inline-flex h-[1.875rem] items-center gap-1.5 border border-line px-2 first:rounded-l-md last:rounded-r-md -ml-px hover:bg-raised ${isShown ? 'bg-panel' : 'hatched text-quiet line-through'}`}
      >
        <StateMark state={state} className="size-2.5" />
        {t(`state.${state}`)}
        <span className="live-value text-xs text-quiet">{counts[state]}</span>
      </button>
    )
  }
  return (
    <fieldset className="flex flex-wrap pl-px">
      <legend className="sr-only">{t('topo.states')}</legend>
      {states.map(toggle)}
    </fieldset>
  )
}

function LabelSelects({
  plan,
  view,
  onChange,
}: {
  plan: readonly PlannedMaster[]
  view: MapView
  onChange: Change
}) {
  const { t } = useTranslation()
  const labels = useMemo(() => labelsIn(plan), [plan])
  const names = [...new Set(labels.map((label) => label.slice(0, label.indexOf('='))))]
  if (names.length === 0) return null
  return (
    <>
      <Select
        aria-label={t('topo.group')}
        value={view.groupBy ?? ''}
        onChange={(event) => onChange({ group: event.target.value })}
        choices={[
          { value: '', label: t('topo.ungrouped') },
          ...names.map((name) => ({ value: name, label: t('topo.groupBy', { name }) })),
        ]}
      />
      <Select
        aria-label={t('topo.hideLabel')}
        value=""
        onChange={(event) =>
          onChange({ hide: hideWith(view, event.target.value, !view.hiddenLabels.has(event.target.value)) })
        }
        choices={[
          { value: '', label: t('topo.hideLabel') },
          ...labels.map((label) => ({
            value: label,
            label: view.hiddenLabels.has(label) ? t('topo.hiddenLabel', { label }) : label,
          })),
        ]}
      />
    </>
  )
}
