import { useEffect, useRef, useState } from 'react'
import { bounds } from '../../live/bounds.js'
import { type ExportFormat, exportLines, fileOf } from '../../live/export-lines.js'
import { live } from '../../live/live.js'
import type { LineQuery } from '../../live/protocol.js'
import { Button } from '../../ui/button.js'
import { Dialog } from '../../ui/dialog.js'
import { Field, Select } from '../../ui/field.js'
import { useRefusal } from '../../ui/refusal.js'
import { useTranslation } from '../../ui/translation.js'

type Export =
  | { readonly phase: 'asked' }
  | { readonly phase: 'reading'; readonly lines: number }
  | { readonly phase: 'done'; readonly lines: number; readonly isCut: boolean }
  | { readonly phase: 'failed'; readonly cause: unknown }

/** Saves every line that matches the filter, not only those on screen. Closing it stops the reading. */
export function ExportDialog({ query, onClose }: { query: LineQuery; onClose(): void }) {
  const { t } = useTranslation()
  const refusalOf = useRefusal()
  const [format, setFormat] = useState<ExportFormat>('text')
  const [state, setState] = useState<Export>({ phase: 'asked' })
  const abort = useRef(new AbortController())
  useEffect(() => () => abort.current.abort(), [])
  const start = async () => {
    setState({ phase: 'reading', lines: 0 })
    try {
      const { lines, isCut } = await exportLines(query, {
        get: (path, signal) => live.rest.get(path, signal),
        signal: abort.current.signal,
        onProgress: (count) => setState({ phase: 'reading', lines: count }),
      })
      save(fileOf(lines, format), format)
      setState({ phase: 'done', lines: lines.length, isCut })
    } catch (cause) {
      if (!abort.current.signal.aborted) setState({ phase: 'failed', cause })
    }
  }
  const isReading = state.phase === 'reading'
  return (
    <Dialog open onClose={onClose} title={t('logs.export')}>
      <div className="flex flex-col gap-4">
        <p className="text-quiet">{t('logs.exportWhat', { count: bounds.linesExported })}</p>
        <Field label={t('logs.format')}>
          <Select
            value={format}
            disabled={isReading}
            onChange={(event) => setFormat(event.target.value === 'ndjson' ? 'ndjson' : 'text')}
            choices={[
              { value: 'text', label: t('logs.formatText') },
              { value: 'ndjson', label: t('logs.formatNdjson') },
            ]}
          />
        </Field>
        <p role="status" className={state.phase === 'failed' ? 'text-failed' : 'text-quiet'}>
          {state.phase === 'reading' ? t('logs.exportReading', { count: state.lines }) : null}
          {state.phase === 'done'
            ? t(state.isCut ? 'logs.exportCut' : 'logs.exportDone', { count: state.lines })
            : null}
          {state.phase === 'failed' ? refusalOf(state.cause) : null}
        </p>
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{t(isReading ? 'cancel' : 'close')}</Button>
          <Button look="primary" disabled={isReading} onClick={() => void start()}>
            {t('logs.exportSave')}
          </Button>
        </div>
      </div>
    </Dialog>
  )
}

function save(file: Blob, format: ExportFormat): void {
  const link = document.createElement('a')
  const stamp = new Date().toISOString().slice(0, 19).replaceAll(':', '-')
  link.download = `agentflow-${stamp}.${format === 'text' ? 'log' : 'ndjson'}`
  link.href = URL.createObjectURL(file)
  link.click()
  // The browser has taken the file when the click returns; the address must not keep it in memory.
  URL.revokeObjectURL(link.href)
}
