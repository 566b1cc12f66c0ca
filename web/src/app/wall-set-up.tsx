import { type FormEvent, useState } from 'react'
import { Button } from '../ui/button.js'
import { Dialog } from '../ui/dialog.js'
import { Field, TextInput } from '../ui/field.js'
import { arcMinutePx, setPreferences, usePreferences } from '../ui/preferences.js'
import { useTranslation } from '../ui/translation.js'
import { currentPlace, goTo, hrefTo, usePlace } from '../ui/url.js'
import { everyS, scenesIn } from './director.js'
import { type ScreenName, screens } from './screen-names.js'

/** First-level letters are as many minutes of arc large (their font, of which capitals are 0.727), see style.css. */
const firstLevelArcMinutes = 22.8
const bodyArcMinutes = 11.4
const capitalShare = 0.727
/** The overview of the big screen needs this many lines of body text. */
const rowsMin = 40
const inches = { min: 10, max: 300 }
const metres = { min: 0.5, max: 50 }

/** Sets up the big screen: how large and how far away, which scenes take turns, and opens it. */
export function WallSetUp({ onClose }: { onClose(): void }) {
  const { t } = useTranslation()
  const { params } = usePlace()
  const asked = scenesIn(params)
  const [names, setNames] = useState<readonly ScreenName[]>(asked?.names ?? ['overview'])
  const [seconds, setSeconds] = useState(String((asked?.everyMs ?? everyS.standard * 1_000) / 1_000))
  const open = (event: FormEvent) => {
    event.preventDefault()
    const turns = names.length > 1
    const scenes = turns ? names.join(',') : null
    const first = names[0] ?? 'overview'
    goTo(hrefTo(currentPlace(), first, { wall: '1', scenes, every: turns ? seconds : null }))
    onClose()
  }
  return (
    <Dialog open onClose={onClose} title={t('setUp.title')}>
      <form className="flex flex-col gap-4" onSubmit={open}>
        <Size />
        <fieldset className="flex flex-col gap-2">
          <legend className="mb-1 text-xs text-quiet">{t('setUp.scenes')}</legend>
          <div className="flex flex-wrap gap-x-4 gap-y-1">
            {offered.map(({ name }) => (
              <label key={name} className="flex min-h-6 items-center gap-1.5">
                <input
                  type="checkbox"
                  className="size-4"
                  checked={names.includes(name)}
                  onChange={(event) => setNames(withScene(names, name, event.target.checked))}
                />
                {t(`screen.${name}`)}
              </label>
            ))}
          </div>
        </fieldset>
        {names.length > 1 ? (
          <Field label={t('setUp.every')} hint={t('setUp.everyHint')}>
            <TextInput
              type="number"
              required
              min={everyS.min}
              max={everyS.max}
              value={seconds}
              onChange={(event) => setSeconds(event.target.value)}
            />
          </Field>
        ) : null}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button look="primary" type="submit">
            {t('setUp.open')}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

/** In the order of the rail, whatever the order in which they were chosen. */
function withScene(names: readonly ScreenName[], name: ScreenName, isIn: boolean): readonly ScreenName[] {
  const chosen = screens
    .map((screen) => screen.name)
    .filter((each) => (each === name ? isIn : names.includes(each)))
  return chosen.length === 0 ? ['overview'] : chosen
}

/** Where the parts of the overview stand on the big screen, as wall-overview.tsx lays them out. */
const parts = [
  { word: 'screen.topology', area: 'col-span-7 row-span-8 border-r' },
  { word: 'attention.title', area: 'col-span-5 row-span-5' },
  { word: 'queues.title', area: 'col-span-5 row-span-3' },
  { word: 'strip.name', area: 'col-span-12 row-span-2' },
  { word: 'river.title', area: 'col-span-12' },
  { word: 'screen.logs', area: 'col-span-12' },
] as const

/** Screens that can take turns: the settings are for who sits before them. */
const offered = screens.filter(({ name }) => name !== 'settings')

function Size() {
  const { t } = useTranslation()
  const { wallInches, wallMetres } = usePreferences()
  const take = (key: 'wallInches' | 'wallMetres', text: string, { min, max }: typeof inches) => {
    const value = Number(text)
    if (value >= min && value <= max) setPreferences({ [key]: value })
  }
  return (
    <>
      <p className="text-quiet">{t('settings.wallHint')}</p>
      <div className="grid grid-cols-2 gap-3">
        <Field label={t('settings.inches')}>
          <TextInput
            type="number"
            {...inches}
            defaultValue={wallInches}
            onChange={(event) => take('wallInches', event.target.value, inches)}
          />
        </Field>
        <Field label={t('settings.metres')}>
          <TextInput
            type="number"
            {...metres}
            step={0.5}
            defaultValue={wallMetres}
            onChange={(event) => take('wallMetres', event.target.value, metres)}
          />
        </Field>
      </div>
      <Preview inches={wallInches} metres={wallMetres} />
    </>
  )
}

/** The big screen in small, with letters as large on it as they will be. */
function Preview({ inches, metres }: { inches: number; metres: number }) {
  const { t } = useTranslation()
  // Of a width of 100: a minute of arc in percent of the screen's width.
  const unit = arcMinutePx(100, inches, metres)
  const millimetres = Math.round(
    metres * 1000 * Math.tan(Math.PI / 180 / 60) * firstLevelArcMinutes * capitalShare,
  )
  const rows = Math.floor((100 * 9) / 16 / (unit * bodyArcMinutes))
  const size = (arcMinutes: number) => ({ fontSize: `${unit * arcMinutes}cqw`, lineHeight: 1.25 })
  return (
    <figure>
      <div className="@container">
        <div
          data-testid="setup-preview"
          className="flex aspect-video w-full flex-col overflow-hidden rounded-md border border-strong bg-ground px-[1cqw] whitespace-nowrap"
        >
          <span className="font-semibold" style={size(firstLevelArcMinutes)}>
            {t('setUp.sample')}
          </span>
          <span
            className="grid min-h-0 flex-1 grid-cols-12 grid-rows-12 border-t border-line text-quiet"
            style={size(bodyArcMinutes)}
          >
            {parts.map(({ word, area }) => (
              <span key={word} className={`overflow-hidden border-b border-line p-[0.3em] ${area}`}>
                {t(word)}
              </span>
            ))}
          </span>
        </div>
      </div>
      <figcaption className={`mt-1 text-xs ${rows < rowsMin ? 'text-waiting' : 'text-quiet'}`}>
        {rows < rowsMin
          ? t('setUp.tooFar', { rows, wanted: rowsMin })
          : t('setUp.height', { millimetres, rows })}
      </figcaption>
    </figure>
  )
}
