import { useEffect, useRef, useSyncExternalStore } from 'react'

/** One key or sequence ("g o") and what it does. The registry makes both the keys and their help. */
export interface KeyBinding {
  readonly keys: string
  /** Already in the reader's language. */
  readonly label: string
  readonly group: string
  /** False: not handled after all; the key goes on. */
  run(): boolean | undefined
}

/** The part of a KeyboardEvent that decides. */
export interface KeyPress {
  readonly key: string
  readonly keyCode: number
  readonly isComposing: boolean
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
  /** The focus is where text is typed, or in a dialog that has keys of its own. */
  readonly inText: boolean
}

/** The second key of a sequence must follow within this. */
const sequenceMs = 1_200
/** Key code that browsers give while an input method composes. */
const composingKeyCode = 229

/** All keys of the page. What was bound last wins, so that a dialog or a list goes before the shell. */
export class KeyRegistry {
  #bindings: readonly KeyBinding[] = []
  #pending: { readonly key: string; readonly atMs: number } | null = null
  readonly #listeners = new Set<() => void>()

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
  readonly read = (): readonly KeyBinding[] => this.#bindings

  bind(bindings: readonly KeyBinding[]): () => void {
    this.#set([...bindings, ...this.#bindings])
    return () => this.#set(this.#bindings.filter((binding) => !bindings.includes(binding)))
  }

  /** True: the key is used up. */
  press(press: KeyPress, nowMs: number): boolean {
    if (press.isComposing || press.keyCode === composingKeyCode || press.inText) return false
    if (press.ctrlKey || press.metaKey || press.altKey) return false
    const pending =
      this.#pending !== null && nowMs - this.#pending.atMs <= sequenceMs ? this.#pending.key : null
    this.#pending = null
    if (pending !== null && this.#run(`${pending} ${press.key}`)) return true
    if (this.#bindings.some((binding) => binding.keys.startsWith(`${press.key} `))) {
      this.#pending = { key: press.key, atMs: nowMs }
      return true
    }
    return this.#run(press.key)
  }

  #run(keys: string): boolean {
    return this.#bindings.some((binding) => binding.keys === keys && binding.run() !== false)
  }

  #set(bindings: readonly KeyBinding[]): void {
    this.#bindings = bindings
    for (const listener of this.#listeners) listener()
  }
}

/** The page's registry. */
const keys = new KeyRegistry()

/** Binds while the component is on screen; `run` may change without binding anew. */
export function useKeys(bindings: readonly KeyBinding[]): void {
  const latest = useRef(bindings)
  latest.current = bindings
  const shape = bindings.map((binding) => `${binding.keys}\t${binding.group}\t${binding.label}`).join('\n')
  useEffect(() => {
    const names = shape === '' ? [] : shape.split('\n')
    return keys.bind(
      names.map((name, index) => {
        const [sequence = '', group = '', label = ''] = name.split('\t')
        return { keys: sequence, group, label, run: () => latest.current[index]?.run() }
      }),
    )
  }, [shape])
}

export function useAllKeys(): readonly KeyBinding[] {
  return useSyncExternalStore(keys.subscribe, keys.read)
}

/** Sends the window's keys to the registry. */
export function listenForKeys(): () => void {
  const listener = (event: KeyboardEvent) => {
    if (event.defaultPrevented) return
    const { target } = event
    const inText =
      target instanceof HTMLElement &&
      (target.isContentEditable ||
        ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName) ||
        target.closest('[role="dialog"]') !== null)
    const { key, keyCode, isComposing, ctrlKey, metaKey, altKey } = event
    const press = { key, keyCode, isComposing, ctrlKey, metaKey, altKey, inText }
    if (keys.press(press, Date.now())) event.preventDefault()
  }
  addEventListener('keydown', listener)
  return () => removeEventListener('keydown', listener)
}
