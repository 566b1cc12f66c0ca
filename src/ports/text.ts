/** UTF-8, which the pure rooms cannot reach by themselves. */
export interface Text {
  encode(text: string): Uint8Array
  decode(bytes: Uint8Array): string
}
