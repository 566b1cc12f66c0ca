import { useEffect, useRef, useState } from 'react'
import { Button } from './button.js'
import { KeyCaps } from './key-caps.js'
import { actsOf, type BoundKey, collisionOf, keyName, sequenceMs, useAllKeys } from './keys.js'
import { setPreferences, usePreferences } from './preferences.js'
import { useTranslation } from './translation.js'

/** Every act that has a key now; each can be given another. */
export function KeyList() {
  const { t } = useTranslation()
  const bound = useAllKeys()
  const chosen = usePreferences().keys
  const [asking, ask] = useState<string | null>(null)
  const [collision, tell] = useState<{ readonly id: string; readonly label: string } | null>(null)
  const acts = actsOf(bound).filter((act) => act.standard !== '')
  const groups = [...new Set(acts.map((act) => act.group))]
  const take = (act: BoundKey, keys: string) => {
    ask(null)
    const other = collisionOf(acts, act.id, keys)
    tell(other === null ? null : { id: act.id, label: other.label })
    if (other === null) setPreferences({ keys: withKey(chosen, act, keys) })
  }
  return (
    <>
      <div className="columns-1 gap-8 sm:columns-2">
        {groups.map((group) => (
          <section key={group} className="mb-5 break-inside-avoid">
            <h3 className="mb-1 text-xs text-quiet">{group}</h3>
            <ul>
              {acts
                .filter((act) => act.group === group)
                .map((act) => (
                  <li key={act.id} data-testid={`key-${act.id}`} className="min-h-7 py-0.5">
                    <span className="flex items-center justify-between gap-3">
                      <span className="min-w-0">{act.label}</span>
                      <button
                        type="button"
                        aria-label={t('keyList.change', { name: act.label, keys: act.keys })}
                        onClick={() => {
                          tell(null)
                          ask(act.id)
                        }}
                        className="flex min-h-6 shrink-0 items-center rounded px-1 hover:bg-raised"
                      >
                        {asking === act.id ? (
                          <Recorder onKeys={(keys) => take(act, keys)} onCancel={() => ask(null)} />
                        ) : (
                          <KeyCaps keys={act.keys} />
                        )}
                      </button>
                    </span>
                    {collision?.id === act.id ? (
                      <span role="alert" className="block text-xs text-failed">
                        {t('keyList.taken', { name: collision.label })}
                      </span>
                    ) : null}
                  </li>
                ))}
            </ul>
          </section>
        ))}
      </div>
      <div className="flex flex-wrap items-center gap-3 border-t border-line pt-3 text-quiet">
        <span className="min-w-0 flex-1">{t('keyList.hint')}</span>
        {Object.keys(chosen).length === 0 ? null : (
          <Button onClick={() => setPreferences({ keys: {} })}>{t('keyList.reset')}</Button>
        )}
      </div>
    </>
  )
}

/** The standard keys need not be kept. */
function withKey(chosen: Readonly<Record<string, string>>, act: BoundKey, keys: string) {
  const { [act.id]: _, ...rest } = chosen
  return keys === act.standard ? rest : { ...rest, [act.id]: keys }
}

/** Listens for a key, or two in a row; Escape leaves it as it was. */
function Recorder({ onKeys, onCancel }: { onKeys(keys: string): void; onCancel(): void }) {
  const { t } = useTranslation()
  const [first, setFirst] = useState<string | null>(null)
  const latest = useRef({ onKeys, onCancel })
  latest.current = { onKeys, onCancel }
  useEffect(() => {
    const listener = (event: KeyboardEvent) => {
      const name = keyName(event)
      if (name === null || name === 'Tab') return
      // Neither the dialog nor the page must take it.
      event.preventDefault()
      event.stopImmediatePropagation()
      if (name === 'Escape') latest.current.onCancel()
      else if (first !== null) latest.current.onKeys(`${first} ${name}`)
      else if (name.startsWith('Mod+')) latest.current.onKeys(name)
      else setFirst(name)
    }
    addEventListener('keydown', listener, true)
    const timer = first === null ? undefined : setTimeout(() => latest.current.onKeys(first), sequenceMs)
    return () => {
      removeEventListener('keydown', listener, true)
      clearTimeout(timer)
    }
  }, [first])
  return (
    <span role="status" className="shrink-0 text-busy">
      {first === null ? t('keyList.press') : <KeyCaps keys={first} />}
    </span>
  )
}
