import { Counter, Gauge, Registry } from 'prom-client'

type Labels = Readonly<Record<string, string>>
/** Values of one metric by their labels. */
export type Samples = readonly (readonly [labels: Labels, value: number])[]

export interface Buckets {
  /** Upper bounds, rising. */
  readonly bounds: readonly number[]
  /** `counts` has one class more than there are bounds. */
  readonly series: readonly (readonly [labels: Labels, counts: readonly number[], sum: number])[]
}

/** The text of one scrape, made of numbers that somebody else counted; nothing is kept between two. */
export class Exposition {
  static readonly contentType = Registry.PROMETHEUS_CONTENT_TYPE
  readonly #registry = new Registry()
  #histograms = ''

  gauge(name: string, help: string, values: number | Samples): void {
    const samples = samplesOf(values)
    const gauge = new Gauge({ name, help, labelNames: labelNamesOf(samples), registers: [this.#registry] })
    for (const [labels, value] of samples) gauge.set(labels, value)
  }

  counter(name: string, help: string, values: number | Samples): void {
    const samples = samplesOf(values)
    const counter = new Counter({
      name,
      help,
      labelNames: labelNamesOf(samples),
      registers: [this.#registry],
    })
    for (const [labels, value] of samples) counter.inc(labels, value)
  }

  /** The library's histograms take single values only, not what was put into classes elsewhere. */
  histogram(name: string, help: string, { bounds, series }: Buckets): void {
    const lines = [`# HELP ${name} ${help}`, `# TYPE ${name} histogram`]
    for (const [labels, counts, sum] of series) {
      let below = 0
      for (const [index, le] of [...bounds.map(String), '+Inf'].entries()) {
        below += counts[index] ?? 0
        lines.push(`${name}_bucket${labelText({ ...labels, le })} ${below}`)
      }
      lines.push(`${name}_sum${labelText(labels)} ${sum}`, `${name}_count${labelText(labels)} ${below}`)
    }
    this.#histograms += `\n${lines.join('\n')}\n`
  }

  async text(): Promise<string> {
    return (await this.#registry.metrics()) + this.#histograms
  }
}

const samplesOf = (values: number | Samples): Samples =>
  typeof values === 'number' ? [[{}, values]] : values
/** Without a sample there is a label all the same: a metric without any would say 0. */
const labelNamesOf = (samples: Samples): string[] => Object.keys(samples[0]?.[0] ?? { none: '' })
const labelText = (labels: Labels): string =>
  `{${Object.entries(labels)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(',')}}`
