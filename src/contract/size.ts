const units: Readonly<Record<string, number>> = {
  '': 1,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
}

/** `0`, `1048576`, `512MiB`, `1.5GiB` → bytes; null for anything else. */
export function parseSize(text: string): number | null {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?) ?([KMGT]iB)?$/.exec(text) ?? []
  return number === undefined ? null : Math.round(Number(number) * (units[unit] ?? 1))
}

/** `40 MiB`, `1.2 GiB`. */
export function sizeText(bytes: number): string {
  const names = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < names.length - 1) {
    value /= 1024
    unit += 1
  }
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${names[unit]}`
}
