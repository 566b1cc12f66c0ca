import { useEffect, useRef, useSyncExternalStore } from 'react'

/**
 * An act: the key or sequence ("g o", "Mod+k") that does it, and its words. The one registry of them makes the keys,
 * the palette and the sheet.
 */
export interface KeyBinding {
  /** What a person's own choice of a key is kept under; the standard keys when absent. */
  readonly id?: string
  /** The standard keys; '' = none, it stands in the palette only. Mod is Control, or Command on a Mac. */
  readonly keys: string
  /** Already in the reader's language. */
  readonly label: string
  /** The label in the other language, so that the palette finds it by either. */
  readonly also?: string
  readonly group: string
  /** False: it makes sense as a key only (the next row). */
  readonly inPalette?: false
  /** False: not handled after all; the key goes on. */
  run(): boolean | undefined
}

/** An act as it is bound now. */
export interface BoundKey extends KeyBinding {
  readonly id: string
  /** The keys that do it: those that the person chose, else the standard ones. */
  readonly keys: string
  readonly standard: string
}

/** Keys that a person chose, by the id of the act. */
export type ChosenKeys = Readonly<Record<string, string>>

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
export const sequenceMs = 1_200
/** Key code that browsers give while an input method composes. */
const composingKeyCode = 229
const modifiers: readonly string[] = [
  'Shift',
  'Control',
  'Alt',
  'Meta',
  'AltGraph',
  'CapsLock',
  'Dead',
  'Process',
]

/** "k", "Mod+k", "ArrowUp"; null: no key of ours, or an input method composes. */
export function keyName(press: Omit<KeyPress, 'inText'>): string | null {
  if (press.isComposing || press.keyCode === composingKeyCode) return null
  if (press.altKey || modifiers.includes(press.key)) return null
  return press.ctrlKey || press.metaKey ? `Mod+${press.key.toLowerCase()}` : press.key
}

/** All acts of the page. What was bound last wins, so that a dialog or a list goes before the shell. */
export class KeyRegistry {
  #bindings: readonly KeyBinding[] = []
  #bound: readonly BoundKey[] = []
  #chosen: ChosenKeys = {}
  #pending: { readonly key: string; readonly atMs: number } | null = null
  readonly #listeners = new Set<() => void>()

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
  readonly read = (): readonly BoundKey[] => this.#bound

  bind(bindings: readonly KeyBinding[]): () => void {
    this.#set([...bindings, ...this.#bindings])
    return () => this.#set(this.#bindings.filter((binding) => !bindings.includes(binding)))
  }

  /** From now on these keys stand in place of the standard ones. */
  choose(chosen: ChosenKeys): void {
    this.#chosen = chosen
    this.#set(this.#bindings)
  }

  /** True: the key is used up. */
  press(press: KeyPress, nowMs: number): boolean {
    const name = keyName(press)
    if (name === null) return false
    // With Mod nobody writes: these work in a text too.
    if (name.startsWith('Mod+')) return this.#run(name)
    if (press.inText) return false
    const pending =
      this.#pending !== null && nowMs - this.#pending.atMs <= sequenceMs ? this.#pending.key : null
    this.#pending = null
    if (pending !== null && this.#run(`${pending} ${name}`)) return true
    if (this.#bound.some((bound) => bound.keys.startsWith(`${name} `))) {
      this.#pending = { key: name, atMs: nowMs }
      return true
    }
    return this.#run(name)
  }

  #run(keys: string): boolean {
    return this.#bound.some((bound) => bound.keys === keys && bound.run() !== false)
  }

  #set(bindings: readonly KeyBinding[]): void {
    this.#bindings = bindings
    this.#bound = bindings.map((binding) => {
      const id = binding.id ?? binding.keys
      return { ...binding, id, keys: this.#chosen[id] ?? binding.keys, standard: binding.keys }
    })
    for (const listener of this.#listeners) listener()
  }
}

/** Each act once: what was bound last hides an earlier one of the same id. */
export function actsOf(bound: readonly BoundKey[]): readonly BoundKey[] {
  return bound.filter((act, index) => bound.findIndex((other) => other.id === act.id) === index)
}

/** The act that these keys would collide with: the same keys, or one is the beginning of the other's sequence. */
export function collisionOf(bound: readonly BoundKey[], id: string, keys: string): BoundKey | null {
  const begins = (a: string, b: string): boolean => a !== '' && (a === b || b.startsWith(`${a} `))
  return bound.find((act) => act.id !== id && (begins(act.keys, keys) || begins(keys, act.keys))) ?? null
}

/** The page's registry. */
const keys = new KeyRegistry()

/** Binds while the component is on screen; `run` may change without binding anew. */
export function useKeys(bindings: readonly KeyBinding[]): void {
  const latest = useRef(bindings)
  latest.current = bindings
  const shape = JSON.stringify(bindings)
  useEffect(() => {
    const shapes = JSON.parse(shape) as Omit<KeyBinding, 'run'>[]
    return keys.bind(shapes.map((each, index) => ({ ...each, run: () => latest.current[index]?.run() })))
  }, [shape])
}

export function useAllKeys(): readonly BoundKey[] {
  return useSyncExternalStore(keys.subscribe, keys.read)
}

/** Keeps the registry at what the person chose. */
export function useChosenKeys(chosen: ChosenKeys): void {
  useEffect(() => keys.choose(chosen), [chosen])
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
