/** What one line of output says (docs/performance.md). Without a reference: reference and ratio are null. */
export interface Row {
  readonly name: string
  readonly ours: number
  readonly reference: number | null
  readonly ratio: number | null
  readonly unit: string
  readonly better: 'higher' | 'lower'
  /** What the ratio (without a reference: ours) has to reach; null = printed beside the reference only. */
  readonly bar: number | null
  readonly pass: boolean | null
  readonly rounds: number
  /** (largest − smallest) ÷ median of the rounds' ratios (without a reference: of ours). */
  readonly spread: number
  readonly fsync: 'each-commit' | 'each-second' | 'none'
  readonly note: string
}

export interface BenchOptions {
  /** Fewer and shorter rounds: shows that it runs, is never quoted. */
  readonly quick: boolean
  /** Which queues `queue` is measured beside; null = its default. */
  readonly peers: readonly string[] | null
  /** How long `web` keeps a wall open while it looks for a leak; null = not at all, with quick for two minutes. */
  readonly soakMinutes: number | null
}

/** One file of bench/: measures and gives its rows. */
export type Bench = (options: BenchOptions) => Promise<readonly Row[]>

export interface Measurement {
  readonly ours: number
  readonly reference: number | null
}

export const roundsOf = ({ quick }: Pick<BenchOptions, 'quick'>): number => (quick ? 1 : 7)

export function median(values: readonly number[]): number {
  return percentile(values, 0.5)
}

/** Nearest rank, `fraction` in (0, 1]; NaN without values. */
export function percentile(values: readonly number[], fraction: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(fraction * sorted.length) - 1)] ?? Number.NaN
}

type Description = Pick<Row, 'name' | 'unit' | 'better' | 'bar' | 'fsync' | 'note'>

/** The row of several rounds: medians of both sides, their ratio, and how far the rounds lie apart. */
export function rowOf(description: Description, measured: readonly Measurement[]): Row {
  const ours = median(measured.map((round) => round.ours))
  const references = measured.flatMap((round) => round.reference ?? [])
  const reference = references.length === 0 ? null : median(references)
  const ratio = reference === null ? null : ours / reference
  const compared = measured.map((round) =>
    round.reference === null ? round.ours : round.ours / round.reference,
  )
  const judged = ratio ?? ours
  const { name, unit, better, bar, fsync, note } = description
  return {
    name,
    ours: rounded(ours),
    reference: reference === null ? null : rounded(reference),
    ratio: ratio === null ? null : rounded(ratio),
    unit,
    better,
    bar,
    pass: bar === null ? null : better === 'higher' ? judged >= bar : judged <= bar,
    rounds: measured.length,
    spread: spreadOf(compared),
    fsync,
    note,
  }
}

/** 0 where all rounds say the same, be it nothing. */
function spreadOf(values: readonly number[]): number {
  const [least, most] = [Math.min(...values), Math.max(...values)]
  return least === most ? 0 : rounded((most - least) / median(values))
}

/** Runs rounds of ours and of the reference in turn, so that a machine that drifts drifts for both. */
export async function alternate(
  rounds: number,
  sides: { readonly ours: () => Promise<number>; readonly reference: () => Promise<number> },
): Promise<readonly Measurement[]> {
  const measured: Measurement[] = []
  for (let round = 0; round < rounds; round += 1) {
    // The side that goes first changes each round.
    if (round % 2 === 0) measured.push({ ours: await sides.ours(), reference: await sides.reference() })
    else {
      const reference = await sides.reference()
      measured.push({ ours: await sides.ours(), reference })
    }
  }
  return measured
}

/** Four significant digits. */
export const rounded = (value: number): number => Number(value.toPrecision(4))
