import { Dialog } from '../ui/dialog.js'
import { useAllKeys } from '../ui/keys.js'
import { useTranslation } from '../ui/translation.js'

const symbols: Readonly<Record<string, string>> = {
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  Escape: 'Esc',
}

/** Every key that works now, from the same registry that makes it work. */
export function KeySheet({ open, onClose }: { open: boolean; onClose(): void }) {
  const { t } = useTranslation()
  const bindings = useAllKeys()
  const first = bindings.filter(
    (binding, index) => bindings.findIndex((other) => other.keys === binding.keys) === index,
  )
  const groups = [...new Set(first.map((binding) => binding.group))]
  return (
    <Dialog open={open} onClose={onClose} title={t('keys.title')} wide>
      <div className="columns-1 gap-8 sm:columns-2">
        {groups.map((group) => (
          <section key={group} className="mb-5 break-inside-avoid">
            <h3 className="mb-1 text-xs text-quiet">{group}</h3>
            <dl>
              {first
                .filter((binding) => binding.group === group)
                .map((binding) => (
                  <div key={binding.keys} className="flex items-center justify-between gap-3 py-0.5">
                    <dt>{binding.label}</dt>
                    <dd className="flex items-center gap-1">
                      {binding.keys.split(' ').map((key) => (
                        <kbd
                          key={key}
                          className="min-w-6 rounded border border-line bg-ground px-1.5 text-center font-mono text-xs"
                        >
                          {symbols[key] ?? key}
                        </kbd>
                      ))}
                    </dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  )
}
