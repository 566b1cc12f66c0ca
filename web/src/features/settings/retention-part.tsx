import { type FormEvent, useEffect, useState } from 'react'
import { useSelector } from 'react-redux'
import type { RetentionView } from '../../../../src/contract/retention.js'
import { live } from '../../live/live.js'
import type { WallState } from '../../live/store.js'
import { Button } from '../../ui/button.js'
import { Field, TextInput } from '../../ui/field.js'
import { bytes } from '../../ui/format.js'
import { useTranslation } from '../../ui/translation.js'
import { useAct } from '../../ui/use-act.js'
import { Part } from './settings-part.js'

const path = '/api/settings/retention'
const dayMs = 24 * 3_600_000
const gibibyte = 1024 ** 3

/** How much of the past is kept, and so how far time travel reaches. */
export function RetentionPart() {
  const { t } = useTranslation()
  const term = useSelector((state: WallState) =>
    state.connection.phase === 'live' ? state.connection.term : null,
  )
  const [kept, setKept] = useState<RetentionView | null>(null)
  const act = useAct()
  // biome-ignore lint/correctness/useExhaustiveDependencies: another term may be another leader.
  useEffect(() => {
    const abort = new AbortController()
    live.rest.get<RetentionView>(path, abort.signal).then(setKept, () => {
      // The next term asks again; until then nothing is shown that could be wrong.
    })
    return () => abort.abort()
  }, [term])
  const choose = (body: unknown) =>
    act.run(async () => setKept(await live.rest.put<RetentionView>(path, body)))
  return (
    <Part title={t('retention.title')}>
      <p className="text-quiet">{t('retention.hint')}</p>
      {kept === null ? null : (
        <Bounds
          key={JSON.stringify(kept)}
          kept={kept}
          busy={act.busy}
          onChoose={(body) => void choose(body)}
        />
      )}
      {act.refusal === null ? null : (
        <p role="alert" className="text-failed">
          {act.refusal}
        </p>
      )}
    </Part>
  )
}

function Bounds({
  kept,
  busy,
  onChoose,
}: {
  kept: RetentionView
  busy: boolean
  onChoose(body: unknown): void
}) {
  const { t } = useTranslation()
  const { builtIn } = kept
  const [days, setDays] = useState(String(round(kept.journalMs / dayMs)))
  const [size, setSize] = useState(String(round(kept.journalBytes / gibibyte)))
  const [lines, setLines] = useState(String(kept.lines))
  const isBuiltIn =
    kept.journalMs === builtIn.journalMs &&
    kept.journalBytes === builtIn.journalBytes &&
    kept.lines === builtIn.lines
  const submit = (event: FormEvent) => {
    event.preventDefault()
    onChoose({
      journalMs: Math.round(Number(days) * dayMs),
      journalBytes: Math.round(Number(size) * gibibyte),
      lines: Number(lines),
    })
  }
  const field = (label: string, hint: string, value: string, set: (value: string) => void, step: string) => (
    <Field label={label} hint={hint}>
      <TextInput
        type="number"
        min={0}
        step={step}
        required
        value={value}
        onChange={(event) => set(event.target.value)}
      />
    </Field>
  )
  return (
    <form className="flex flex-col gap-3" onSubmit={submit}>
      <div className="grid gap-3 sm:grid-cols-3">
        {field(
          t('retention.days'),
          t('retention.builtIn', { value: round(builtIn.journalMs / dayMs) }),
          days,
          setDays,
          'any',
        )}
        {field(
          t('retention.size'),
          t('retention.builtIn', { value: bytes(builtIn.journalBytes) }),
          size,
          setSize,
          'any',
        )}
        {field(t('retention.lines'), t('retention.builtIn', { value: builtIn.lines }), lines, setLines, '1')}
      </div>
      <div className="flex gap-2">
        <Button acts type="submit" disabled={busy}>
          {t('retention.save')}
        </Button>
        {isBuiltIn ? null : (
          <Button
            acts
            look="bare"
            disabled={busy}
            onClick={() => onChoose({ journalMs: null, journalBytes: null, lines: null })}
          >
            {t('retention.reset')}
          </Button>
        )}
      </div>
    </form>
  )
}

const round = (value: number): number => Math.round(value * 100) / 100
