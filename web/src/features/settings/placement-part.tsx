import { type FormEvent, useEffect, useId, useState } from 'react'
import { useSelector } from 'react-redux'
import type { ChoosePlacement, Placement } from '../../../../src/contract/placement.js'
import { live } from '../../live/live.js'
import type { WallState } from '../../live/store.js'
import { useActsBlocked } from '../../ui/acts.js'
import { Button } from '../../ui/button.js'
import { Field, TextInput } from '../../ui/field.js'
import { useRefusal } from '../../ui/refusal.js'
import { useTranslation } from '../../ui/translation.js'
import { Part } from './settings-part.js'

const path = '/api/settings/placement'
const measures = ['connections', 'cpu', 'memory', 'response'] as const

/** How a master is chosen among those that can take a task: for the whole cluster, from the next task on. */
export function PlacementPart() {
  const { t } = useTranslation()
  const term = useSelector((state: WallState) =>
    state.connection.phase === 'live' ? state.connection.term : null,
  )
  const [placement, setPlacement] = useState<Placement | null>(null)
  const refusalOf = useRefusal()
  const [problem, setProblem] = useState<unknown>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another term may be another leader.
  useEffect(() => {
    const abort = new AbortController()
    live.rest.get<Placement>(path, abort.signal).then(setPlacement, (cause: unknown) => {
      if (!abort.signal.aborted) setProblem(cause)
    })
    return () => abort.abort()
  }, [term])
  const choose = (body: ChoosePlacement) => {
    setProblem(null)
    live.rest.put<Placement>(path, body).then(setPlacement, (cause: unknown) => setProblem(cause))
  }
  return (
    <Part title={t('placement.title')}>
      <p className="text-quiet">{t('placement.hint')}</p>
      {placement === null ? null : <Strategies placement={placement} onChoose={choose} />}
      {problem === null ? null : (
        <p role="alert" className="text-failed">
          {refusalOf(problem)}
        </p>
      )}
    </Part>
  )
}

function Strategies({
  placement,
  onChoose,
}: {
  placement: Placement
  onChoose(body: ChoosePlacement): void
}) {
  const { t } = useTranslation()
  const { strategy, strategies, weights } = placement
  return (
    <fieldset className="flex flex-col">
      <legend className="sr-only">{t('placement.title')}</legend>
      {strategies.map((one) => (
        <StrategyChoice
          key={one}
          strategy={one}
          chosen={one === strategy}
          onChoose={() => onChoose({ strategy: one, weights })}
        />
      ))}
      {strategy === 'weighted' ? (
        <Weights
          key={JSON.stringify(weights)}
          weights={weights}
          onWeights={(next) => onChoose({ strategy, weights: next })}
        />
      ) : null}
    </fieldset>
  )
}

function StrategyChoice({
  strategy,
  chosen,
  onChoose,
}: {
  strategy: Placement['strategy']
  chosen: boolean
  onChoose(): void
}) {
  const { t } = useTranslation()
  const id = useId()
  const blocked = useActsBlocked()
  return (
    <label
      className={`flex cursor-pointer items-start gap-2.5 rounded-md px-2 py-1.5 ${chosen ? 'bg-chosen' : 'hover:bg-raised'}`}
    >
      <input
        type="radio"
        disabled={blocked !== null}
        name="placement"
        aria-labelledby={`${id}name`}
        aria-describedby={`${id}about`}
        checked={chosen}
        onChange={onChoose}
        className="mt-0.5 size-4 shrink-0 cursor-pointer accent-busy"
      />
      <span className="min-w-0">
        <span id={`${id}name`} className="font-medium">
          {t(`placement.name.${strategy}`)}
        </span>
        <span id={`${id}about`} className="block text-xs text-quiet">
          {t(`placement.about.${strategy}`)}
        </span>
      </span>
    </label>
  )
}

function Weights({
  weights,
  onWeights,
}: {
  weights: Placement['weights']
  onWeights(weights: Placement['weights']): void
}) {
  const { t } = useTranslation()
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const of = (measure: string): number => Number(form.get(measure))
    onWeights({
      connections: of('connections'),
      cpu: of('cpu'),
      memory: of('memory'),
      response: of('response'),
    })
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-2 py-2 pl-8">
      <div className="grid grid-cols-2 gap-3 sm:grid-cols-4">
        {measures.map((measure) => (
          <Field key={measure} label={t(`placement.weight.${measure}`)}>
            <TextInput
              name={measure}
              type="number"
              min={0}
              max={1000}
              step="any"
              required
              defaultValue={weights[measure]}
            />
          </Field>
        ))}
      </div>
      <Button acts type="submit" className="self-start">
        {t('placement.setWeights')}
      </Button>
    </form>
  )
}
