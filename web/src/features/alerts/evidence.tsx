import type { Alert } from '../../live/protocol.js'
import { reveal } from '../../ui/ansi.js'
import { bytes, span } from '../../ui/format.js'
import { useTranslation } from '../../ui/translation.js'

type StallEvidence = NonNullable<Alert['evidence']>

/** What the stall watch saw: what it waits for, its last lines, its processes as a tree. */
export function Evidence({ evidence }: { evidence: StallEvidence }) {
  const { t } = useTranslation()
  return (
    <div className="grid gap-x-6 gap-y-3 xl:grid-cols-2">
      <div className="min-w-0">
        <h3 className="mb-1 text-xs text-quiet">{t('evidence.lines')}</h3>
        {evidence.lines.length === 0 ? (
          <p className="text-quiet">{t('evidence.noLines')}</p>
        ) : (
          <pre className="max-h-44 overflow-auto rounded-md bg-panel px-3 py-2 font-mono text-xs break-words whitespace-pre-wrap">
            {evidence.lines.map(reveal).join('\n')}
          </pre>
        )}
      </div>
      <div className="min-w-0">
        <h3 className="mb-1 text-xs text-quiet">
          {t('evidence.processes', { cores: evidence.cpuCores.toFixed(2) })}
        </h3>
        <ProcessTree processes={evidence.processes} />
        {evidence.waitingFor === '' ? null : (
          <p className="mt-2">
            <span className="text-quiet">{t('evidence.waitingFor')} </span>
            {reveal(evidence.waitingFor)}
          </p>
        )}
      </div>
    </div>
  )
}

type Process = StallEvidence['processes'][number]

function ProcessTree({ processes }: { processes: readonly Process[] }) {
  const { t, i18n } = useTranslation()
  if (processes.length === 0) return <p className="text-quiet">{t('evidence.noProcesses')}</p>
  return (
    <div className="max-h-44 overflow-auto">
      <table className="w-full text-left text-xs">
        <thead className="text-quiet">
          <tr>
            <th className="pr-3 font-normal">{t('evidence.process')}</th>
            <th className="pr-3 font-normal">{t('evidence.state')}</th>
            <th className="pr-3 text-right font-normal">CPU</th>
            <th className="text-right font-normal">{t('meter.memory')}</th>
          </tr>
        </thead>
        <tbody>
          {inTree(processes).map(({ process, depth }) => (
            <tr key={process.pid}>
              <td
                className="max-w-0 truncate pr-3 font-mono"
                title={process.command}
                style={{ width: '60%' }}
              >
                <span className="text-quiet">
                  {'  '.repeat(depth)}
                  {process.pid}
                </span>{' '}
                {reveal(process.command)}
              </td>
              <td className="pr-3">
                {isKnownState(process.state) ? t(`process.${process.state}`) : process.state}
              </td>
              <td className="figure pr-3 text-right">{span(process.cpuMs, i18n.language)}</td>
              <td className="figure text-right">{bytes(process.memoryBytes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** Linux's letters; another system's word stands as it is. */
const isKnownState = (state: string): state is 'R' | 'S' | 'D' | 'T' | 'Z' => /^[RSDTZ]$/.test(state)

/** Parents before their children; a process whose parent is not listed is a root. */
export function inTree(
  processes: readonly Process[],
): readonly { readonly process: Process; readonly depth: number }[] {
  const pids = new Set(processes.map((process) => process.pid))
  const childrenOf = new Map<number, Process[]>()
  for (const process of processes) {
    const isChild = pids.has(process.parentPid) && process.parentPid !== process.pid
    const parent = isChild ? process.parentPid : 0
    childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), process])
  }
  const rows: { process: Process; depth: number }[] = []
  const stack = (childrenOf.get(0) ?? []).map((process) => ({ process, depth: 0 })).reverse()
  const seen = new Set<number>()
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (seen.has(next.process.pid)) continue
    seen.add(next.process.pid)
    rows.push(next)
    const depth = next.depth + 1
    for (const child of [...(childrenOf.get(next.process.pid) ?? [])].reverse())
      stack.push({ process: child, depth })
  }
  return rows
}
