import { bytes, clock, dateTime } from './format.js'
import { useTranslation, type WordKey } from './translation.js'

/** Every blank that is filled as it is. */
const noValues = {
  name: '',
  lacks: '',
  wanted: '',
  has: '',
  labels: '',
  slots: '',
  value: '',
  tasks: '',
  attempt: '',
}

type SentenceName<Key> = Key extends `wait.sentence.${infer Name}` ? Name : never

/** A sentence of the dictionary, and what fills its blanks. */
interface Sentence {
  readonly key: SentenceName<WordKey>
  readonly values: Readonly<Partial<Record<keyof typeof noValues, string | number>>>
  readonly memoryBytes: number | null
  readonly atMs: number | null
  readonly words: {
    readonly mode?: 'succeeded' | 'done' | 'any'
    readonly scope?: 'project' | 'capacity' | 'key' | 'agentKind'
    readonly hold?: 'cordoned' | 'draining' | 'drained'
  }
}

const dayMs = 24 * 3_600_000

/** Says why a task waits in the language of the page. */
export function useWaitWords(): (sentence: Sentence) => string {
  const { t } = useTranslation()
  return ({ key, values, memoryBytes, atMs, words: { mode, scope, hold } }) =>
    t(`wait.sentence.${key}`, {
      ...noValues,
      ...values,
      memory: memoryBytes === null ? '' : bytes(memoryBytes),
      time: atMs === null ? '' : atMs - Date.now() < dayMs ? clock(atMs) : dateTime(atMs),
      mode: mode === undefined ? '' : t(`wait.mode.${mode}`),
      scope: scope === undefined ? '' : t(`limit.scope.${scope}`),
      hold: hold === undefined ? '' : t(`wait.hold.${hold}`),
    })
}
