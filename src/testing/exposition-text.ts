/** Samples of Prometheus' text format by their series: `tasks_total{status="failed"}` → 3. Throws for a line that is none. */
export function seriesIn(text: string): ReadonlyMap<string, number> {
  const series = new Map<string, number>()
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue
    const match = /^([a-z_]+(?:\{(?:[a-z_]+="(?:[^"\\\n]|\\.)*",?)*\})?) (\S+)$/i.exec(line)
    if (match?.[1] === undefined || Number.isNaN(Number(match[2])) || series.has(match[1]))
      throw new Error(`not a sample, or told twice: ${line}`)
    series.set(match[1], Number(match[2]))
  }
  return series
}

/** Names and types that the text declares. */
export const typesIn = (text: string): ReadonlyMap<string, string> =>
  new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name ?? '', type ?? '']))
