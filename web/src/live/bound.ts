/** A limit that only a defect of the page can reach. */
export function assertBelow(count: number, max: number, what: string): void {
  if (count >= max) throw new Error(`too many ${what}: ${count}, at most ${max}`)
}
