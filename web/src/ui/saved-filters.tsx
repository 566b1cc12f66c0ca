import { type FormEvent, useState } from 'react'
import { Button, IconButton } from './button.js'
import { Dialog } from './dialog.js'
import { Field, TextInput } from './field.js'
import { Notice } from './panel.js'
import { type SavedFilter, setPreferences, usePreferences } from './preferences.js'
import { useTranslation } from './translation.js'
import { goTo, hrefTo, usePlace } from './url.js'

/** Filters of a screen that a person keeps by name in this browser; at most this many, the oldest go. */
const savedMax = 50

/** Filters kept by name: opens one, keeps the one in the address, deletes. `names`: parameters that make a filter. */
export function SavedFilters({ names }: { names: readonly string[] }) {
  const { t } = useTranslation()
  const [open, setOpen] = useState(false)
  return (
    <>
      <Button look="bare" onClick={() => setOpen(true)}>
        {t('saved.open')}
      </Button>
      <Dialog open={open} onClose={() => setOpen(false)} title={t('saved.title')}>
        <Saved names={names} onClose={() => setOpen(false)} />
      </Dialog>
    </>
  )
}

function Saved({ names, onClose }: { names: readonly string[]; onClose(): void }) {
  const { t } = useTranslation()
  const place = usePlace()
  const { savedFilters } = usePreferences()
  const here = savedFilters.filter((filter) => filter.screen === place.screen)
  const params = Object.fromEntries(names.flatMap((name) => pair(name, place.params.get(name))))
  const keep = (change: (all: readonly SavedFilter[]) => readonly SavedFilter[]) =>
    setPreferences({ savedFilters: change(savedFilters).slice(-savedMax) })
  return (
    <div className="flex flex-col gap-4">
      {here.length === 0 ? (
        <Notice title={t('saved.empty')} />
      ) : (
        <ul className="flex flex-col">
          {here.map((filter) => (
            <li key={filter.name} className="flex items-center gap-2 border-b border-line">
              <button
                type="button"
                className="min-h-8 flex-1 text-left hover:underline"
                onClick={() => {
                  goTo(hrefTo(place, place.screen, filter.params))
                  onClose()
                }}
              >
                {filter.name}
              </button>
              <IconButton
                icon="close"
                label={t('saved.delete', { name: filter.name })}
                onClick={() => keep((all) => all.filter((each) => each !== filter))}
              />
            </li>
          ))}
        </ul>
      )}
      {Object.keys(params).length === 0 ? (
        <p className="text-quiet">{t('saved.nothing')}</p>
      ) : (
        <SaveForm
          onSave={(name) =>
            keep((all) => [
              ...all.filter((each) => each.screen !== place.screen || each.name !== name),
              { screen: place.screen, name, params },
            ])
          }
        />
      )}
    </div>
  )
}

const pair = (name: string, value: string | null): [string, string][] =>
  value === null || value === '' ? [] : [[name, value]]

function SaveForm({ onSave }: { onSave(name: string): void }) {
  const { t } = useTranslation()
  const [name, setName] = useState('')
  const save = (event: FormEvent) => {
    event.preventDefault()
    onSave(name.trim())
    setName('')
  }
  return (
    <form className="flex items-end gap-2" onSubmit={save}>
      <span className="flex-1">
        <Field label={t('saved.name')}>
          <TextInput required maxLength={60} value={name} onChange={(event) => setName(event.target.value)} />
        </Field>
      </span>
      <Button look="primary" type="submit" disabled={name.trim() === ''}>
        {t('saved.save')}
      </Button>
    </form>
  )
}
