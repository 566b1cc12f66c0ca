import { useState } from 'react'
import { Button } from './button.js'
import { useTranslation } from './translation.js'

/** Words to take elsewhere: selectable, with a button that copies them and says so. */
export function CopyText({ label, text }: { label: string; text: string }) {
  const { t } = useTranslation()
  const [copied, setCopied] = useState<string | null>(null)
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      setCopied(text)
    } catch {
      // Without a secure context there is no clipboard; the words can be selected.
      setCopied(null)
    }
  }
  return (
    <div className="flex flex-col gap-1">
      <div className="flex items-center justify-between gap-2">
        <span className="text-xs text-quiet">{label}</span>
        {'clipboard' in navigator ? (
          <Button look="bare" onClick={() => void copy()}>
            <span aria-live="polite">{t(copied === text ? 'copy.done' : 'copy.act')}</span>
          </Button>
        ) : null}
      </div>
      <pre className="rounded-md whitespace-pre-wrap [overflow-wrap:anywhere] border border-line bg-ground p-2.5 font-mono text-xs select-all">
        {text}
      </pre>
    </div>
  )
}
