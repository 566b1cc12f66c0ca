import { useSyncExternalStore } from 'react'

/** A value outside React: the same object until it changes. */
export interface Observable<T> {
  subscribe(listener: () => void): () => void
  read(): T
}

export function useObservable<T>(observable: Observable<T>): T {
  return useSyncExternalStore(observable.subscribe, observable.read)
}
