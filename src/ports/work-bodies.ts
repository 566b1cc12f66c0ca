/**
 * Items of batches that are not decided yet, as text. A record of its own beside the journal: events carry only what
 * was made of the items, and the text goes when the batch is over.
 */
export interface WorkBodies {
  /** Durable when it resolves. The same place again changes nothing. */
  put(bodyId: string, fromIndex: number, items: readonly string[]): Promise<void>
  /** Items from `fromIndex` on, ascending: at most `itemsMax`, and no further one once they have `charsMax` characters. */
  read(
    bodyId: string,
    fromIndex: number,
    most: { readonly itemsMax: number; readonly charsMax: number },
  ): Promise<readonly string[]>
  /** Forgets all items of a body; one that is not there is none. */
  drop(bodyId: string): Promise<void>
  /** Every body that has items. */
  bodyIds(): Promise<readonly string[]>
}
