/** A FRAME that covers (from, to] of the subscription. */
export function encodeFrame(from: number, to: number, jsons: readonly string[]): string {
  return `{"type":"FRAME","from":${from},"to":${to},"messages":[${jsons.join(',')}]}`
}
